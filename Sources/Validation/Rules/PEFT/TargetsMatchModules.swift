import Diagnostics
import LaunchModel

/// # PEFT-10: every target matches a module
///
/// ## What
/// Each entry of `target_modules` should match a module of the model. Megatron starts without; the CPU engine does not.
///
/// ## Why
/// A target that matches nothing is passed over in silence. The default list begins with `linear_qkv`, which a model with
/// multi-latent attention does not have: its query, key and value projections then get no adapter. Where no target matches,
/// all weights are frozen and nothing is trained.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: [linear_qkv, linear_proj]}   # with multi_latent_attention
/// ```
///
/// ## Fix
/// For MLA: `linear_q_proj` (with a query latent `linear_q_down_proj`, `linear_q_up_proj`), `linear_kv_down_proj`,
/// `linear_kv_up_proj`, `linear_proj`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`; facts of the module names: `LaunchModel`'s `AdapterModule`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum TargetsMatchModules: Rule {
  static let code: DiagnosticCode = "PEFT-10"
  static let title = "every target matches a module"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    if peft.targetModules.isEmpty, !peft.excludeModules.isEmpty, run.adapterTargets != nil,
      run.architecture.moeLayers != nil, run.adapterSelection.isEmpty
    {
      return report.add(
        run.start == nil ? .warning : .error, at: Path.peft.excludeModules,
        "no module of this model is left to adapt: everything is frozen and nothing would be trained",
        help: "exclude fewer, or name `\(Path.peft.targetModules)`")
    }
    guard let targets = run.adapterTargets, run.architecture.moeLayers != nil, peft.excludeModules.isEmpty,
      !peft.targetModules.isEmpty
    else { return }
    var dead: [String] = []
    for (target, matches) in zip(peft.targetModules, run.targetMatches) where matches.isEmpty {
      if !TargetPattern(target).hasRegularExpression { dead.append(target) }
    }
    guard !dead.isEmpty else { return }
    let known = linearNames(targets)
    let related: [RelatedField] = [
      (Path.model.multiLatentAttention, run.config.model.multiLatentAttention ? "MLA" : "no MLA")
    ]
    let isNone = dead.count == peft.targetModules.count
    let matches = dead.count == 1 ? "matches" : "match"
    let consequence =
      isNone
      ? ": everything is frozen and nothing would be trained"
      : run.start == nil ? " and \(dead.count == 1 ? "is" : "are") passed over" : ""
    report.add(
      run.start == nil ? .warning : .error, at: Path.peft.targetModules,
      isNone
        ? "no target matches a module of this model (\(list(dead)))\(consequence)"
        : "\(list(dead)) \(matches) no module of this model\(consequence)",
      help: help(for: dead, known, run), related: related, fix: fix(dead, peft.targetModules, run))
  }

  private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

  private static func linearNames(_ targets: AdapterTargets) -> [String] {
    var seen: Set<String> = []
    return targets.modules.filter { $0.isLinear && seen.insert($0.name).inserted }.map(\.name)
  }

  private static func help(for dead: [String], _ known: [String], _ run: RunFacts) -> Message {
    if dead.contains("linear_qkv"), run.config.model.multiLatentAttention {
      return "with multi-latent attention the projections are \(list(queries(run)))"
    }
    let nearest = dead.compactMap { nearestName(to: $0, among: known) }
    return "\(nearest.isEmpty ? "" : "did you mean \(list(nearest))? ")linears of this model: \(list(known))"
  }

  /// What `linear_qkv` stands for in this model.
  private static func queries(_ run: RunFacts) -> [String] {
    (run.config.model.qLoraRank == nil ? ["linear_q_proj"] : ["linear_q_down_proj", "linear_q_up_proj"])
      + ["linear_kv_down_proj", "linear_kv_up_proj"]
  }

  /// Whether the scheme has an adapter for it: DoRA has none for a matrix that is whole on each tensor-parallel rank
  /// (PEFT-16).
  private static func isTrainable(_ name: String, _ run: RunFacts) -> Bool {
    guard run.config.peft.peftScheme == .dora, run.sizes.tensor > 1 else { return true }
    return run.adapterTargets?.modules.contains { $0.name == name && $0.kind == .duplicated } != true
  }

  private static func fix(_ dead: [String], _ targets: [String], _ run: RunFacts) -> FieldFix? {
    guard dead == ["linear_qkv"], run.config.model.multiLatentAttention else { return nil }
    let meant = targets.flatMap { target in
      target == "linear_qkv" ? queries(run).filter { !targets.contains($0) && isTrainable($0, run) } : [target]
    }
    return .unsafe("name the projections that MLA has", (Path.peft.targetModules, meant.configValue))
  }
}
