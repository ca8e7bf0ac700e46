/// One thing that a migration did to a text, or could not do.
package struct MigrationRemark: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// An edit that keeps the meaning.
    case change
    /// Something means another thing afterwards, or may.
    case warning
    /// Something that the release has no place for. Nothing is written then, unless the user does without it.
    case loss
    /// Something that has to be done by hand, or first. Nothing is written then.
    case refusal
  }

  package var kind: Kind
  /// The field, as the text spells it before the migration; empty for the whole.
  package let path: String
  /// What was done, and why.
  package let message: String
  package let help: String?

  package init(_ kind: Kind, _ path: String, _ message: String, help: String? = nil) {
    self.kind = kind
    self.path = path
    self.message = message
    self.help = help
  }
}
