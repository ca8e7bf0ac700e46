import Diagnostics
import LaunchModel

/// # PEFT-19: Megatron-Bridge knows Megatron's names alone
///
/// ## What
/// A target such as `q_proj` or `gate_proj` is Hugging Face's name of a matrix. The CPU engine of this package takes it;
/// Megatron-Bridge compares targets with the names of Megatron's own modules, where nothing is called so.
///
/// ## Why
/// The target is passed over without a word. Where all targets are such names no adapter is attached, all weights are
/// frozen, and nothing is trained. An excluded module of such a name is not excluded.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: [q_proj, kv_b_proj, o_proj, gate_proj]}
/// ```
///
/// ## Fix
/// Megatron's names: `linear_q_proj`, `linear_kv_up_proj`, `linear_proj`, `linear_fc1`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`, `match`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2 `peft/module_matcher.py`, `match`.
enum TargetsAreMegatronNames: Rule {
  static let code: DiagnosticCode = "PEFT-19"
  static let title = "Megatron-Bridge knows Megatron's names alone"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    // On the CPU engine both kinds of names hold.
    guard peft.isPresent, run.start == nil, let targets = run.adapterTargets else { return }
    if peft.targetModules.isEmpty {
      let excluded = peft.excludeModules.filter { targets.isHuggingFaceName($0) }
      guard !excluded.isEmpty else { return }
      report.warning(
        at: Path.peft.excludeModules,
        """
        \(list(excluded)) \(excluded.count == 1 ? "is Hugging Face's name" : "are Hugging Face's names"): \
        Megatron-Bridge excludes none of them
        """,
        help: "Megatron's: \(list(megatronNames(of: excluded, targets)))",
        fix: fix(Path.peft.excludeModules, peft.excludeModules, targets))
      return
    }
    // Megatron's own names are at hand already, with what they match.
    guard zip(peft.targetModules, run.targetMatches).contains(where: { !$1.isEmpty && targets.isHuggingFaceName($0) })
    else { return }
    let foreign = peft.targetModules.filter { targets.isHuggingFaceName($0) }
    let rest = peft.targetModules.count - foreign.count
    let effect: Message =
      rest == 0
      ? "no adapter is attached and nothing is trained"
      : "these get no adapter, \(rest) of \(peft.targetModules.count) targets remain"
    report.warning(
      at: Path.peft.targetModules,
      """
      \(list(foreign)) \(foreign.count == 1 ? "is Hugging Face's name" : "are Hugging Face's names"), which \
      Megatron-Bridge does not know: \(effect)
      """,
      help: "Megatron's: \(list(megatronNames(of: foreign, targets))); the CPU engine takes both",
      fix: fix(Path.peft.targetModules, peft.targetModules, targets))
  }

  private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

  /// Each once, in the order of the model.
  private static func megatronNames(of foreign: [String], _ targets: AdapterTargets) -> [String] {
    var seen: Set<String> = []
    return foreign.flatMap { targets.matches(of: $0) }.map(\.module.name).filter { seen.insert($0).inserted }
  }

  /// `nil` where no names of Megatron's mean the same modules of the same layers.
  private static func fix(_ path: FieldPath, _ names: [String], _ targets: AdapterTargets) -> FieldFix? {
    var meant: [String] = []
    for name in names {
      guard let own = targets.isHuggingFaceName(name) ? translation(of: name, targets) : [name] else { return nil }
      meant += own.filter { !meant.contains($0) }
    }
    return .unsafe("write Megatron's names", (path, meant.configValue))
  }

  /// A pattern stays one, so that it means no more layers than before.
  private static func translation(of target: String, _ targets: AdapterTargets) -> [String]? {
    let matches = targets.matches(of: target)
    let patterns = matches.flatMap { match in
      match.huggingFacePaths.map { path in
        target.replacing(path.split(separator: ".").last ?? "", with: match.module.name)
          .replacing("self_attn.", with: "self_attention.").replacing("model.layers.", with: "decoder.layers.")
      }
    }
    var seen: Set<String> = []
    let candidates = [patterns.filter { seen.insert($0).inserted }, megatronNames(of: [target], targets)]
    let meant = modules(of: [matches], targets)
    return candidates.first { names in modules(of: names.map { targets.matches(of: $0) }, targets) == meant }
  }

  /// What gets an adapter: each module with its layers, and its experts where these are not all.
  private static func modules(of matches: [[AdapterMatch]], _ targets: AdapterTargets) -> Set<[String]> {
    Set(
      AdapterTargets.selection(from: matches).map { match in
        let experts = match.experts.flatMap { $0.count == targets.numExperts ? nil : $0 }
        return [match.module.path, "\(match.module.place)", "\(match.layers)", "\(experts ?? [])"]
      })
  }
}
