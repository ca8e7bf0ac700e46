import ConfigDocument
import Diagnostics

/// The named mixed precision recipes of megatron-bridge 0.3.1 (`training/mixed_precision.py`), written out.
enum PrecisionRecipe {
  static let names = recipes.map(\.name)

  /// What may have been meant by a name that is none: the nearest, or the shortest that begins with it, as `bf16_mixed` with
  /// `bf16`.
  static func help(for name: String) -> String {
    let longer = names.filter { $0.hasPrefix(name + "_") }.min { $0.count < $1.count }
    return (nearestName(to: name, among: names) ?? longer).map { "did you mean `\($0)`?" }
      ?? "known: \(names.joined(separator: ", "))"
  }

  /// The fields that a name stands for; dashes and underscores are alike.
  static func assignments(named name: String, _ origin: Origin) -> [Layer.Assignment]? {
    let folded = String(name.map { $0 == "-" ? "_" : $0 })
    guard let recipe = recipes.first(where: { $0.name == folded }) else { return nil }
    let section = MixedPrecisionFields.schema.name
    // A name says all of the section: what it leaves out goes back to the default.
    let reset = [
      Layer.Assignment(FieldPath(section, ""), .null, origin),
      Layer.Assignment(FieldPath(section, ""), .mapping(ConfigMapping()), origin),
    ]
    return reset + recipe.values.entries.map { Layer.Assignment(FieldPath(section, $0.key), $0.value, origin) }
  }

  private static let bf16: ConfigMapping = [
    "bf16": true, "params_dtype": "bf16", "pipeline_dtype": "bf16", "grad_reduce_in_fp32": true,
  ]
  private static let fp16: ConfigMapping = [
    "fp16": true, "params_dtype": "fp16", "pipeline_dtype": "fp16", "grad_reduce_in_fp32": false,
  ]
  private static let delayed: ConfigMapping = [
    "fp8": "hybrid", "fp8_recipe": "delayed", "fp8_margin": 0, "fp8_amax_history_len": 1024,
    "fp8_amax_compute_algo": "max", "fp8_param_gather": true,
  ]
  private static let mxfp8: ConfigMapping = [
    "fp8": "e4m3", "fp8_recipe": "mxfp8", "fp8_param_gather": true, "reuse_grad_buf_for_mxfp8_param_ag": true,
  ]
  private static let subchannel: ConfigMapping = [
    "fp8": "hybrid", "fp8_recipe": "blockwise", "fp8_param_gather": false,
  ]
  private static func current(_ recipe: String = "tensorwise", outerLayers: Int = 1) -> ConfigMapping {
    [
      "fp8": "hybrid", "fp8_recipe": .string(recipe), "first_last_layers_bf16": true,
      "num_layers_at_start_in_bf16": .int(outerLayers), "num_layers_at_end_in_bf16": .int(outerLayers),
      "fp8_param_gather": true,
    ]
  }

  private static let recipes: [(name: String, values: ConfigMapping)] = [
    ("bf16_mixed", bf16),
    ("fp16_mixed", fp16),
    ("bf16_with_fp8_delayed_scaling_mixed", bf16 + delayed),
    ("fp16_with_fp8_delayed_scaling_mixed", fp16 + delayed),
    ("bf16_with_mxfp8_mixed", bf16 + mxfp8),
    ("fp16_with_mxfp8_mixed", fp16 + mxfp8),
    ("bf16_with_fp8_current_scaling_mixed", bf16 + current()),
    ("fp16_with_fp8_current_scaling_mixed", fp16 + current()),
    ("nemotron_h_bf16_with_fp8_current_scaling_mixed", bf16 + current(outerLayers: 2)),
    ("nanov2_bf16_with_fp8_current_scaling_mixed", bf16 + current("blockwise", outerLayers: 2)),
    ("bf16_with_fp8_subchannel_scaling_mixed", bf16 + subchannel),
    ("fp16_with_fp8_subchannel_scaling_mixed", fp16 + subchannel),
    ("bf16_with_nvfp4_mixed", bf16 + ["fp4": "e2m1", "fp4_recipe": "nvfp4", "fp8_param_gather": false]),
  ]
}

extension ConfigMapping {
  fileprivate static func + (left: ConfigMapping, right: ConfigMapping) -> ConfigMapping {
    ConfigMapping(left.entries + right.entries)
  }
}
