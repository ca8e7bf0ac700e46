import Diagnostics
import Topology

extension RunFacts {
  /// What Topology says of one rule of the pipeline's split; without what follows from another rule's violation.
  func splitViolations(_ code: DiagnosticCode) -> [PipelineViolation] {
    guard !stageViolations.isEmpty else { return [] }
    // A virtual pipeline without a pipeline is refused as such; how it would divide the layers does not matter then.
    let hasVirtualAlone = stageViolations.contains {
      if case .virtualWithoutPipeline = $0 { true } else { false }
    }
    return stageViolations.filter { violation in
      guard violation.code == code.rawValue else { return false }
      switch violation {
      case .evenVirtualSplit, .edgeVirtualSplit, .middleVirtualSplit, .accountingVirtualSplit: return !hasVirtualAlone
      default: return true
      }
    }
  }
}
