import Diagnostics
import LaunchModel
import Releases

/// # PREC-03: fp8 settings have fp8 to apply to
///
/// ## What
/// `fp8_param_gather` needs `fp8`, `model.fp4_param` and `fp4_param_gather`, which 0.5.1 brought, need `fp4`, and without `mixed_precision` `model.fp8_param` needs
/// `model.fp8`. With `fp8`: its format is e4m3 or hybrid and its recipe one that Megatron knows;
/// `first_last_layers_bf16` excludes the delayed recipe, and each of its two counts lies between 0 and
/// `num_layers / pipeline_model_parallel_size`; the custom recipe names its factory.
///
/// ## Why
/// Megatron checks these when it builds the model's configuration; format and recipe in the first forward pass.
///
/// ## Example
/// ```yaml
/// mixed_precision: {bf16: true, fp8_param_gather: true}   # fp8 is null
/// ```
///
/// ## Fix
/// Begin with a named recipe, such as `mixed_precision: bf16_with_fp8_current_scaling_mixed`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; `fp8_utils.py`,
///   `get_fp8_recipe`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FP8SettingsApply: Rule {
  static let code: DiagnosticCode = "PREC-03"
  static let title = "fp8 settings have fp8 to apply to"
  static let errorsDependOn: PlanAspects = .pipeline

  private static let formats: Set<String> = ["e4m3", "hybrid"]
  private static let recipes: Set<String> = ["tensorwise", "delayed", "mxfp8", "blockwise", "custom"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let mixed = run.config.mixedPrecision
    parameters(run, &report)
    guard mixed.isPresent else { return }
    guard let format = mixed.fp8 else {
      if mixed.fp8ParamGather {
        report.error(
          at: Path.mixedPrecision.fp8ParamGather, "weights are to be kept in fp8, but `fp8` is null",
          related: [(Path.mixedPrecision.fp8, "null")],
          fix: .unsafe("switch it off", (Path.mixedPrecision.fp8ParamGather, .bool(false))))
      }
      return
    }
    if !formats.contains(format) {
      report.error(at: Path.mixedPrecision.fp8, "`\(format)` is no fp8 format", help: "`e4m3` or `hybrid`")
    }
    let recipe = mixed.fp8Recipe
    if !recipes.contains(recipe) {
      report.error(
        at: Path.mixedPrecision.fp8Recipe, "`\(recipe)` is no fp8 recipe",
        help: "`tensorwise`, `delayed`, `mxfp8`, `blockwise` or `custom`")
    }
    if recipe == "custom", run.config.model.carried("fp8_quantizer_factory") == nil {
      report.error(
        at: Path.mixedPrecision.fp8Recipe, "the custom recipe needs `\(FieldPath("model", "fp8_quantizer_factory"))`",
        related: [(FieldPath("model", "fp8_quantizer_factory"), "not given")])
    }
    guard mixed.firstLastLayersBF16 else { return }
    if recipe == "delayed" {
      report.error(
        at: Path.mixedPrecision.firstLastLayersBF16, "delayed scaling cannot keep the outer layers in bf16",
        related: [(Path.mixedPrecision.fp8Recipe, "delayed")],
        fix: .unsafe("switch it off", (Path.mixedPrecision.firstLastLayersBF16, .bool(false))))
    }
    let most = run.architecture.numLayers / max(run.sizes.pipeline, 1)
    for (path, count) in [
      (Path.mixedPrecision.numLayersAtStartInBF16, mixed.numLayersAtStartInBF16),
      (Path.mixedPrecision.numLayersAtEndInBF16, mixed.numLayersAtEndInBF16),
    ] where count < 0 || count > most {
      report.error(
        at: path,
        "\(count) layers in bf16, but a stage has \(run.architecture.numLayers) / PP \(run.sizes.pipeline) = \(most)",
        help: "between 0 and \(most)",
        related: [
          (Path.model.numLayers, "\(run.architecture.numLayers) layers"),
          (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
        ], fix: .unsafe("make it \(count < 0 ? 0 : most)", (path, .int(count < 0 ? 0 : most))))
    }
  }

  /// Where `mixed_precision` leaves the format of fp4 weights as it is.
  private static let keepsFP4 = ReleaseSet.until(.bridge031)

  /// Formats of weights that `model` carries; `mixed_precision` overwrites that of fp8, and since 0.5.1 that of fp4.
  private static func parameters(_ run: RunFacts, _ report: inout Report) {
    let (model, mixed) = (run.config.model, run.config.mixedPrecision)
    let gather = FieldPath("mixed_precision", "fp4_param_gather")
    if mixed.isPresent, mixed.fp4 == nil, mixed.isOn(gather.field) {
      report.error(
        at: gather, "weights are to be gathered in fp4, but `fp4` is null",
        related: [(Path.mixedPrecision.fp4, "null")],
        fix: .unsafe("switch it off", (gather, false)))
    }
    guard !model.storage.carried.isEmpty else { return }
    func isNull(_ name: String) -> Bool { (model.carried(name) ?? .null) == .null }
    let formats = [
      ("fp4_param", mixed.isPresent ? keepsFP4.contains(run.release) && mixed.fp4 == nil : isNull("fp4"), "fp4"),
      ("fp8_param", !mixed.isPresent && isNull("fp8"), "fp8"),
    ]
    for (name, isAlone, format) in formats where isAlone && model.carried(name) == .bool(true) {
      let path = FieldPath("model", name)
      report.error(
        at: path, "weights are to be kept in \(format), but `\(format)` is null", help: "remove it",
        related: [(mixed.isPresent ? FieldPath("mixed_precision", format) : FieldPath("model", format), "null")],
        fix: .unsafe("remove it", (path, nil)))
    }
  }
}
