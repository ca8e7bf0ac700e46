import ArgumentParser
package import CommandSupport
public import LaunchModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The `moonlight-trainer` command line, with the recipes that `extends:` may name.
public struct TrainerTool: Sendable {
  private let recipes: @Sendable () -> any RecipeSource

  /// - Parameter recipes: made when a config names one.
  public init(recipes: @escaping @autoclosure @Sendable () -> any RecipeSource) { self.recipes = recipes }

  /// Its commands and options, as ArgumentParser describes them to programs: JSON.
  package static var description: String { MoonlightTrainer._dumpHelp() }

  /// Runs what the process was asked for and ends it.
  public func main() -> Never {
    // A file that outgrows its limit is a failed write with its own message, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    // Without the handlers of `exit`: where memory is short OpenBLAS could not start its threads, and waits for them there
    // for ever. Everything is written by now.
    let arguments = Array(CommandLine.arguments.dropFirst())
    _exit(run(arguments, Console(color: ColorChoice(in: arguments))))
  }

  /// - Parameter arguments: without the program's name.
  /// - Returns: the exit status.
  package func run(_ arguments: [String], _ console: Console) -> Int32 {
    MoonlightTrainer.run(
      arguments, console, statusOf: { ExitStatus($0) },
      body: { command in
        guard let command = command as? any TrainerCommand else { return nil }
        return try command.run(
          in: TrainerSession(
            console: console,
            inputs: ConfigInputs(
              recipes: recipes(), showsExternal: command.showsExternal, release: command.release)))
      })
  }
}

/// What a command works with.
struct TrainerSession {
  let console: Console
  let inputs: ConfigInputs
}

protocol TrainerCommand: ToolCommand {
  func run(in session: TrainerSession) throws -> ExitStatus
}

/// The root of the command line; a new command needs its file and its line here.
struct MoonlightTrainer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonlight-trainer",
    abstract: "Trains what a launch config describes: here on the CPU engine, or by handing it to Megatron.",
    discussion: """
      EXAMPLES
        moonlight-trainer train pretrain.yaml --dry-run
        moonlight-trainer train tiny.yaml
        moonlight-trainer generate nemo_experiments/default/checkpoints --prompt "let "
      """,
    version: "moonlight-trainer \(toolVersion)\nfor \(releaseLine)",
    subcommands: [
      Train.self, Samples.self, Generate.self, Prepare.self, Merge.self, ExportHF.self, ExportAdapter.self, Verify.self,
    ])

  // Read by the console already; here for the help.
  @Option(help: ColorChoice.help) var color = ColorChoice.auto
}
