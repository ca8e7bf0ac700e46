import ConfigDocument
import FileAccess
import LaunchModel

/// What the rows of a file to finetune on are, as far as its beginning tells.
enum ExampleRows: Hashable, Sendable {
  /// What a row is.
  enum Form: String, Sendable {
    /// A conversation, under one of the names that Megatron-Bridge looks for.
    case conversation = "a conversation"
    /// A prompt and its completion.
    case pair = "a prompt with its completion"
    /// A text, all of which is learned.
    case text = "a text"

    init?(_ row: Node) {
      if ["messages", "conversations", "conversation"].contains(where: { row[$0] != nil }) {
        self = .conversation
      } else if [("prompt", "completion"), ("input", "output")].contains(where: { row[$0] != nil && row[$1] != nil }) {
        self = .pair
      } else if row["text"] != nil {
        self = .text
      } else {
        return nil
      }
    }
  }

  /// Nothing that can be told from here.
  case unseen
  case empty
  /// - Parameter isOurs: their keys are those that every release reads, `messages` or `input` and `output`.
  case all(Form, isOurs: Bool)
  /// A line that is of no form, or of another one than those before it.
  case broken(line: Int, Form?, before: Form?)
  /// A line without anything, which a release drops from the end of a file and cannot read elsewhere.
  case blank(line: Int)

  init(of path: String) {
    guard let head = try? InputFile.readHead(path, count: Self.headLength) else {
      self = .unseen
      return
    }
    var lines = head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // The last one may be cut.
    if head.count == Self.headLength, lines.count > 1 { lines.removeLast() }
    var found: (form: Form, isOurs: Bool)?
    var firstEmpty: Int?
    for (index, bytes) in lines.enumerated() {
      guard !bytes.isEmpty else {
        firstEmpty = firstEmpty ?? index
        continue
      }
      let line = String(decoding: bytes, as: UTF8.self)
      guard firstEmpty == nil, line.contains(where: { !$0.isWhitespace }) else {
        self = .blank(line: (firstEmpty ?? index) + 1)
        return
      }
      guard let row = DocumentReader.read(text: line, name: path, format: .json).root else {
        // No JSON, or a row that is longer than what is looked at: whoever reads it says so.
        guard found == nil else { break }
        self = .unseen
        return
      }
      let form = Form(row)
      guard let form, found == nil || found?.form == form else {
        self = .broken(line: index + 1, form, before: found?.form)
        return
      }
      let isOurs = row["messages"] != nil || row["input"] != nil && row["output"] != nil
      found = (form, isOurs && found?.isOurs != false)
    }
    if let found {
      // No release reads over a byte order mark.
      self = .all(found.form, isOurs: found.isOurs && !head.starts(with: [0xEF, 0xBB, 0xBF]))
    } else {
      self = head.count == Self.headLength ? .unseen : .empty
    }
  }

  var form: Form? { if case .all(let form, _) = self { form } else { nil } }

  /// Whether every release reads the rows as they lie; what cannot be seen is taken for such.
  var isOurs: Bool { if case .all(_, let isOurs) = self { isOurs } else { true } }

  /// What stands in the way of training on them, to follow the name of the file.
  var problem: Message? {
    switch self {
    case .unseen, .all: nil
    case .empty: "has no rows"
    case .blank(let line): "line \(line) is empty"
    case .broken(let line, nil, _):
      "line \(line) is neither a conversation, nor a prompt with its completion, nor a text"
    case .broken(let line, let form?, let before):
      "line \(line) is \(form.rawValue), and those before it are each \((before ?? form).rawValue): a file holds one kind"
    }
  }

  /// Enough for some rows; the program that prepares them looks at all.
  private static let headLength = 1 << 20
}
