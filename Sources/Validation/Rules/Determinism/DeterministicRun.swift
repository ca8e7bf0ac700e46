import ConfigDocument
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
/// megatron-bridge 0.3.1 `training/config.py`, `_validate_and_apply_deterministic_mode`.
enum DeterministicKernels: Rule {
  static let code: DiagnosticCode = "DET-01"
  static let title = "a deterministic run uses kernels that repeat"

  private static let algorithms: Set<String> = ["Tree", "Ring", "CollnetDirect", "CollnetChain", "^NVLS"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.deterministicMode else { return }
    let related = [(Path.model.deterministicMode, "on")]
    if model.attentionBackend == .flash {
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

/// # DET-02: Transformer Engine is told to be deterministic
///
/// ## What
/// `deterministic_mode` with Transformer Engine needs `NVTE_ALLOW_NONDETERMINISTIC_ALGO: "0"` in `env_vars`.
///
/// ## Why
/// Its attention reads the variable, and Megatron refuses to build the layer without it.
///
/// ## Example
/// ```yaml
/// model: {deterministic_mode: true, cross_entropy_loss_fusion: false}
/// env_vars: {NCCL_ALGO: Ring}
/// ```
///
/// ## Fix
/// Set it.
///
/// ## Source
/// megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEDotProductAttention`.
enum DeterministicAttention: Rule {
  static let code: DiagnosticCode = "DET-02"
  static let title = "Transformer Engine is told to be deterministic"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.deterministicMode, model.transformerImplementation != .local else { return }
    let path = FieldPath("env_vars", "NVTE_ALLOW_NONDETERMINISTIC_ALGO")
    let value = run.config.envVars.carried(path.field)
    if case .string(let text)? = value, Int(text) == 0 { return }
    report.error(
      at: path,
      "a deterministic run needs `NVTE_ALLOW_NONDETERMINISTIC_ALGO` \(value.map { "0, not \($0.short)" } ?? "to be 0")",
      related: [(Path.model.deterministicMode, "on")], fix: .unsafe("make it 0", (path, .string("0"))))
  }
}

/// # DET-03: the attention backend and its variables agree
///
/// ## What
/// `model.attention_backend` sets `NVTE_FLASH_ATTN`, `NVTE_FUSED_ATTN` and `NVTE_UNFUSED_ATTN`: auto to 1, 1, 1; flash to 1,
/// 0, 0; fused to 0, 1, 0; unfused to 0, 0, 1; local to 0, 0, 0. Another value in `env_vars` is refused.
///
/// ## Why
/// Megatron does not know which of the two is meant.
///
/// ## Example
/// ```yaml
/// model: {attention_backend: auto}
/// env_vars: {NVTE_FLASH_ATTN: "0"}
/// ```
///
/// ## Fix
/// Choose by `attention_backend`, and leave the variables out.
///
/// ## Source
/// megatron-core 0.16.1 `models/common/language_module/language_module.py`, `_set_attention_backend`.
enum AttentionVariablesAgree: Rule {
  static let code: DiagnosticCode = "DET-03"
  static let title = "the attention backend and its variables agree"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard !run.config.envVars.storage.carried.isEmpty, let backend = run.config.model.attentionBackend else { return }
    let isAuto = backend == .auto
    let wrong = [
      ("NVTE_FLASH_ATTN", isAuto || backend == .flash), ("NVTE_FUSED_ATTN", isAuto || backend == .fused),
      ("NVTE_UNFUSED_ATTN", isAuto || backend == .unfused),
    ].filter { name, isOn in
      guard let value = run.config.envVars.carried(name) else { return false }
      return value != .string(isOn ? "1" : "0")
    }
    guard let first = wrong.first else { return }
    let path = FieldPath("env_vars", first.0)
    report.error(
      at: path,
      "`attention_backend: \(backend.rawValue)` sets `\(first.0)` to \(first.1 ? 1 : 0), but it is \(run.config.envVars.carried(first.0)?.short ?? "")",
      help: "leave the variables out and choose by `attention_backend`",
      related: wrong.dropFirst().map { (FieldPath("env_vars", $0.0), "as well") } + [
        (Path.model.attentionBackend, backend.rawValue)
      ],
      fix: FieldFix(
        title: "leave it out", applicability: .unsafe,
        changes: wrong.map { (path: FieldPath("env_vars", $0.0), value: nil) }))
  }
}
