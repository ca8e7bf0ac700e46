import ArgumentParser
package import CommandSupport
import LaunchModel
public import RecipeKit
import Releases

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The `moonlight` command line, with the recipes it knows.
///
/// A package with recipes of its own makes its own executable:
///
///     MoonlightTool(recipes: RecipeBook(recipes: RecipeBook.shipped.recipes + [.mine], models: RecipeBook.shipped.models)).main()
public struct MoonlightTool: Sendable {
  private let recipes: @Sendable () -> RecipeBook

  /// - Parameter recipes: made when a command asks for them, since making all takes longer than most commands.
  public init(recipes: @escaping @autoclosure @Sendable () -> RecipeBook) { self.recipes = recipes }

  /// Its commands and options, as ArgumentParser describes them to programs: JSON.
  package static var description: String { Moonlight._dumpHelp() }

  /// Runs what the process was asked for and ends it.
  public func main() -> Never {
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(run(arguments, Console(color: ColorChoice(in: arguments))))
  }

  /// - Parameter arguments: without the program's name.
  /// - Returns: the exit status.
  package func run(_ arguments: [String], _ console: Console) -> Int32 {
    Moonlight.run(arguments, console) { command in
      guard let command = command as? any SessionCommand else { return nil }
      return try command.run(
        in: Session(
          console: console, recipes: recipes, arguments: arguments, showsExternal: command.showsExternal,
          release: command.release))
    }
  }
}

/// What a command works with.
struct Session {
  let console: Console
  private let makeRecipes: @Sendable () -> RecipeBook
  /// As typed, without the program's name.
  let arguments: [String]
  private let showsExternal: Bool
  /// What the command line says.
  private let askedRelease: Release?

  init(
    console: Console, recipes: @escaping @Sendable () -> RecipeBook, arguments: [String], showsExternal: Bool = false,
    release: Release? = nil
  ) {
    self.console = console
    makeRecipes = recipes
    self.arguments = arguments
    self.showsExternal = showsExternal
    askedRelease = release
  }

  var recipes: RecipeBook { makeRecipes() }

  /// The release of what is made here, and not read.
  var release: Release { askedRelease ?? .current }

  /// The same, where `--set` can say it as well.
  func release(_ overrides: Overrides) -> Release { writtenRelease(overrides) ?? .current }

  /// The release that somebody has named.
  func writtenRelease(_ overrides: Overrides) -> Release? { askedRelease ?? overrides.release?.release }

  var inputs: ConfigInputs { inputs(on: nil) }

  /// - Parameter recipe: what files are laid over that say a part of a config.
  func inputs(on recipe: String?) -> ConfigInputs {
    let recipes = makeRecipes
    return ConfigInputs(recipes: recipes(), showsExternal: showsExternal, release: askedRelease, recipe: recipe)
  }
}

/// A command that runs in a session; it reads, calls one library function, prints, and says how it ended.
protocol SessionCommand: ToolCommand {
  func run(in session: Session) throws -> ExitStatus
}

/// The root of the command line; a new command needs its file and its line here.
struct Moonlight: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonlight",
    abstract:
      "Writes, checks and explains launch configs for training Moonlight-16B-A3B and its relatives with Megatron.",
    discussion: """
      EXAMPLES
        moonlight generate pretrain --data-paths /data/pile.jsonl -o pretrain.yaml
        moonlight validate pretrain.yaml
        moonlight stages --layout 8+7+7+6 --num-layers 27
        moonlight simulate pretrain.yaml
        moonlight explain pretrain.yaml parallelism.sequence_parallel

      Configs are for \(releaseLine).

      Exit status: 0 success, 1 the config has errors, 64 wrong usage, 65 not YAML or JSON, 66 cannot read, 73 cannot \
      write.
      """,
    version: toolVersionLine + "\nfor " + releaseLine,
    subcommands: [
      Generate.self, Validate.self, Stages.self, Simulate.self, EstimateCommand.self, PlanCommand.self,
      ReportCommand.self,
      Recipes.self, Explain.self, Diff.self, Migrate.self, Schema.self, ReleasesCommand.self, ExportCommand.self,
      Import.self, ImportHF.self, LanguageServerCommand.self,
    ])

  // Read by the console already; here for the help.
  @Option(help: ColorChoice.help) var color = ColorChoice.auto
}
