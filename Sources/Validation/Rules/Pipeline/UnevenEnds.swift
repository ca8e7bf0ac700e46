import Diagnostics
import LaunchModel
import Topology

/// # PIPE-06: the sizes of the first and last stage
///
/// ## What
/// `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` are above 0, and with virtual stages
/// multiples of `virtual_pipeline_model_parallel_size`.
///
/// ## Why
/// Each virtual stage of the rank gets the same number of its layers.
///
/// ## Example
/// ```yaml
/// parallelism: {num_layers_in_first_pipeline_stage: 5, virtual_pipeline_model_parallel_size: 3}
/// ```
///
/// ## Fix
/// Take a multiple of VP; a layout is free of that.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum EdgeStageSizes: Rule {
  static let code: DiagnosticCode = "PIPE-06"
  static let title = "the sizes of the first and last stage"

  static func check(_ run: RunFacts, _ report: inout Report) {
    for violation in run.splitViolations(code) {
      switch violation {
      case .edgeNotPositive(let edge, let layers):
        report.error(
          at: edge.path,
          "\(edge.rawValue) is \(layers), but a stage that is given a number of layers holds at least one",
          help: "write null to have it filled like the others", fix: .unsafe("write null", (edge.path, .null)))
      case .edgeVirtualSplit(let edge, let layers, let virtual):
        report.error(
          at: edge.path,
          """
          \(edge.rawValue) \(layers) / VP \(virtual) = \(Help.quotient(layers, virtual)), but its virtual stages \
          hold equally many
          """,
          help: "nearest: \(Help.multiples(of: virtual, near: layers))", related: [run.virtualPipelineRelated])
      default: break
      }
    }
  }
}

/// # PIPE-07: what the ends leave divides over the middle
///
/// ## What
/// The layers that `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` leave must divide by
/// the stages that are left, and with virtual stages each share by VP. No layers left means no stages left.
///
/// ## Why
/// The stages in the middle hold equally many.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 7}   # 20 layers / 3 stages
/// ```
///
/// ## Fix
/// Choose ends that leave a multiple, or write a layout.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum MiddleStagesAreEven: Rule {
  static let code: DiagnosticCode = "PIPE-07"
  static let title = "what the ends leave divides over the middle"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let violation = run.splitViolations(code).first else { return }
    let message: String
    switch violation {
    case .middleMismatch(let layers, let stages):
      message = "\(run.middleArithmetic) leaves \(Help.count(layers, "layer")) for \(Help.count(stages, "stage"))"
    case .middleSplit(let layers, let stages):
      message =
        """
        \(run.middleArithmetic) leaves \(layers) / \(stages) = \(Help.quotient(layers, stages)) layers for each \
        stage in the middle
        """
    case .middleVirtualSplit(let layers, let virtual):
      message =
        """
        each stage in the middle holds \(layers) layers, and \(layers) / VP \(virtual) = \
        \(Help.quotient(layers, virtual))
        """
    default: return
    }
    report.error(
      at: run.firstEdge, message, help: run.edgeHelp,
      related: [run.layersRelated, run.pipelineRelated] + run.otherEdge
        + (run.config.parallelism.virtualPipelineModelParallelSize == nil ? [] : [run.virtualPipelineRelated]))
  }
}

/// # PIPE-08: the ends take more than there is
///
/// ## What
/// The first and last stage together may not hold more layers than the model has, nor be more stages than the pipeline
/// has.
///
/// ## Why
/// Megatron lets it pass where the numbers divide, and then builds stages of a negative number of layers: some layers
/// exist twice, the model is wrong.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 30,
///   num_layers_in_last_pipeline_stage: 5}   # -8 layers for 2 stages
/// ```
///
/// ## Fix
/// Choose smaller ends.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__` (does not look); `transformer_block.py`.
enum EndsFitTheModel: Rule {
  static let code: DiagnosticCode = "PIPE-08"
  static let title = "the ends take more than there is"

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .middleNegative(let layers, let stages) in run.splitViolations(code) {
      report.error(
        at: run.firstEdge, "\(run.middleArithmetic) leaves \(layers) layers for \(stages) stages in the middle",
        help: run.edgeHelp, related: [run.layersRelated, run.pipelineRelated] + run.otherEdge)
    }
  }
}

/// # PIPE-10: two uneven stages cannot be interleaved
///
/// ## What
/// With `pipeline_model_parallel_size: 2`, both ends given and virtual stages, Megatron divides by zero when it builds
/// the last rank.
///
/// ## Why
/// The offset of a layer is counted in stages of the middle, and there are none.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 2,
///   num_layers_in_first_pipeline_stage: 14, num_layers_in_last_pipeline_stage: 14}
/// ```
///
/// ## Fix
/// Write a layout, or one of the two numbers alone.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_layer.py`, `get_transformer_layer_offset`.
enum InterleavedEndsNeedMiddle: Rule {
  static let code: DiagnosticCode = "PIPE-10"
  static let title = "two uneven stages cannot be interleaved"

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .edgesWithoutMiddleInterleaved(let virtual) in run.splitViolations(code) {
      report.error(
        at: run.firstEdge,
        """
        with PP \(run.sizes.pipeline), VP \(virtual) and both ends given, Megatron divides by the number of stages in \
        the \
        middle, which is 0
        """,
        help: "remove one of the two numbers, or write a layout",
        related: [run.virtualPipelineRelated, run.pipelineRelated] + run.otherEdge)
    }
  }
}

extension PipelineViolation.Edge {
  fileprivate var path: FieldPath {
    switch self {
    case .first: Path.parallelism.numLayersInFirstPipelineStage
    case .last: Path.parallelism.numLayersInLastPipelineStage
    }
  }
}

extension RunFacts {
  /// `27 layers - first 7 - last 6`.
  fileprivate var middleArithmetic: String {
    let parallelism = config.parallelism
    return Help.count(architecture.numLayers, "layer")
      + (parallelism.numLayersInFirstPipelineStage.map { " - first \($0)" } ?? "")
      + (parallelism.numLayersInLastPipelineStage.map { " - last \($0)" } ?? "")
  }

  fileprivate var firstEdge: FieldPath {
    config.parallelism.numLayersInFirstPipelineStage == nil
      ? Path.parallelism.numLayersInLastPipelineStage : Path.parallelism.numLayersInFirstPipelineStage
  }

  /// The last stage's size, where both ends are given.
  fileprivate var otherEdge: [(FieldPath, String)] {
    let parallelism = config.parallelism
    guard parallelism.numLayersInFirstPipelineStage != nil, let last = parallelism.numLayersInLastPipelineStage else {
      return []
    }
    return [(Path.parallelism.numLayersInLastPipelineStage, Help.count(last, "layer"))]
  }

  /// The nearest sizes of the first given end that leave whole shares, the other end as it is.
  fileprivate var edgeHelp: String {
    let parallelism = config.parallelism
    let (first, last) = (parallelism.numLayersInFirstPipelineStage, parallelism.numLayersInLastPipelineStage)
    let virtual = parallelism.virtualPipelineModelParallelSize ?? 1
    let others = first == nil ? 0 : last ?? 0
    let middle = sizes.pipeline - (first == nil ? 0 : 1) - (last == nil ? 0 : 1)
    let given = first ?? last ?? 0
    let left = architecture.numLayers - others
    let legal =
      left < 1
      ? []
      : (1...left).filter { size in
        let rest = left - size
        return size % virtual == 0
          && (middle > 0 ? rest > 0 && rest % middle == 0 && rest / middle % virtual == 0 : middle == 0 && rest == 0)
      }
    let nearest = [legal.last { $0 <= given }, legal.first { $0 > given }].compactMap { $0 }
    return nearest.isEmpty
      ? "write a layout instead" : "\(firstEdge.field) \(Help.list(nearest)) fits; or write a layout"
  }
}
