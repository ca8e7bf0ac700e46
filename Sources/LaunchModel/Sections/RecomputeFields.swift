/// Which activations are computed again in the backward pass instead of being kept.
public final class RecomputeFields: SectionFields {
  public static let fields = RecomputeFields()
  public static let schema = SectionSchema(
    "recompute", of: fields, "Which activations are computed again in the backward pass instead of being kept.")

  public let recomputeGranularity = Field<RecomputeGranularity?>(
    "recompute_granularity", default: nil, "`full` for whole layers, `selective` for parts, `null` for none.")
  public let recomputeMethod = Field<RecomputeMethod?>(
    "recompute_method", default: nil,
    "With `full`: `uniform` in groups of `recompute_num_layers`, or `block` for the first so many of each stage.")
  public let recomputeNumLayers = Field<Int?>(
    "recompute_num_layers", default: nil, in: .count, "Layers a group (`uniform`) or a stage (`block`).")
  public let recomputeModules = Field<[RecomputeModule]?>(
    "recompute_modules", default: nil, "With `selective`: which parts; `null` means `[core_attn]`.")
  public let distributeSavedActivations = Field<Bool?>(
    "distribute_saved_activations", default: false, "Splits the kept inputs of layers over tensor-parallel ranks.")
}
