import ConfigDocument
import Diagnostics
import LaunchModel
import Validation

/// `textDocument/completion`: the keys of a section, the words that a field takes, recipes, files, and the codes of rules.
enum CompletionRequest: DocumentRequest {
  static let method = "textDocument/completion"
  static let capability = (
    name: "completionProvider", value: ["triggerCharacters": ["\"", ":", " ", "/", "["]] as ConfigValue
  )

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let analysis = subject.analysis
    let offset = try subject.offset()
    guard analysis.form?.isForeign != true, !isInText(offset, analysis),
      let place = CompletionPlace(offset, in: analysis.file, analysis.document.format)
    else { return [] }
    let source = CompletionSource(subject, place)
    let items =
      switch place.kind {
      case .key: source.keys
      case .value: source.values
      case .ignoredCode: source.codes
      }
    let range = analysis.positions.range(place.range)
    let quote = analysis.file.text(in: place.range).first.flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
    return .list(items.enumerated().map { $1.form(range, quote: quote, number: $0) })
  }

  /// Whether a cursor is within a text of several lines, where every word is as good as another.
  private static func isInText(_ offset: Int, _ analysis: Analysis) -> Bool {
    guard let range = CursorPlace(offset, in: analysis.document.root)?.scalar?.range else { return false }
    return range.start < offset && analysis.file.text(in: range).contains(where: \.isNewline)
  }
}

/// One thing to choose.
struct CompletionItem {
  /// Numbers of `CompletionItemKind`.
  enum Kind: Int {
    case field = 5
    case module = 9
    case value = 12
    case file = 17
    case reference = 18
    case folder = 19
    case word = 20
  }

  let label: String
  let kind: Kind
  /// What is written, where it is another text.
  var text: String?
  var detail: String?
  var documentation: String?

  /// - Parameters:
  ///   - quote: what the word so far begins with.
  ///   - number: its place in the order, which editors else make one of the alphabet.
  func form(_ range: ConfigValue, quote: Character?, number: Int) -> ConfigValue {
    let digits = String(number)
    var form: ConfigMapping = [
      "label": .string(label), "kind": .int(kind.rawValue),
      "sortText": .string(String(repeating: "0", count: max(4 - digits.count, 0)) + digits),
      "textEdit": ["range": range, "newText": .string(text ?? label)],
    ]
    // What an editor compares with what is written so far, quotes included.
    if let quote { form["filterText"] = .string("\(quote)\(label)\(quote)") }
    form["detail"] = detail.map { .string($0) }
    form["documentation"] = documentation.map { ["kind": "markdown", "value": .string($0)] }
    return .mapping(form)
  }
}
