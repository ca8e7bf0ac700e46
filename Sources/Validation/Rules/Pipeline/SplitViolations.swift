import Diagnostics
import LaunchModel
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

  /// The other side of most pipeline rules.
  var pipelineRelated: (FieldPath, String) {
    (Path.parallelism.pipelineModelParallelSize, "PP \(sizes.pipeline)")
  }

  var virtualPipelineRelated: (FieldPath, String) {
    (
      Path.parallelism.virtualPipelineModelParallelSize,
      config.parallelism.virtualPipelineModelParallelSize.map { "VP \($0)" } ?? "null"
    )
  }

  var layersRelated: (FieldPath, String) {
    (Path.model.numLayers, Help.count(architecture.numLayers, "layer"))
  }

  var layoutRelated: (FieldPath, String) {
    (
      Path.parallelism.pipelineModelParallelLayout,
      layout.map { Help.count($0.layout.stages.count, "stage") } ?? "layout"
    )
  }

  /// Where an element of the layout stands in its text; `nil` where the layout is no such text.
  func layoutExcerpt(_ position: LayoutPosition?) -> Range<Int>? {
    position.flatMap { layout?.written?.range(of: $0) }
  }

  /// `stage 3 (pp 1, vp 1)`, counted from 0 as Megatron does.
  func stageName(_ index: Int) -> String {
    let pipeline = max(sizes.pipeline, 1)
    guard let stages = layout?.layout.stages.count, stages > pipeline else { return "stage \(index)" }
    return "stage \(index) (pp \(index % pipeline), vp \(index / pipeline))"
  }
}
