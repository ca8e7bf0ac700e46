/// When and how long the model is evaluated.
public struct ValidationFields: SectionFields {
  public static let fields = ValidationFields()
  public static let schema = SectionSchema(
    "validation", fields.declarations, "When and how long the model is evaluated.")
  let declarations: [FieldDeclaration]

  public let evalInterval: Field<Int?>
  public let evalIters: Field<Int>

  private init() {
    var list = FieldList()
    evalInterval = list.add(
      "eval_interval", default: 1000, in: .count, aliases: ["eval_steps", "val_check_interval"],
      "Steps between evaluations.")
    evalIters = list.add("eval_iters", default: 100, in: .count, "Batches of an evaluation; 0 skips it.")
    declarations = list.declarations
  }
}
