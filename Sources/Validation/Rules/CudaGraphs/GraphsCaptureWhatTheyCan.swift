import Diagnostics
import LaunchModel
import Releases

/// # CG-01: CUDA graphs capture what can be captured
///
/// ## What
/// `cuda_graph_impl` is `none`, `local` or `transformer_engine`; since 0.5.1 also `full_iteration`. Other than `none` it needs
/// Transformer Engine's random number tracker (`model.use_te_rng_tracker` or `rng.te_rng_tracker`), and excludes
/// `cpu_offloading`, which `full_iteration` takes. The parts in `cuda_graph_scope`, or `cuda_graph_modules`, as it is called
/// since 0.5.1 (one of the two): `full` stands alone; `full_iteration` needs `local`, is a kind of its own since 0.5.1, and
/// wants `rerun_state_machine.check_for_nan_in_loss` off; `moe` and `moe_router` exclude each other; `moe` needs dropped and
/// padded tokens; `moe_preprocess` needs `moe_router`; `mlp` needs a dense layer and `transformer_engine`. Full
/// recompute needs `full_iteration` alone. `local` is for whole iterations and inference in 0.6.2. `enable_cuda_graph` is the
/// old name of `local`, `external_cuda_graph` that of `transformer_engine`; one at a time.
///
/// ## Why
/// A graph replays fixed shapes without asking the CPU; a dropless MoE layer's shapes depend on the routing.
///
/// ## Example
/// ```yaml
/// model: {cuda_graph_impl: transformer_engine, cuda_graph_scope: moe}
/// rng: {te_rng_tracker: true}
/// ```
///
/// ## Fix
/// For Moonlight: `attn`, or `attn,moe_router`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/config.py`.
/// - 0.5.1: megatron-core 0.18.2, the same, and `transformer/cuda_graph_config.py`; megatron-bridge 0.5.1.
/// - 0.6.2: megatron-core 0.19.2, the same; megatron-bridge 0.6.2 `utils/cuda_graph.py`,
///   `validate_cuda_graph_configuration`.
enum GraphsCaptureWhatTheyCan: Rule {
  static let code: DiagnosticCode = "CG-01"
  static let title = "CUDA graphs capture what can be captured"
  static let errorsDependOn: PlanAspects = .recompute

  /// Where `local` asks for a layer's kind before it is known.
  private static let localTakesNoMLP = ReleaseSet.until(.bridge051)
  /// Where a graph of the full iteration takes offloaded activations.
  private static let wholeTakesOffloading = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    // Scopes are read even where no graph is captured.
    if model.cudaGraphImplementation == "none", model.storage.carried.isEmpty { return }
    let graph: CapturedGraph
    do throws(CapturedGraph.Problem) {
      graph = try CapturedGraph(run)
    } catch {
      return report.error(
        at: error.path, error.message, help: error.help, related: error.related, fix: error.fix)
    }
    guard graph.kind != .none else { return }
    implementation(run, graph, &report)
    var names = graph.modules
    if graph.kind == .local, !names.isDisjoint(with: ["moe_router", "moe_preprocess"]) {
      names.formUnion(["moe_router", "moe_preprocess"])
    }
    if graph.kind != .fullIteration { mixture(run, graph, names, &report) }
    recompute(run, graph, names, &report)
  }

  private static func list(_ names: Set<String>) -> String { CapturedGraph.list(names) }

  private static func implementation(_ run: RunFacts, _ graph: CapturedGraph, _ report: inout Report) {
    let model = run.config.model
    let path = Path.model.cudaGraphImplementation
    if !model.useTERNGTracker, !run.config.rng.teRNGTracker {
      report.error(
        at: path, "CUDA graphs need Transformer Engine's random number tracker",
        related: [(Path.rng.teRNGTracker, "off"), (Path.model.useTERNGTracker, "off")],
        fix: .unsafe("switch it on", (Path.rng.teRNGTracker, .bool(true))))
    }
    if model.cpuOffloading, graph.kind != .fullIteration || !wholeTakesOffloading.contains(run.release) {
      report.error(at: path, "CUDA graphs exclude offloaded activations", related: [(Path.model.cpuOffloading, "on")])
    }
    guard graph.isFullIteration else { return }
    let place = graph.kind == .fullIteration ? path : graph.modulesPath
    if graph.kind == .transformerEngine {
      report.error(
        at: graph.modulesPath, "`full_iteration` is captured by `local`, not by `transformer_engine`",
        related: [(path, "transformer_engine")],
        fix: .unsafe("take `local`", (path, .string("local"))))
    } else if run.config.rerunStateMachine.carried("check_for_nan_in_loss") != .bool(false) {
      let check = FieldPath("rerun_state_machine", "check_for_nan_in_loss")
      report.error(
        at: place, "a graph of the full iteration cannot stop for a loss that is not a number",
        related: [(check, "on, its default")], fix: .unsafe("switch the check off", (check, .bool(false))))
    }
  }

  private static func mixture(
    _ run: RunFacts, _ graph: CapturedGraph, _ names: Set<String>, _ report: inout Report
  ) {
    let model = run.config.model
    let scopePath = graph.modulesPath
    let chosen: [RelatedField] = [(scopePath, "\(list(names))")]
    if names.isSuperset(of: ["moe", "moe_router"]) {
      report.error(at: scopePath, "`moe` holds `moe_router`; they exclude each other")
    }
    if names.contains("moe_preprocess"), !names.contains("moe_router") {
      report.error(at: scopePath, "`moe_preprocess` comes with `moe_router` only")
    }
    guard let experts = model.numMoEExperts, experts > 1 else {
      if !names.isDisjoint(with: ["moe", "moe_router"]) {
        report.error(at: scopePath, "there are no experts to capture", related: [(Path.model.numMoEExperts, "null")])
      }
      return
    }
    if names.contains("mlp"), graph.kind == .local, localTakesNoMLP.contains(run.release) {
      report.error(
        at: scopePath, "`local` asks for a layer's kind before it is known, and cannot capture `mlp`",
        help: "`cuda_graph_impl: transformer_engine` can", related: [(Path.model.cudaGraphImplementation, "local")])
    } else if names.contains("mlp"), !run.hasDenseLayer, run.architecture.moeLayers != nil {
      report.error(
        at: scopePath, "`mlp` captures dense layers; all are MoE", related: [(Path.model.moeLayerFrequency, "all")])
    }
    guard model.moeExpertCapacityFactor == nil || !model.moePadExpertInputToCapacity else { return }
    if names.contains("moe") {
      report.error(
        at: scopePath, "a graph needs fixed shapes: `moe` needs tokens dropped and padded to a capacity",
        help: "`moe_router` captures the part whose shapes are fixed",
        related: [
          (Path.model.moeExpertCapacityFactor, "null"), (Path.model.moePadExpertInputToCapacity, "off"),
        ])
    } else if names.contains("moe_preprocess"), model.moeTokenDispatcherType == .alltoall,
      model.moeExpertCapacityFactor != nil || model.moeRouterPaddingForFP8 == true
    {
      report.error(
        at: scopePath, "with a capacity or padding for fp8, `moe_preprocess` waits for the GPU and cannot be captured",
        related: chosen + [(Path.model.moeTokenDispatcherType, "alltoall")])
    }
  }

  private static func recompute(
    _ run: RunFacts, _ graph: CapturedGraph, _ names: Set<String>, _ report: inout Report
  ) {
    let recompute = run.config.recompute
    guard let granularity = recompute.recomputeGranularity else { return }
    let path = Path.recompute.recomputeGranularity
    if granularity == .full {
      guard !graph.takesFullRecomputation else { return }
      report.error(
        at: path, "full recompute can be captured only as part of the full iteration",
        related: [(Path.model.cudaGraphImplementation, "\(graph.kind.rawValue)")])
      return
    }
    let modules = recompute.recomputeModules ?? [.coreAttention]
    let model = run.config.model
    let isWhole = graph.isWhole
    let modulesPath = Path.recompute.recomputeModules
    if graph.kind == .transformerEngine, modules.contains(.moe), names.contains("moe_router") {
      report.error(
        at: modulesPath, "`moe` is recomputed as a whole, but its router is in a graph",
        related: [(graph.modulesPath, "moe_router")])
    }
    if model.attentionDropout != 0, modules.contains(.coreAttention), isWhole || names.contains("attn") {
      report.error(
        at: modulesPath, "attention with dropout \(model.attentionDropout) cannot be recomputed inside a graph",
        related: [(Path.model.attentionDropout, "\(model.attentionDropout)")])
    }
    if model.hiddenDropout != 0,
      (modules.contains(.mlp) && (isWhole || names.contains("mlp")))
        || (modules.contains(.moe) && (isWhole || names.contains("moe")))
    {
      report.error(
        at: modulesPath, "layers with dropout \(model.hiddenDropout) cannot be recomputed inside a graph",
        related: [(Path.model.hiddenDropout, "\(model.hiddenDropout)")])
    }
    if (model.carried("moe_input_jitter_eps") ?? .null) != .null, modules.contains(.moe),
      isWhole || names.contains("moe")
    {
      report.error(
        at: modulesPath, "a jittered input cannot be recomputed inside a graph",
        related: [(FieldPath("model", "moe_input_jitter_eps"), "jitter")])
    }
  }
}
