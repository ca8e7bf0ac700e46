import ArgumentParser
import CommandSupport

/// A command that looks at a pipeline.
///
/// Each declares these groups itself, for the reason that ``GenerateCommand`` has.
protocol PipelineCommand: SessionCommand, ReadingCommand {
  var options: PipelineOptions { get }
  var cluster: ClusterOptions { get }
  var overrideOptions: OverrideOptions { get }
}

/// What `stages` and `simulate` look at: a config, or a layout by itself.
struct PipelineOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A config, `-`, or the name of a recipe.", valueName: "file"),
    completion: Completions.configOrRecipe)
  var file: String?

  @Option(
    help: ArgumentHelp(
      "The layout, instead of the file's: `balanced`, `documented`, `even`, counts or Megatron's string.",
      valueName: "layout"))
  var layout: String?

  @Option(help: ArgumentHelp("Decoder layers.", valueName: "n"))
  var numLayers: Int?

  @Option(
    name: [.customLong("pp"), .customLong("pipeline-model-parallel-size")],
    help: ArgumentHelp("Pipeline stages; as many as the layout has if not given.", valueName: "n"))
  var pp: Int?

  @Option(
    name: [.customLong("vp"), .customLong("virtual-pipeline-model-parallel-size")],
    help: ArgumentHelp("Virtual stages of each.", valueName: "n"))
  var vp: Int?

  @Option(help: WeightInput.help)
  var weights: String?

  @Flag(help: "Lets `balanced` make stages without layers, such as one for the output head alone.")
  var allowEmptyStages = false

  func validate() throws {
    guard file == nil else { return }
    guard layout != nil, numLayers != nil else {
      throw ValidationError("Name a file, or give --layout and --num-layers.")
    }
  }
}
