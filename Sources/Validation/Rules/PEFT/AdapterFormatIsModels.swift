import Diagnostics
import LaunchModel

/// # PEFT-25: adapters have the model's format
///
/// ## What
/// `lora_dtype` has no effect where the model is in bf16 or fp16: an adapter on Megatron's layers is converted to the
/// model's format when it is made.
///
/// ## Why
/// Adapters meant to be trained in fp32 are trained in bf16.
///
/// ## Example
/// ```yaml
/// peft: {lora_dtype: fp32}
/// mixed_precision: bf16_mixed
/// ```
///
/// ## Fix
/// Leave it out; the optimizer keeps masters in fp32 anyway.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/lora.py` (only `nn.Linear` takes it); `peft/utils.py`, `ParallelLinearAdapter`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum AdapterFormatIsModels: Rule {
  static let code: DiagnosticCode = "PEFT-25"
  static let title = "adapters have the model's format"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, let format = peft.loraDtype, run.start == nil else { return }
    let own: DataType = run.precision.bf16 ? .bf16 : run.precision.fp16 ? .fp16 : .fp32
    guard own != format, own != .fp32 else { return }
    report.warning(
      at: Path.peft.loraDtype,
      "`lora_dtype` \(format.rawValue) has no effect: adapters on Megatron's layers are made in \(own.rawValue)",
      related: [(run.precision.bf16 ? run.precision.bf16Path : run.precision.fp16Path, "the model's format")],
      fix: .unsafe("leave it out", (Path.peft.loraDtype, .null)))
  }
}
