/// Why a run cannot start or go on, in one line each.
package struct TrainerError: Error, Hashable, CustomStringConvertible {
  package enum Kind: Sendable {
    case refused
    /// A file or a folder to read is not there.
    case missingInput
    /// What is to be written is there already.
    case outputExists
  }

  package let reasons: [String]
  package let kind: Kind

  package init(_ reasons: [String]) {
    self.reasons = reasons
    kind = .refused
  }

  package init(_ reason: String, _ kind: Kind = .refused) {
    reasons = [reason]
    self.kind = kind
  }

  /// Further lines stand below the first, behind `error: `.
  package var description: String { reasons.joined(separator: "\n       ") }
}
