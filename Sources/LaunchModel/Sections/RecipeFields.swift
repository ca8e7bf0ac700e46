/// What the run is called and what kind of run it is.
public struct RecipeFields: SectionFields {
  public static let fields = RecipeFields()
  public static let schema = SectionSchema(
    "recipe", fields.declarations, "What the run is called and what kind of run it is.")
  let declarations: [FieldDeclaration]

  public let name: Field<String>
  public let mode: Field<TrainingMode>
  public let description: Field<String>
  public let dir: Field<String>
  public let basedOn: Field<String?>

  private init() {
    var list = FieldList()
    name = list.add("name", default: "default", "Name of the run; its directory is `<dir>/<name>`.")
    mode = list.add(
      "mode", default: .pretrain, "`pretrain`, `sft` (all weights on examples) or `peft` (adapters only).")
    description = list.add("description", default: "", "One line for people.")
    dir = list.add("dir", default: "nemo_experiments", "Base directory for checkpoints, logs and metrics.")
    basedOn = list.add(
      "based_on", default: nil, "The recipe this config was generated from; for people, nothing reads it.")
    declarations = list.declarations
  }
}
