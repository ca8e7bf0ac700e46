/// Why a run cannot start or go on, in one line each.
package struct TrainerError: Error, Hashable, CustomStringConvertible {
  package let reasons: [String]

  package init(_ reasons: [String]) { self.reasons = reasons }
  package init(_ reason: String) { self.init([reason]) }

  package var description: String { reasons.joined(separator: "\n") }
}
