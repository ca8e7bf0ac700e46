/// The two forms a config can have.
package enum TextFormat: String, Sendable, CaseIterable {
  case yaml
  case json

  /// A text as it stands in a file of this form to be read as that text again: a key, or a value.
  package func text(of string: String) -> String {
    switch self {
    case .yaml: yamlString(string)
    case .json: doubleQuoted(string)
    }
  }
}
