/// Adapters. `null` trains all weights.
public final class PEFTFields: SectionFields {
  public static let fields = PEFTFields()
  public static let schema = SectionSchema(
    "peft", of: fields, nullable: true, "Adapters. `null` trains all weights.")

  public let peftScheme = Field<PEFTScheme>(
    "peft_scheme", default: .lora, aliases: ["scheme", "peft_type"], "`lora` or `dora`.")
  public let dim = Field<Int>(
    "dim", default: 32, in: .size, aliases: ["r", "rank", "lora_rank", "lora_r"], "Rank of the adapters.")
  public let alpha = Field<Int>(
    "alpha", default: 32, in: .count, aliases: ["lora_alpha"], "The adapter's output is scaled by `alpha / dim`.")
  public let dropout = Field<Double>(
    "dropout", default: 0, in: .unitInterval, aliases: ["lora_dropout"], "Dropout on the adapter's path.")
  public let dropoutPosition = Field<DropoutPosition>(
    "dropout_position", default: .pre, "Before or behind the adapter's two matrices.")
  public let targetModules = Field<[String]>(
    "target_modules", default: ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"],
    """
    Which linears get an adapter: Megatron's names, Hugging Face's, or patterns with `*` over the full name. An MLA \
    model has no `linear_qkv`.
    """)
  public let excludeModules = Field<[String]>(
    "exclude_modules", default: [], "Instead of `target_modules`: every linear but these.")
  public let loraAInitMethod = Field<AdapterInitialization>(
    "lora_A_init_method", default: .xavier, "How the first matrix starts.")
  public let loraBInitMethod = Field<AdapterInitialization>(
    "lora_B_init_method", default: .zero, "How the second matrix starts.")
  public let a2aExperimental = Field<Bool>("a2a_experimental", default: false, "Experimental all-to-all for adapters.")
  public let loraDtype = Field<DataType?>(
    "lora_dtype", default: nil, "Format of the adapters; `null` takes the model's.")
}
