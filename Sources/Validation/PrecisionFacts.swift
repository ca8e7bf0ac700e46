import ConfigDocument
package import LaunchModel

/// The model's number formats as Megatron-Bridge applies them: `mixed_precision`, where there is one, overwrites what
/// `model` says (megatron-bridge 0.3.1 `training/config.py`, `runtime_config_update`).
package struct PrecisionFacts: Sendable {
  package let fp16: Bool
  package let bf16: Bool
  /// `fp8` or `fp4` is set.
  package let isQuantized: Bool
  package let fp8Recipe: String?
  /// The section that has the last word.
  package let fp16Path: FieldPath
  package let bf16Path: FieldPath

  init(_ config: borrowing LaunchConfig) {
    let mixed = config.mixedPrecision
    if mixed.isPresent {
      fp16 = mixed.fp16
      bf16 = mixed.bf16
      let fp8 = mixed.fp8 != nil
      isQuantized = fp8 || mixed.fp4 != nil
      fp8Recipe = fp8 ? mixed.fp8Recipe : nil
      fp16Path = Path.mixedPrecision.fp16
      bf16Path = Path.mixedPrecision.bf16
    } else {
      fp16 = config.model.fp16
      bf16 = config.model.bf16
      isQuantized = false
      fp8Recipe = nil
      fp16Path = Path.model.fp16
      bf16Path = Path.model.bf16
    }
  }
}
