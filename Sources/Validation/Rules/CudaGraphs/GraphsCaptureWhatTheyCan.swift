import Diagnostics
import LaunchModel

/// # CG-01: CUDA graphs capture what can be captured
///
/// ## What
/// `cuda_graph_impl` is `none`, `local` or `transformer_engine`. Other than `none` it needs Transformer Engine's random
/// number tracker (`model.use_te_rng_tracker` or `rng.te_rng_tracker`), and excludes `cpu_offloading`. The scopes in
/// `cuda_graph_scope`: `full` stands alone; `full_iteration` needs `local`, and `rerun_state_machine.check_for_nan_in_loss`
/// off; `moe` and `moe_router` exclude each other; `moe` needs dropped and padded tokens; `moe_preprocess` needs
/// `moe_router`; `mlp` needs a dense layer and `transformer_engine`. Full recompute needs `full_iteration` alone.
/// `enable_cuda_graph` is the old name of `local`, `external_cuda_graph` that of `transformer_engine`; one at a time.
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
/// For Moonlight: `cuda_graph_scope: attn`, or `attn,moe_router`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/config.py`.
enum GraphsCaptureWhatTheyCan: Rule {
  static let code: DiagnosticCode = "CG-01"
  static let title = "CUDA graphs capture what can be captured"
  static let errorsDependOn: PlanAspects = .recompute

  private static let scopePath = FieldPath("model", "cuda_graph_scope")
  private static let known: Set<String> = [
    "full_iteration", "attn", "mlp", "moe", "moe_router", "moe_preprocess", "mamba",
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    // Scopes are read even where no graph is captured.
    if model.cudaGraphImplementation == "none", model.storage.carried.isEmpty { return }
    let old = ["enable_cuda_graph": "local", "external_cuda_graph": "transformer_engine"].filter {
      model.carried($0.key) == .bool(true)
    }
    if let name = old.keys.min(), old.count > 1 || model.cudaGraphImplementation != "none" {
      let related: [RelatedField] = old.keys.sorted().dropFirst().map { (FieldPath("model", $0), "on") }
      report.error(
        at: FieldPath("model", name), "the kind of CUDA graphs is given twice", help: "write `cuda_graph_impl` alone",
        related: related + [(Path.model.cudaGraphImplementation, "\(model.cudaGraphImplementation)")])
      return
    }
    let kind = old.values.first ?? model.cudaGraphImplementation
    var names = scopes(model)
    if names.contains("full") {
      if names.count > 1 {
        report.error(at: scopePath, "the scope `full` stands alone, not beside \(list(names.subtracting(["full"])))")
        return
      }
      names = []
    }
    if let unknown = names.sorted().first(where: { !known.contains($0) }) {
      report.error(at: scopePath, "`\(unknown)` is no scope of a CUDA graph", help: "\(list(known))")
      return
    }
    guard kind != "none" else { return }
    implementation(run, kind, names, &report)
    guard kind == "local" || kind == "transformer_engine" else { return }
    if kind == "local", !names.isDisjoint(with: ["moe_router", "moe_preprocess"]) {
      names.formUnion(["moe_router", "moe_preprocess"])
    }
    mixture(run, kind, names, &report)
    recompute(run, kind, names, &report)
  }

  private static func scopes(_ model: Section<ModelFields>) -> Set<String> {
    switch model.carried("cuda_graph_scope") {
    case .string(let text)?: Set(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    case .list(let items)?: Set(items.compactMap { if case .string(let name) = $0 { name } else { nil } })
    default: []
    }
  }

  private static func list(_ names: Set<String>) -> String { names.sorted().map { "`\($0)`" }.joined(separator: ", ") }

  private static func implementation(
    _ run: RunFacts, _ kind: String, _ names: Set<String>, _ report: inout Report
  ) {
    let model = run.config.model
    let path = Path.model.cudaGraphImplementation
    guard kind == "local" || kind == "transformer_engine" else {
      report.error(at: path, "`\(kind)` makes no CUDA graphs", help: "`none`, `local` or `transformer_engine`")
      return
    }
    if !model.useTERNGTracker, !run.config.rng.teRNGTracker {
      report.error(
        at: path, "CUDA graphs need Transformer Engine's random number tracker",
        related: [(Path.rng.teRNGTracker, "off"), (Path.model.useTERNGTracker, "off")],
        fix: .unsafe("switch it on", (Path.rng.teRNGTracker, .bool(true))))
    }
    if model.cpuOffloading {
      report.error(at: path, "CUDA graphs exclude offloaded activations", related: [(Path.model.cpuOffloading, "on")])
    }
    guard names.contains("full_iteration") else { return }
    if kind == "transformer_engine" {
      report.error(
        at: scopePath, "`full_iteration` is captured by `local`, not by `transformer_engine`",
        related: [(path, "\(kind)")],
        fix: .unsafe("take `local`", (path, .string("local"))))
    } else if run.config.rerunStateMachine.carried("check_for_nan_in_loss") != .bool(false) {
      let check = FieldPath("rerun_state_machine", "check_for_nan_in_loss")
      report.error(
        at: scopePath, "a graph of the full iteration cannot stop for a loss that is not a number",
        related: [(check, "on, its default")], fix: .unsafe("switch the check off", (check, .bool(false))))
    }
  }

  private static func mixture(_ run: RunFacts, _ kind: String, _ names: Set<String>, _ report: inout Report) {
    let model = run.config.model
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
    if names.contains("mlp"), kind == "local" {
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

  private static func recompute(_ run: RunFacts, _ kind: String, _ names: Set<String>, _ report: inout Report) {
    let recompute = run.config.recompute
    guard let granularity = recompute.recomputeGranularity else { return }
    let path = Path.recompute.recomputeGranularity
    if granularity == .full {
      guard names != ["full_iteration"] else { return }
      report.error(
        at: path, "full recompute can be captured only as part of the full iteration",
        related: [(Path.model.cudaGraphImplementation, "\(kind)")])
      return
    }
    let modules = recompute.recomputeModules ?? [.coreAttention]
    let model = run.config.model
    let isWhole = names.isEmpty || names.contains("full_iteration")
    let modulesPath = Path.recompute.recomputeModules
    if kind == "transformer_engine", modules.contains(.moe), names.contains("moe_router") {
      report.error(
        at: modulesPath, "`moe` is recomputed as a whole, but its router is in a graph",
        related: [(scopePath, "moe_router")])
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
