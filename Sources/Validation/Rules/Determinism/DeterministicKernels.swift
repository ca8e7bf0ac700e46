import Diagnostics
import LaunchModel

/// # DET-01: a deterministic run uses kernels that repeat
///
/// ## What
/// `deterministic_mode` excludes flash attention and `cross_entropy_loss_fusion` (which the recipes switch on), and needs
/// `NCCL_ALGO` in `env_vars` as one of Tree, Ring, CollnetDirect, CollnetChain, ^NVLS.
///
/// ## Why
/// The others add in an order that changes from run to run.
///
/// ## Example
/// ```yaml
/// model: {deterministic_mode: true}   # cross_entropy_loss_fusion: true from the recipe
/// ```
///
/// ## Fix
/// Switch the fusion off, and set `env_vars: {NCCL_ALGO: Ring, NVTE_ALLOW_NONDETERMINISTIC_ALGO: "0"}`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_and_apply_deterministic_mode`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DeterministicKernels: Rule {
  static let code: DiagnosticCode = "DET-01"
  static let title = "a deterministic run uses kernels that repeat"
  static let errorsDependOn: PlanAspects = []

  private static let algorithms: Set<String> = ["Tree", "Ring", "CollnetDirect", "CollnetChain", "^NVLS"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.deterministicMode else { return }
    let related: [RelatedField] = [(Path.model.deterministicMode, "on")]
    if model.attentionBackend == .flash, !run.release.flashAttentionIsDeterministic {
      report.error(
        at: Path.model.attentionBackend, "flash attention is not deterministic", related: related,
        fix: .unsafe("let Megatron choose", (Path.model.attentionBackend, .string("auto"))))
    }
    if model.crossEntropyLossFusion {
      report.error(
        at: Path.model.crossEntropyLossFusion, "the fused cross entropy is not deterministic", related: related,
        fix: .unsafe("switch it off", (Path.model.crossEntropyLossFusion, .bool(false))))
    }
    let path = FieldPath("env_vars", "NCCL_ALGO")
    let algorithm = run.config.envVars.carried("NCCL_ALGO")
    if case .string(let name)? = algorithm, algorithms.contains(name) { return }
    report.error(
      at: path,
      algorithm.map { "`NCCL_ALGO` is `\($0.short)`, which may add in another order each time" }
        ?? "a deterministic run needs `NCCL_ALGO` in `env_vars`",
      help: "Tree, Ring, CollnetDirect, CollnetChain or ^NVLS", related: related,
      fix: .unsafe("make it `Ring`", (path, .string("Ring"))))
  }
}
