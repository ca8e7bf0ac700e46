import Diagnostics
import LaunchModel

/// # RECOMP-04: selective recomputation counts no layers
///
/// ## What
/// With `recompute_granularity: selective`, `recompute_num_layers` must be null.
///
/// ## Why
/// It recomputes the same parts of every layer.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_num_layers: 1}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum SelectiveWithoutLayers: Rule {
  static let code: DiagnosticCode = "RECOMP-04"
  static let title = "selective recomputation counts no layers"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, let layers = run.config.recompute.recomputeNumLayers
    else { return }
    report.error(
      at: Path.recompute.recomputeNumLayers,
      "selective recomputation takes parts of every layer, but recompute_num_layers is \(layers)", help: "write null",
      related: [(Path.recompute.recomputeGranularity, "selective")],
      fix: .safe("write null", (Path.recompute.recomputeNumLayers, .null)))
  }
}

/// # RECOMP-05: selective recomputation has no method
///
/// ## What
/// With `recompute_granularity: selective`, `recompute_method` has no effect.
///
/// ## Why
/// Megatron-Core ignores it; Megatron-LM's command line refuses it.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_method: uniform}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum SelectiveWithoutMethod: Rule {
  static let code: DiagnosticCode = "RECOMP-05"
  static let title = "selective recomputation has no method"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, let method = run.config.recompute.recomputeMethod
    else { return }
    report.note(
      at: Path.recompute.recomputeMethod,
      "recompute_method \(method.rawValue) has no effect on selective recomputation", help: "write null",
      related: [(Path.recompute.recomputeGranularity, "selective")])
  }
}

/// # RECOMP-06: recomputation settings without effect
///
/// ## What
/// Without `recompute_granularity`, the other recomputation fields are ignored; with `full`, `recompute_modules` is.
///
/// ## Why
/// Megatron does not look at them.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: null, recompute_method: uniform, recompute_num_layers: 1}
/// ```
///
/// ## Fix
/// Write the granularity that was meant.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum RecomputationWithoutEffect: Rule {
  static let code: DiagnosticCode = "RECOMP-06"
  static let title = "recomputation settings without effect"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.recomputeGranularity != .selective, !run.config.model.moeLayerRecompute else { return }
    let isFull = recompute.recomputeGranularity == .full
    let idle = [
      (Path.recompute.recomputeMethod, !isFull && recompute.recomputeMethod != nil),
      (Path.recompute.recomputeNumLayers, !isFull && recompute.recomputeNumLayers != nil),
      (Path.recompute.recomputeModules, recompute.recomputeModules != nil),
    ].filter(\.1).map(\.0)
    guard let first = idle.first else { return }
    report.note(
      at: first,
      """
      \(idle.map(\.field).joined(separator: ", ")) \(idle.count == 1 ? "has" : "have") no effect: \
      recompute_granularity is \(isFull ? "full" : "null")
      """,
      help: isFull ? "modules are for selective" : "write full or selective to recompute",
      related: [(Path.recompute.recomputeGranularity, isFull ? "full" : "null")]
        + idle.dropFirst().map { ($0, "no effect") })
  }
}

/// # RECOMP-07: recomputing no part
///
/// ## What
/// With `recompute_granularity: selective`, an empty `recompute_modules` recomputes nothing. Null recomputes
/// `core_attn`.
///
/// ## Why
/// The list replaces the default.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_modules: []}
/// ```
///
/// ## Fix
/// Name modules, or write null.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum RecomputesNothing: Rule {
  static let code: DiagnosticCode = "RECOMP-07"
  static let title = "recomputing no part"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, run.config.recompute.recomputeModules == [] else {
      return
    }
    report.note(
      at: Path.recompute.recomputeModules, "an empty recompute_modules recomputes nothing",
      help: "null recomputes core_attn", related: [(Path.recompute.recomputeGranularity, "selective")])
  }
}

/// # RECOMP-08: parts that can be recomputed
///
/// ## What
/// With `recompute_granularity: selective`, the module `moe_act` needs `moe_grouped_gemm`, `mla_up_proj` needs
/// multi-latent attention, and `shared_experts` excludes `moe_shared_expert_overlap`.
///
/// ## Why
/// The part must exist, and overlapped shared experts run on a stream of their own.
///
/// ## Example
/// ```yaml
/// model: {moe_shared_expert_overlap: true}
/// recompute: {recompute_granularity: selective, recompute_modules: [core_attn, shared_experts]}
/// ```
///
/// ## Fix
/// Remove the module, or the setting that excludes it.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum RecomputedModules: Rule {
  static let code: DiagnosticCode = "RECOMP-08"
  static let title = "parts that can be recomputed"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (model, recompute) = (run.config.model, run.config.recompute)
    guard recompute.recomputeGranularity == .selective, let modules = recompute.recomputeModules else { return }
    let path = Path.recompute.recomputeModules
    func without(_ module: RecomputeModule) -> FieldFix {
      .unsafe("remove \(module.rawValue)", (path, modules.filter { $0 != module }.configValue))
    }
    if modules.contains(.moeActivation), !model.moeGroupedGEMM {
      report.error(
        at: path, "the module moe_act is a part of grouped experts, but moe_grouped_gemm is off",
        help: "remove it, or turn moe_grouped_gemm on", related: [(Path.model.moeGroupedGEMM, "off")],
        fix: without(.moeActivation))
    }
    if modules.contains(.mlaUpProjection), !model.multiLatentAttention {
      report.error(
        at: path, "the module mla_up_proj is a part of multi-latent attention, which is off", help: "remove it",
        related: [(Path.model.multiLatentAttention, "off")], fix: without(.mlaUpProjection))
    }
    if modules.contains(.sharedExperts), run.hasSharedExperts, model.moeSharedExpertOverlap {
      report.error(
        at: path, "shared experts that overlap with communication cannot be recomputed",
        help: "remove shared_experts, or turn moe_shared_expert_overlap off",
        related: [(Path.model.moeSharedExpertOverlap, "on"), run.sharedExpertsRelated], fix: without(.sharedExperts))
    }
  }
}

/// # RECOMP-09: fp8 with delayed scaling recomputes neither activations nor norms
///
/// ## What
/// With fp8 and the `delayed` recipe, `recompute_modules` can hold neither `moe_act` nor `layernorm`.
///
/// ## Why
/// Delayed scaling keeps statistics of every forward pass; a second pass would count twice.
///
/// ## Example
/// ```yaml
/// mixed_precision: bf16_with_fp8_delayed_scaling_mixed
/// recompute: {recompute_granularity: selective, recompute_modules: [moe_act]}
/// ```
///
/// ## Fix
/// Use another scaling, or remove the modules.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum RecomputationWithDelayedScaling: Rule {
  static let code: DiagnosticCode = "RECOMP-09"
  static let title = "fp8 with delayed scaling recomputes neither activations nor norms"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.precision.fp8Recipe == "delayed", run.config.recompute.recomputeGranularity == .selective,
      let modules = run.config.recompute.recomputeModules
    else { return }
    let excluded: [RecomputeModule] = [.moeActivation, .layerNorm]
    let present = modules.filter(excluded.contains)
    guard !present.isEmpty else { return }
    report.error(
      at: Path.recompute.recomputeModules,
      "fp8 with delayed scaling cannot recompute \(present.map(\.rawValue).joined(separator: " and "))",
      help: "use current scaling, or remove them", related: [(Path.mixedPrecision.fp8Recipe, "delayed")],
      fix: .unsafe(
        "remove them", (Path.recompute.recomputeModules, modules.filter { !excluded.contains($0) }.configValue)))
  }
}

/// # RECOMP-10: moe_layer_recompute is deprecated
///
/// ## What
/// `moe_layer_recompute` cannot stand beside full recomputation. Otherwise Megatron sets `recompute_granularity` to
/// `selective` and adds `moe` to the modules.
///
/// ## Why
/// It is the old way to write that module.
///
/// ## Example
/// ```yaml
/// model: {moe_layer_recompute: true}
/// ```
///
/// ## Fix
/// Write `recompute_granularity: selective` and `recompute_modules: [core_attn, moe]`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum MoELayerRecomputation: Rule {
  static let code: DiagnosticCode = "RECOMP-10"
  static let title = "moe_layer_recompute is deprecated"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.moeLayerRecompute else { return }
    let (path, recompute) = (Path.model.moeLayerRecompute, run.config.recompute)
    if recompute.recomputeGranularity == .full {
      report.error(
        at: path, "full recomputation covers MoE layers, and Megatron refuses moe_layer_recompute beside it",
        help: "turn it off", related: [(Path.recompute.recomputeGranularity, "full")],
        fix: .safe("turn it off", (path, false)))
    } else {
      let modules = (recompute.recomputeModules ?? [.coreAttention]).filter { $0 != .moe } + [.moe]
      report.note(
        at: path,
        """
        Megatron sets recompute_granularity to selective and recompute_modules to \
        [\(modules.map(\.rawValue).joined(separator: ", "))]
        """,
        help: "write these two instead",
        related: [(Path.recompute.recomputeGranularity, recompute.recomputeGranularity?.rawValue ?? "null")])
    }
  }
}

/// # RECOMP-11: kept activations are spread once
///
/// ## What
/// With recomputation, `distribute_saved_activations` excludes `sequence_parallel`.
///
/// ## Why
/// Sequence parallelism has spread them already.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, sequence_parallel: true}
/// recompute: {recompute_granularity: selective, distribute_saved_activations: true}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum DistributedActivations: Rule {
  static let code: DiagnosticCode = "RECOMP-11"
  static let title = "kept activations are spread once"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.distributeSavedActivations == true, recompute.recomputeGranularity != nil,
      run.config.parallelism.sequenceParallel, run.sizes.tensor > 1
    else { return }
    report.error(
      at: Path.recompute.distributeSavedActivations,
      "sequence_parallel spreads activations already: distribute_saved_activations must be off", help: "turn it off",
      related: [(Path.parallelism.sequenceParallel, "on")],
      fix: .safe("turn it off", (Path.recompute.distributeSavedActivations, false)))
  }
}

/// # RECOMP-12: activations in host memory
///
/// ## What
/// `cpu_offloading` needs `cpu_offloading_num_layers` between 0 and `num_layers` - 1, no pipeline and no recomputation.
///
/// ## Why
/// The last layer's activations are needed at once. Pipelines and recomputation free activations in their own way.
///
/// ## Example
/// ```yaml
/// model: {cpu_offloading: true, cpu_offloading_num_layers: 27, num_layers: 27}
/// ```
///
/// ## Fix
/// Take fewer layers; write `recompute_granularity: null`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum ActivationsInHostMemory: Rule {
  static let code: DiagnosticCode = "RECOMP-12"
  static let title = "activations in host memory"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.cpuOffloading else { return }
    let (layers, path) = (model.cpuOffloadingNumLayers, Path.model.cpuOffloading)
    if layers < 0 || layers >= run.architecture.numLayers {
      report.error(
        at: Path.model.cpuOffloadingNumLayers,
        """
        cpu_offloading_num_layers is \(layers), but must be between 0 and num_layers - 1 = \
        \(run.architecture.numLayers - 1)
        """,
        help: "at most \(run.architecture.numLayers - 1)", related: [run.layersRelated, (path, "on")])
    }
    if run.sizes.pipeline > 1 {
      report.error(
        at: path, "cpu_offloading does not work on a pipeline, but PP is \(run.sizes.pipeline)", help: "turn it off",
        related: [run.pipelineRelated], fix: .unsafe("turn it off", (path, false)))
    }
    if let granularity = run.config.recompute.recomputeGranularity {
      report.error(
        at: path,
        "cpu_offloading does not work with recomputation, but recompute_granularity is \(granularity.rawValue)",
        help: "write recompute_granularity null",
        related: [(Path.recompute.recomputeGranularity, granularity.rawValue)],
        fix: .unsafe("turn recomputation off", (Path.recompute.recomputeGranularity, .null)))
    }
  }
}
