package import Diagnostics
package import LaunchModel

/// A legal, fitting way to spread the run, with what it is estimated to cost.
package struct PlanRow: Sendable {
  package let choice: PlanChoice
  package let config: LaunchConfig
  package let dataParallel: Int
  package let expertDataParallel: Int
  package let numMicrobatches: Int
  package let layout: String?
  package let time: StepTime
  /// GiB of the worst rank, the system's part included.
  package let memoryGiB: Double
  package let tokensPerSecondPerGPU: Double
  /// 1 for the fastest.
  package let rank: Int
}

/// Why a family of choices fell.
package struct PlanRejection: Hashable, Sendable {
  package let code: DiagnosticCode
  /// Choices it took with it.
  package var count: Int
  /// One of them, in words.
  package let example: String
}

package struct PlanResult: Sendable {
  /// The fastest first, at most as many as asked for.
  package let rows: [PlanRow]
  /// The base's own layout with its rank, where it is legal and fits.
  package let base: PlanRow?
  /// Choices enumerated, legal ones among them, and fitting ones among those.
  package let considered: Int
  package let legal: Int
  package let fitting: Int
  /// The largest family first.
  package let rejections: [PlanRejection]
}
