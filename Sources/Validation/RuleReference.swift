import ConfigDocument
import LaunchModel

/// What there is to know about a code: the text behind `moonlight explain CODE`.
package struct RuleReference: Sendable {
  package let code: String
  /// A few words.
  package let title: String
  /// Markdown, without the title.
  package let text: String

  package init(code: String, title: String, text: String) {
    self.code = code
    self.title = title
    self.text = text
  }

  /// Every code: of files, of texts, of single fields, then the rules that span fields.
  package static var all: [RuleReference] {
    [unreadableInput]
      + DocumentRule.all.map { RuleReference(code: $0.code.rawValue, title: $0.title, text: $0.explanation) }
      + FieldRule.all.map { RuleReference(code: $0.code.rawValue, title: $0.title, text: $0.explanation) }
      + ruleReferenceTable.map { RuleReference(code: $0.code, title: $0.title, text: $0.text) }
  }

  package static func rule(_ code: String) -> RuleReference? { all.first { $0.code == code } }

  /// What commands report of an input that they cannot open.
  package static let unreadableInput = RuleReference(
    code: "FILE-01", title: "input cannot be read",
    text: """
      The file is missing, is a directory, or may not be read by this user. Commands leave it out, go on with the \
      other files, and end with exit status 66.
      """)
}
