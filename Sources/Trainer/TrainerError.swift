/// Why a run cannot start or go on, in one line each.
package struct TrainerError: Error, Hashable, CustomStringConvertible {
  package let reasons: [String]
  /// Whether something that was to be read is not there.
  package let isMissingInput: Bool

  package init(_ reasons: [String], isMissingInput: Bool = false) {
    self.reasons = reasons
    self.isMissingInput = isMissingInput
  }
  package init(_ reason: String, isMissingInput: Bool = false) { self.init([reason], isMissingInput: isMissingInput) }

  package var description: String { reasons.joined(separator: "\n") }
}
