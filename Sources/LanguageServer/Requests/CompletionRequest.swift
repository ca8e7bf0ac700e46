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
    guard let place = CompletionPlace(offset, in: analysis.file, analysis.document.format) else { return [] }
    let source = CompletionSource(subject, place)
    let items =
      switch place.kind {
      case .key: source.keys
      case .value: source.values
      case .ignoredCode: source.codes
      }
    let range = analysis.positions.range(place.range)
    return .list(items.map { $0.form(range) })
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

  func form(_ range: ConfigValue) -> ConfigValue {
    let text = text ?? label
    var form: ConfigMapping = [
      "label": .string(label), "kind": .int(kind.rawValue), "textEdit": ["range": range, "newText": .string(text)],
    ]
    // What an editor compares with what is written so far, quotes included.
    if text.hasPrefix("\"") { form["filterText"] = .string("\"\(label)\"") }
    form["detail"] = detail.map { .string($0) }
    form["documentation"] = documentation.map { ["kind": "markdown", "value": .string($0)] }
    return .mapping(form)
  }
}
