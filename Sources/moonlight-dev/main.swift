import ArgumentParser
import CommandSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

let console = Console()
switch MoonlightDev.read(Array(CommandLine.arguments.dropFirst())) {
case .answer(let text):
  console.write(text + "\n")
  exit(console.finish(.success).rawValue)
case .refusal(let text):
  console.complain(text + "\n")
  exit(ExitStatus.usage.rawValue)
case .command(let command):
  do {
    guard let generate = command as? Generate else {
      console.complain(MoonlightDev.helpMessage() + "\n")
      exit(ExitStatus.usage.rawValue)
    }
    exit(console.finish(try generate.run(console)).rawValue)
  } catch {
    console.complain("error: \(error)\n")
    exit(ExitStatus.failure.rawValue)
  }
}

/// The maintainers' command line.
struct MoonlightDev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonlight-dev", abstract: "For maintainers of this package.", subcommands: [Generate.self])
}
