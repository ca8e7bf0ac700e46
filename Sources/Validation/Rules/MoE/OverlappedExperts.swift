import Diagnostics
import LaunchModel
import Releases

/// # MOE-31: what overlapping the experts' all-to-all needs
///
/// ## What
/// `overlap_moe_expert_parallel_comm` needs EP above 1, more than one expert, the `alltoall` or `flex` dispatcher, bf16
/// or fp16, virtual stages where there is a pipeline (written, not only in a layout, where `comm_overlap` turns it on),
/// and no `moe_shared_expert_overlap`. Recomputation may be selective only, with `recompute_method` and
/// `recompute_num_layers` null, and MTP at most one layer, in 0.3.1 on a pipeline. Since 0.5.1 `recompute_modules` must not hold
/// `moe`, whatever is recomputed.
///
/// ## Why
/// Two micro-batches are computed at once, so that one computes while the other's tokens travel; the schedule knows
/// only these cases.
///
/// ## Example
/// ```yaml
/// comm_overlap: {overlap_moe_expert_parallel_comm: true}
/// model: {moe_shared_expert_overlap: true}
/// ```
///
/// ## Fix
/// Mend what the error names; it names all at once.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/comm_overlap.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum OverlappedExperts: Rule {
  static let code: DiagnosticCode = "MOE-31"
  static let title = "what overlapping the experts' all-to-all needs"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline, .expert, .recompute]

  /// Where recomputed MoE layers are refused, and MTP is not asked for a pipeline.
  private static let refusesRecomputedLayer = ReleaseSet.since(.bridge051)
  /// Where no MTP layer is as good as null.
  private static let takesNoMTPLayer = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.overlap.overlapMoE else { return }
    let obstacles = obstacles(run)
    guard !obstacles.isEmpty else { return }
    report.error(
      at: run.overlap.overlapMoEPath,
      "overlap_moe_expert_parallel_comm needs \(obstacles.map(\.need).joined(separator: ", "))",
      help: "change that, or turn it off", related: obstacles.map { ($0.path, $0.now) },
      fix: .unsafe("turn it off", (run.overlap.overlapMoEPath, false)))
  }

  private static func obstacles(_ run: RunFacts) -> [(need: Message, path: FieldPath, now: Message)] {
    let (model, recompute, section) = (run.config.model, run.config.recompute, run.overlap.isFromSection)
    var found: [(need: Message, path: FieldPath, now: Message)] = []
    if run.sizes.expert <= 1 { found.append(("EP above 1", Path.parallelism.expertModelParallelSize, "EP 1")) }
    if section, let experts = model.numMoEExperts, experts <= 1 {
      found.append(("more than one expert", Path.model.numMoEExperts, "\(experts)"))
    }
    if model.moeTokenDispatcherType == .allgather {
      found.append(("the alltoall or flex dispatcher", run.dispatcherRelated.0, run.dispatcherRelated.1))
    }
    if !run.precision.bf16, !run.precision.fp16 { found.append(("bf16 or fp16", run.precision.bf16Path, "off")) }
    let virtual = section ? run.config.parallelism.virtualPipelineModelParallelSize : run.virtualPipelineSize
    if run.sizes.pipeline > 1, virtual == nil, section || run.layoutError == nil {
      let hidden = run.virtualPipelineSize != nil
      found.append(
        (
          hidden
            ? "\(name: Path.parallelism.virtualPipelineModelParallelSize) written beside the layout"
            : "virtual stages on a pipeline",
          Path.parallelism.virtualPipelineModelParallelSize, "null"
        ))
    }
    if recompute.recomputeGranularity == .full {
      found.append(("no full recomputation", Path.recompute.recomputeGranularity, "full"))
    } else if recompute.recomputeMethod != nil {
      found.append(("\(name: Path.recompute.recomputeMethod) null", Path.recompute.recomputeMethod, "set"))
    }
    if recompute.recomputeGranularity != .full, recompute.recomputeNumLayers != nil,
      recompute.recomputeGranularity != .selective
    {
      found.append(("\(name: Path.recompute.recomputeNumLayers) null", Path.recompute.recomputeNumLayers, "set"))
    }
    if model.moeSharedExpertOverlap {
      found.append(("\(name: Path.model.moeSharedExpertOverlap) off", Path.model.moeSharedExpertOverlap, "on"))
    }
    if refusesRecomputedLayer.contains(run.release), recompute.recomputeModules?.contains(.moe) ?? false {
      found.append(("`moe` not recomputed", Path.recompute.recomputeModules, "moe"))
    }
    if let mtp = model.mtpNumLayers, mtp != 1, mtp != 0 || !takesNoMTPLayer.contains(run.release) {
      found.append(("\(name: Path.model.mtpNumLayers) null or 1", Path.model.mtpNumLayers, "\(mtp)"))
    } else if model.mtpNumLayers == 1, run.sizes.pipeline == 1, !refusesRecomputedLayer.contains(run.release) {
      found.append(("a pipeline, with MTP", Path.model.mtpNumLayers, "1"))
    }
    return found
  }
}
