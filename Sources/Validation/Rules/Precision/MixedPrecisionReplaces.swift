import ConfigDocument
import Diagnostics
import LaunchModel

/// # PREC-04: `mixed_precision` has the last word
///
/// ## What
/// Number formats written in `model`, `parallelism` or `ddp` are overwritten by the fields of the same name in
/// `mixed_precision`, defaults included.
///
/// ## Why
/// Megatron-Bridge copies every field of the section over the others before anything is checked. A
/// `ddp.grad_reduce_in_fp32` or `model.params_dtype` that differs is silently lost.
///
/// ## Example
/// ```yaml
/// mixed_precision: bf16_mixed          # grad_reduce_in_fp32: true
/// ddp: {grad_reduce_in_fp32: false}
/// ```
///
/// ## Fix
/// Write the value in `mixed_precision`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `update_config_with_precision_overrides`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum MixedPrecisionReplaces: Rule {
  static let code: DiagnosticCode = "PREC-04"
  static let title = "`mixed_precision` has the last word"
  static let errorsDependOn: PlanAspects = []

  private static let weightFormat = FieldPath("model", "params_dtype")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (mixed, model) = (run.config.mixedPrecision, run.config.model)
    guard mixed.isPresent else { return }
    func note(_ path: FieldPath, _ value: ConfigValue, _ from: FieldPath, _ replacement: ConfigValue) {
      report.warning(
        at: path, "`\(path)` \(value.short) has no effect: `mixed_precision` sets it to \(replacement.short)",
        related: [(from, "has the last word")],
        fix: .safe("write \(replacement.short) here as well", (path, replacement)))
    }
    if run.config.ddp.gradReduceInFP32 != mixed.gradReduceInFP32, run.config.ddp.isWritten(\.gradReduceInFP32) {
      note(
        Path.ddp.gradReduceInFP32, .bool(run.config.ddp.gradReduceInFP32), Path.mixedPrecision.gradReduceInFP32,
        .bool(mixed.gradReduceInFP32))
    }
    // A false here is what an emitted config says of every model; only a wish that is not granted is worth a word.
    if model.bf16, !mixed.bf16 { note(Path.model.bf16, true, Path.mixedPrecision.bf16, false) }
    if model.fp16, !mixed.fp16 { note(Path.model.fp16, true, Path.mixedPrecision.fp16, false) }
    let replacement = mixed.paramsDtype?.configValue ?? .null
    if let weights = model.carried(weightFormat.field), weights != .null, weights != replacement,
      isMeant(weights, run.config)
    {
      note(weightFormat, weights, Path.mixedPrecision.paramsDtype, replacement)
    }
    let stages = run.config.parallelism.pipelineDataType
    if run.sizes.pipeline > 1, let stages, stages != mixed.pipelineDtype {
      note(
        Path.parallelism.pipelineDataType, .string(stages.rawValue), Path.mixedPrecision.pipelineDtype,
        mixed.pipelineDtype.configValue)
    }
    if mixed.fp8Param == true, !mixed.fp8ParamGather {
      note(Path.mixedPrecision.fp8Param, true, Path.mixedPrecision.fp8ParamGather, false)
    }
  }

  /// fp32 is Megatron's default, which containers and upstream's recipes state without meaning it.
  private static func isMeant(_ weights: ConfigValue, _ config: LaunchConfig) -> Bool {
    guard weights == DataType.fp32.configValue else { return true }
    if case .recipe? = config.value(at: weightFormat)?.origin { return false }
    return !config.isContainer
  }
}
