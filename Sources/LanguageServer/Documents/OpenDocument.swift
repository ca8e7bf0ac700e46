import ConfigDocument
import Diagnostics

/// A document as it stands in an editor.
struct OpenDocument {
  let address: DocumentAddress
  /// `nil` goes by the name.
  let format: TextFormat?
  let encoding: PositionEncoding
  private(set) var version: ConfigValue
  private(set) var file: SourceFile

  /// What `textDocument/didOpen` says.
  init(_ item: ConfigValue?, _ encoding: PositionEncoding) throws(CallError) {
    guard let uri = item?["uri"]?.text, let text = item?["text"]?.text else {
      throw CallError(.invalidParams, "a document has a uri and a text")
    }
    address = DocumentAddress(uri: uri)
    format =
      switch item?["languageId"]?.text {
      case "json", "jsonc": .json
      case "yaml": .yaml
      default: nil
      }
    self.encoding = encoding
    version = item?["version"] ?? .null
    file = SourceFile(name: address.path, text: text)
  }

  /// Changes in order, each of a range or of the whole text.
  mutating func apply(_ changes: [ConfigValue], version: ConfigValue) throws(CallError) {
    for change in changes {
      guard let text = change["text"]?.text else { throw CallError(.invalidParams, "a change has a text") }
      var whole = text
      if let range = change["range"], range != .null {
        let edit = TextEdit(try TextPositions(file: file, encoding: encoding).range(range), text)
        whole = file.applying([Fix("", .safe, in: file, edits: [edit])]).text
      }
      file = SourceFile(name: address.path, text: whole)
    }
    self.version = version
  }
}
