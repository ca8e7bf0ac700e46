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
    [unreadableInput] + DocumentRule.all.map { Self($0) } + FieldRule.all.map { Self($0) }
      + ruleReferenceTable.map { Self($0) }
  }

  /// Makes no more than the one.
  package static func rule(_ code: String) -> RuleReference? {
    if code == unreadableInput.code { return unreadableInput }
    return DocumentRule.all.first { $0.code.rawValue == code }.map { Self($0) }
      ?? FieldRule.all.first { $0.code.rawValue == code }.map { Self($0) }
      ?? ruleReferenceTable.first { $0.code == code }.map { Self($0) }
  }

  private init(_ rule: DocumentRule) { self.init(code: rule.code.rawValue, title: rule.title, text: rule.explanation) }

  private init(_ rule: FieldRule) { self.init(code: rule.code.rawValue, title: rule.title, text: rule.explanation) }

  private init(_ row: (code: String, title: String, text: String)) {
    self.init(code: row.code, title: row.title, text: row.text)
  }

  /// What commands report of an input that they cannot open.
  package static let unreadableInput = RuleReference(
    code: "FILE-01", title: "input cannot be read",
    text: """
      The file is missing, is a directory, or may not be read by this user. Commands leave it out, go on with the \
      other files, and end with exit status 66.
      """)
}
