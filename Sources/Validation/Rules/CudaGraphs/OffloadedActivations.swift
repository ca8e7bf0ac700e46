import Diagnostics
import LaunchModel
import Releases

/// # CG-02: offloaded activations are named, and weights stay
///
/// ## What
/// `fine_grained_activation_offloading` needs Transformer Engine's layers, `NVTE_CPU_OFFLOAD_V1: "1"` in `env_vars`, no
/// `cpu_offloading`, and `offload_modules` from attn_norm, qkv_linear, core_attn, attn_proj, mlp_norm, expert_fc1, moe_act;
/// `attn_proj` only with `core_attn`. In 0.6.2 `fused_group_mlp` is one of them, with `use_transformer_engine_op_fuser` and
/// neither `expert_fc1` nor `moe_act`; these three exclude a recomputed `moe`; `activation_offload_fraction` is between 0 and 1,
/// and `min_offloaded_tensor_size` and `delta_offload_bytes_across_pp_ranks` are not negative.
///
/// With CUDA graphs since 0.5.1: of `transformer_engine` or `full_iteration`, not of the part `moe`, and
/// `cuda_graph_warmup_steps` above 0; `full_iteration` needs `fine_grained_offloading_max_inflight_offloads`, 0 or more.
///
/// ## Why
/// From Transformer Engine 2.10 on, weights would be offloaded as well without the variable.
///
/// ## Example
/// ```yaml
/// model: {fine_grained_activation_offloading: true, offload_modules: [core_attn]}
/// ```
///
/// ## Fix
/// `env_vars: {NVTE_CPU_OFFLOAD_V1: "1"}`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/config.py`, `_validate_fine_grained_activation_offloading`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum OffloadedActivations: Rule {
  static let code: DiagnosticCode = "CG-02"
  static let title = "offloaded activations are named, and weights stay"
  static let errorsDependOn: PlanAspects = .recompute

  static let modulesPath = FieldPath("model", "offload_modules")
  private static let modules: Set<String> = [
    "core_attn", "attn_proj", "expert_fc1", "moe_act", "attn_norm", "mlp_norm", "qkv_linear",
  ]
  private static let fused = "fused_group_mlp"
  /// Those within a layer's experts.
  private static let ofExperts: Set<String> = ["expert_fc1", "moe_act", fused]
  /// Where the fused experts can be offloaded, and a share of the activations.
  private static let takesShares = ReleaseSet.since(.bridge062)
  /// Where a graph has to be of a kind that offloading goes with.
  private static let looksAtGraphs = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.fineGrainedActivationOffloading else { return }
    let own: [RelatedField] = [(Path.model.fineGrainedActivationOffloading, "on")]
    if model.cpuOffloading {
      report.error(at: Path.model.cpuOffloading, "layers and chosen activations cannot both be offloaded", related: own)
    }
    let named = model.words(modulesPath.field)
    names(named, run, own, &report)
    if model.transformerImplementation != .transformerEngine {
      report.error(
        at: Path.model.transformerImplementation, "only Transformer Engine's layers offload chosen activations",
        related: own)
    }
    let variable = FieldPath("env_vars", "NVTE_CPU_OFFLOAD_V1")
    if run.config.envVars.carried(variable.field) != .string("1") {
      report.error(
        at: variable, "without `NVTE_CPU_OFFLOAD_V1` 1 Transformer Engine would offload weights as well", related: own,
        fix: .unsafe("set it", (variable, .string("1"))))
    }
    if takesShares.contains(run.release) { shares(Set(named), run, own, &report) }
    if looksAtGraphs.contains(run.release) { graphs(Set(named), run, own, &report) }
  }

  private static func names(_ named: [String], _ run: RunFacts, _ own: [RelatedField], _ report: inout Report) {
    let known = takesShares.contains(run.release) ? modules.union([fused]) : modules
    let names: Message = "\(known.sorted().joined(separator: ", "))"
    if named.isEmpty {
      report.error(at: modulesPath, "nothing is named in `offload_modules`", help: names, related: own)
    } else if let unknown = named.first(where: { !known.contains($0) }) {
      report.error(at: modulesPath, "`\(unknown)` cannot be offloaded", help: names, related: own)
    } else if named.contains("attn_proj"), !named.contains("core_attn") {
      report.error(
        at: modulesPath, "`attn_proj` takes what `core_attn` gives, so it is offloaded with it only", related: own)
    }
  }

  private static func shares(_ named: Set<String>, _ run: RunFacts, _ own: [RelatedField], _ report: inout Report) {
    let (model, recompute) = (run.config.model, run.config.recompute)
    if recompute.recomputeGranularity == .selective, recompute.recomputeModules?.contains(.moe) ?? false,
      let module = named.intersection(ofExperts).min()
    {
      report.error(
        at: modulesPath, "`\(module)` is within the MoE layer, which is recomputed as a whole",
        related: own + [(Path.recompute.recomputeModules, "moe")])
    }
    if let share = model.number("activation_offload_fraction"), !(0...1).contains(share) {
      let path = FieldPath("model", "activation_offload_fraction")
      report.error(at: path, "a share of \(share) cannot be offloaded", help: "between 0 and 1", related: own)
    }
    for name in ["min_offloaded_tensor_size", "delta_offload_bytes_across_pp_ranks"] {
      guard let size = model.number(name), size < 0 else { continue }
      report.error(at: FieldPath("model", name), "a size of \(size) is negative", help: "0 or more", related: own)
    }
    guard named.contains(fused) else { return }
    if !model.isOn(FusedExperts.path.field) {
      report.error(
        at: modulesPath, "`\(fused)` is made by `\(name: FusedExperts.path)`, which is off",
        related: own + [(FusedExperts.path, "off")])
    }
    if let part = named.intersection(["expert_fc1", "moe_act"]).min() {
      report.error(at: modulesPath, "`\(fused)` holds `\(part)` already", related: own)
    }
  }

  private static func graphs(_ named: Set<String>, _ run: RunFacts, _ own: [RelatedField], _ report: inout Report) {
    let model = run.config.model
    guard let graph = try? CapturedGraph(run), graph.kind != .none else { return }
    let path = Path.model.cudaGraphImplementation
    let related = own + [(path, "\(graph.kind.rawValue)")]
    if graph.kind == .local,
      !takesShares.contains(run.release) || named.isEmpty || !named.isSubset(of: ofExperts) || graph.modules.isEmpty
    {
      report.error(
        at: path, "graphs of `local` take no offloaded activations", help: "`transformer_engine` does", related: own)
    }
    if graph.modules.contains("moe") {
      report.error(
        at: graph.modulesPath, "a graph of whole MoE layers takes no offloaded activations", related: related)
    }
    let warmup = FieldPath("model", "cuda_graph_warmup_steps")
    if let steps = model.integer(warmup.field), steps < 1 {
      report.error(
        at: warmup, "\(steps) steps before a graph is made; with offloaded activations at least 1", related: related)
    }
    let inflight = FieldPath("model", "fine_grained_offloading_max_inflight_offloads")
    guard graph.kind == .fullIteration else { return }
    let most = model.integer(inflight.field)
    guard most == nil || most ?? 0 < 0 else { return }
    report.error(
      at: inflight, "a graph of the full iteration says how many offloads are under way at most: 0 or more",
      related: related + [(inflight, most.map { "\($0)" } ?? "null")])
  }
}
