package import ArgumentParser
import Diagnostics

/// What a command line asks for.
package enum ParsedArguments {
  case command(any ParsableCommand)
  /// A text that was asked for: help, version, a completion script.
  case answer(String)
  /// Nothing that can be done; the text says why.
  case refusal(String)
}

extension ParsableCommand {
  /// Reads arguments, without the program's name.
  package static func read(_ arguments: [String]) -> ParsedArguments {
    if let refusal = unknownCommand(in: arguments) { return .refusal(refusal) }
    do {
      var command = try parseAsRoot(arguments)
      // `help` and `--help` are a command of ArgumentParser's own, which throws its text when it runs.
      if !declares(type(of: command)) { try command.run() }
      return .command(command)
    } catch {
      let text = fullMessage(for: error)
      return exitCode(for: error).isSuccess ? .answer(text) : .refusal(text)
    }
  }

  private static func declares(_ command: any ParsableCommand.Type) -> Bool {
    self == command || configuration.subcommands.contains { $0.declares(command) }
  }

  /// ArgumentParser calls an unknown command an unexpected argument; here it is called what it is, with the nearest name.
  private static func unknownCommand(in arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = self
    var name = command._commandName
    for argument in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
      if let next = subcommands.first(where: {
        $0._commandName == argument || $0.configuration.aliases.contains(argument)
      }) {
        command = next
        name += " " + argument
        continue
      }
      let names = subcommands.map { $0._commandName }
      let hint = nearestName(to: argument, among: names).map { " Did you mean '\($0)'?" } ?? ""
      return """
        Error: There is no command '\(name) \(argument)'.\(hint)
        Commands: \(names.joined(separator: ", "))
          See '\(name) --help' for more information.
        """
    }
    return nil
  }
}
