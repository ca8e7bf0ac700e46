/// When and how long the model is evaluated.
public final class ValidationFields: SectionFields {
  public static let fields = ValidationFields()
  public static let schema = SectionSchema("validation", of: fields, "When and how long the model is evaluated.")

  public let evalInterval = Field<Int?>(
    "eval_interval", default: 1000, in: .count, aliases: ["eval_steps", "val_check_interval"],
    "Steps between evaluations.")
  public let evalIters = Field<Int>(
    "eval_iters", default: 100, in: .count, "Batches of an evaluation; 0 skips it.")
}
