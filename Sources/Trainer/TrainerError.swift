/// Why a run cannot start or go on, in one line each.
package struct TrainerError: Error, Hashable, CustomStringConvertible {
  package let reasons: [String]
  /// A file or a folder to read is not there.
  package let isMissingInput: Bool

  package init(_ reasons: [String], isMissingInput: Bool = false) {
    self.reasons = reasons
    self.isMissingInput = isMissingInput
  }

  package init(_ reason: String, isMissingInput: Bool = false) {
    self.init([reason], isMissingInput: isMissingInput)
  }

  /// Further lines stand below the first, behind `error: `.
  package var description: String { reasons.joined(separator: "\n       ") }
}
