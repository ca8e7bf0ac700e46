/// Which activations are computed again in the backward pass instead of being kept.
public struct RecomputeFields: SectionFields {
  public static let fields = RecomputeFields()
  public static let schema = SectionSchema(
    "recompute", fields.declarations, "Which activations are computed again in the backward pass instead of being kept."
  )
  let declarations: [FieldDeclaration]

  public let recomputeGranularity: Field<RecomputeGranularity?>
  public let recomputeMethod: Field<RecomputeMethod?>
  public let recomputeNumLayers: Field<Int?>
  public let recomputeModules: Field<[RecomputeModule]?>
  public let distributeSavedActivations: Field<Bool?>

  private init() {
    var list = FieldList()
    recomputeGranularity = list.add(
      "recompute_granularity", default: nil, "`full` for whole layers, `selective` for parts, `null` for none.")
    recomputeMethod = list.add(
      "recompute_method", default: nil,
      "With `full`: `uniform` in groups of `recompute_num_layers`, or `block` for the first so many of each stage.")
    recomputeNumLayers = list.add(
      "recompute_num_layers", default: nil, in: .count, "Layers a group (`uniform`) or a stage (`block`).")
    recomputeModules = list.add(
      "recompute_modules", default: nil, "With `selective`: which parts; `null` means `[core_attn]`.")
    distributeSavedActivations = list.add(
      "distribute_saved_activations", default: false, "Splits the kept inputs of layers over tensor-parallel ranks.")
    declarations = list.declarations
  }
}
