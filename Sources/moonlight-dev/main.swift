import ArgumentParser
import CommandSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

let console = Console()
exit(
  MoonlightDev.run(Array(CommandLine.arguments.dropFirst()), console) { command in
    try (command as? Generate)?.run(console)
  })

/// The maintainers' command line.
struct MoonlightDev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonlight-dev", abstract: "For maintainers of this package.", subcommands: [Generate.self])
}
