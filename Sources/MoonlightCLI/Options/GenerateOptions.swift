import ArgumentParser
import CommandSupport
import ConfigDocument
import Releases

/// What both kinds of `generate` take.
///
/// Each declares these groups itself: in a debug build ArgumentParser checks every group four times as often as the group
/// that holds it, so that one more level cost 0.4 s at every start.
protocol GenerateCommand: SessionCommand {
  var recipe: RecipeOptions { get }
  var data: DataOptions { get }
  var parallelism: ParallelismOptions { get }
  var training: TrainingOptions { get }
  var overrides: OverrideOptions { get }
  var output: ConfigOutputOptions { get }
  var overwriting: OverwriteOptions { get }
}

extension GenerateCommand {
  var release: Release? { recipe.megatronBridge }
}

/// Where a config goes, and in which form.
struct ConfigOutputOptions: ParsableArguments {
  @Option(help: "yaml or json; by the ending of the file, else yaml.")
  var format: TextFormat?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Writes the config even where it has errors.")
  var allowInvalid = false

  var resolvedFormat: TextFormat { format ?? (output?.hasSuffix(".json") == true ? .json : .yaml) }
}

extension TextFormat: ArgumentWord {}
