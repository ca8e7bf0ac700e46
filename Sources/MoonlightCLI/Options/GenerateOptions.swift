import ArgumentParser
import ConfigDocument

/// What both kinds of `generate` take.
struct GenerateOptions: ParsableArguments {
  @OptionGroup(title: "RECIPE") var recipe: RecipeOptions
  @OptionGroup(title: "DATA") var data: DataOptions
  @OptionGroup(title: "PARALLELISM") var parallelism: ParallelismOptions
  @OptionGroup(title: "TRAINING") var training: TrainingOptions
  @OptionGroup(title: "OUTPUT") var output: ConfigOutputOptions
}

/// Where a config goes, and in which form.
struct ConfigOutputOptions: ParsableArguments {
  @OptionGroup var overrides: OverrideOptions

  @Option(help: "yaml or json; by the ending of the file, else yaml.")
  var format: TextFormat?

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"))
  var output: String?

  @Flag(help: "Writes the config even where it has errors.")
  var allowInvalid = false

  var resolvedFormat: TextFormat { format ?? (output?.hasSuffix(".json") == true ? .json : .yaml) }
}

extension TextFormat: ExpressibleByArgument {}
