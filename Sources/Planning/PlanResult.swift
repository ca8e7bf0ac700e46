package import Diagnostics
package import Estimation
package import LaunchModel

/// A legal, fitting way to spread the run, with what it is estimated to cost.
package struct PlanRow: Sendable {
  package let choice: PlanChoice
  package let config: LaunchConfig
  package internal(set) var placement = StatePlacement.asWritten
  package let dataParallel: Int
  package let expertDataParallel: Int
  package let numMicrobatches: Int
  /// Megatron's string; `nil` without a pipeline.
  package let layout: String?
  package let time: StepTime
  /// GiB of the worst rank, the system's part included.
  package let memoryGiB: Double
  package let tokensPerSecondPerGPU: Double
  /// 1 for the fastest.
  package internal(set) var rank: Int
}

/// Why a family of choices fell.
package struct PlanRejection: Hashable, Sendable {
  package let code: DiagnosticCode
  /// Choices that fell by this rule first.
  package var count: Int
  /// One of them, in words.
  package let example: String
}

/// The layout that the base itself has.
package enum PlanBase: Sendable {
  /// Legal, and priced like every other; its rank is one more than there are faster ones that fit.
  case row(PlanRow, fits: Bool)
  /// The rule that refuses it on these GPUs, and what that says.
  case refused(DiagnosticCode, String)
  /// No rule refuses it, and its stages cannot be priced.
  case unpriced
}

package struct PlanResult: Sendable {
  /// By how much a measured run has taken longer than its estimate: rows that differ by less are ties.
  package static let timeError = Support.measuredTimes.upperBound - 1

  /// The fastest first, at most as many as asked for.
  package let rows: [PlanRow]
  package let base: PlanBase
  /// The fastest that fits with as many stages as the base; `nil` where none does, or the base is refused.
  package let bestOfOwnPipeline: PlanRow?
  /// Choices in all; every one is legal or rejected by a rule.
  package let considered: Int
  /// Choices that no rule refuses.
  package let legal: Int
  /// Legal ones that the memory holds.
  package let fitting: Int
  /// The legal choice that needs least memory; `nil` where none is legal.
  package let leastMemory: (choice: PlanChoice, memory: MemoryEstimate)?
  /// The largest family first.
  package let rejections: [PlanRejection]

  /// Rows that are no slower than the first by more than the estimate's own error.
  package var ties: Int {
    guard let first = rows.first else { return 0 }
    return rows.prefix { $0.time.total <= first.time.total * (1 + Self.timeError) }.count
  }
}
