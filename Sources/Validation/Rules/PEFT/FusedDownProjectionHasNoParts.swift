import Diagnostics
import LaunchModel

/// # PEFT-26: a fused down projection has no parts to adapt
///
/// ## What
/// With `mla_down_proj_fusion` and a query latent, `linear_q_down_proj` and `linear_kv_down_proj` are one module,
/// `linear_qkv_down_proj`. Targets of the two names match nothing.
///
/// ## Why
/// A target that matches nothing is passed over in silence.
///
/// ## Example
/// ```yaml
/// model: {q_lora_rank: 1536, mla_down_proj_fusion: true}
/// peft: {target_modules: [linear_kv_down_proj]}
/// ```
///
/// ## Fix
/// `mla_down_proj_fusion: false`.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `models/gpt/gpt_layer_specs.py`, `get_gpt_layer_with_transformer_engine_submodules`.
enum FusedDownProjectionHasNoParts: Rule {
  static let code: DiagnosticCode = "PEFT-26"
  static let title = "a fused down projection has no parts to adapt"
  static let errorsDependOn: PlanAspects = []

  private static let parts = ["linear_q_down_proj", "linear_kv_down_proj"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (peft, model) = (run.config.peft, run.config.model)
    guard peft.isPresent, model.qLoraRank != nil, model.multiLatentAttention, run.start == nil,
      model.carried("mla_down_proj_fusion") == .bool(true)
    else { return }
    let dead = run.adapterSelection.map(\.module.name).filter { parts.contains($0) }
    guard let first = dead.first else { return }
    let path = FieldPath("model", "mla_down_proj_fusion")
    report.warning(
      at: Path.peft.targetModules,
      "`\(first)` is part of the fused `linear_qkv_down_proj`, so it gets no adapter", help: "switch the fusion off",
      related: [(path, "on")], fix: .unsafe("switch the fusion off", (path, .bool(false))))
  }
}
