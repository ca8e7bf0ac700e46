/// What the run is called and what kind of run it is.
public final class RecipeFields: SectionFields {
  public static let fields = RecipeFields()
  public static let schema = SectionSchema("recipe", of: fields, "What the run is called and what kind of run it is.")

  public let name = Field<String>(
    "name", default: "default", "Name of the run; its directory is `<dir>/<name>`.")
  public let mode = Field<TrainingMode>(
    "mode", default: .pretrain, "`pretrain`, `sft` (all weights on examples) or `peft` (adapters only).")
  public let description = Field<String>("description", default: "", "One line for people.")
  public let dir = Field<String>(
    "dir", default: "nemo_experiments", "Base directory for checkpoints, logs and metrics.")
  public let basedOn = Field<String?>(
    "based_on", default: nil, "The recipe this config was generated from; for people, nothing reads it.")
}
