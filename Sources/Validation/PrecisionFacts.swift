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
  /// fp8 and fp4, with their recipes.
  package let quantized: Quantized
  /// The section that has the last word.
  package let fp16Path: FieldPath
  package let bf16Path: FieldPath

  /// The quantised formats in force: those of `mixed_precision`, or without it the model's own.
  package struct Quantized: Sendable {
    package let fp8: String?
    package let fp8Recipe: String
    package let fp4: String?
    package let fp4Recipe: String
    private let section: String

    fileprivate init(_ config: borrowing LaunchConfig) {
      let (mixed, model) = (config.mixedPrecision, config.model)
      section = mixed.isPresent ? Path.mixedPrecision.whole.section : Path.model.whole.section
      if mixed.isPresent {
        (fp8, fp8Recipe, fp4) = (mixed.fp8, mixed.fp8Recipe, mixed.fp4)
        fp4Recipe = mixed.text("fp4_recipe") ?? "nvfp4"
      } else {
        (fp8, fp8Recipe) = (model.text("fp8"), model.text("fp8_recipe") ?? "delayed")
        (fp4, fp4Recipe) = (model.text("fp4"), model.text("fp4_recipe") ?? "nvfp4")
      }
    }

    /// The field that decides.
    func path(_ name: String) -> FieldPath { FieldPath(section, name) }
  }

  init(_ config: borrowing LaunchConfig) {
    let mixed = config.mixedPrecision
    quantized = Quantized(config)
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
