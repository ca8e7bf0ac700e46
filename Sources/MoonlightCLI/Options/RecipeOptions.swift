import ArgumentParser
import CommandSupport
import LaunchModel
import Releases

/// What to start from, and what the run is called.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The recipe to start from; `moonlight recipes` lists them.", valueName: "name"),
    completion: Completions.recipe)
  var recipe: String?

  @Option(
    help: ArgumentHelp("The architecture; `moonlight recipes` lists the presets.", valueName: "preset"),
    completion: Completions.model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "A Hugging Face directory, or its config.json: the architecture is taken from it.", valueName: "dir"),
    completion: .file())
  var hfConfig: String?

  @Option(
    help: ArgumentHelp(
      "The release that the config is for; `moonlight releases` lists them.", valueName: "release"))
  var megatronBridge: Release?

  @Option(help: ArgumentHelp("Name of the run; it becomes a folder of the run's directory.", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("Where runs are kept: checkpoints and logs go to DIR/NAME.", valueName: "dir"),
    completion: .directory)
  var dir: String?

  func contribute(to flags: inout FlagLayer) {
    flags.set("--name", Path.recipe.name, name.map { .string($0) })
    flags.set("--dir", Path.recipe.dir, dir.map { .string($0) })
  }
}
