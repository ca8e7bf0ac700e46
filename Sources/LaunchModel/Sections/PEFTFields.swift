/// Adapters. `null` trains all weights.
public struct PEFTFields: SectionFields {
  public static let fields = PEFTFields()
  public static let schema = SectionSchema(
    "peft", fields.declarations, nullable: true, "Adapters. `null` trains all weights.")
  let declarations: [FieldDeclaration]

  public let peftScheme: Field<PEFTScheme>
  public let dim: Field<Int>
  public let alpha: Field<Int>
  public let dropout: Field<Double>
  public let dropoutPosition: Field<DropoutPosition>
  public let targetModules: Field<[String]>
  public let excludeModules: Field<[String]>
  public let loraAInitMethod: Field<AdapterInitialization>
  public let loraBInitMethod: Field<AdapterInitialization>
  public let a2aExperimental: Field<Bool>
  public let loraDtype: Field<DataType?>

  private init() {
    var list = FieldList()
    peftScheme = list.add(
      "peft_scheme", default: .lora, aliases: ["scheme", "peft_type"], isOwn: true, "`lora` or `dora`.")
    dim = list.add(
      "dim", default: 32, in: .size, aliases: ["r", "rank", "lora_rank", "lora_r"], "Rank of the adapters.")
    alpha = list.add(
      "alpha", default: 32, in: .count, aliases: ["lora_alpha"], "The adapter's output is scaled by `alpha / dim`.")
    dropout = list.add(
      "dropout", default: 0, in: .unitInterval, aliases: ["lora_dropout"], "Dropout on the adapter's path.")
    dropoutPosition = list.add("dropout_position", default: .pre, "Before or behind the adapter's two matrices.")
    targetModules = list.add(
      "target_modules", default: ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"],
      """
      Which linears get an adapter: Megatron's names, Hugging Face's, or patterns with `*` over the full name. An MLA \
      model has no `linear_qkv`.
      """)
    excludeModules = list.add("exclude_modules", default: [], "Instead of `target_modules`: every linear but these.")
    loraAInitMethod = list.add("lora_A_init_method", default: .xavier, "How the first matrix starts.")
    loraBInitMethod = list.add("lora_B_init_method", default: .zero, "How the second matrix starts.")
    a2aExperimental = list.add("a2a_experimental", default: false, "Experimental all-to-all for adapters.")
    loraDtype = list.add("lora_dtype", default: nil, "Format of the adapters; `null` takes the model's.")
    declarations = list.declarations
  }
}
