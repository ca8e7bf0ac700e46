package import ConfigDocument

extension ConfigValue {
  /// What a text of JSON says that a table holds, as the default of a field or an option; `nil` for a text that is none.
  package init?(json text: String) {
    guard let value = DocumentReader.read(text: text, name: "", format: .json).root?.plainValue else { return nil }
    self = value
  }
}
