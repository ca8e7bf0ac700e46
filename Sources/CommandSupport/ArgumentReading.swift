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
    let arguments = joiningNegativeNumbers(arguments)
    if let refusal = unknownCommand(in: arguments) { return .refusal(refusal) }
    do {
      var command = try parseAsRoot(arguments)
      // `help` and `--help` are a command of ArgumentParser's own, which throws its text when it runs.
      if !declares(type(of: command)) { try command.run() }
      return .command(command)
    } catch {
      let text = fullMessage(for: error)
      let command = named(in: arguments)
      return exitCode(for: error).isSuccess
        ? .answer(HelpExamples.restored(in: text, of: command))
        : .refusal(UnknownOption.explained(text, of: command, in: self))
    }
  }

  /// The command that the arguments name, as far as they name one; `help` is about another.
  private static func named(in arguments: [String]) -> any ParsableCommand.Type {
    var command: any ParsableCommand.Type = self
    for argument in arguments.drop(while: { $0 == "help" }) {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == argument }) else { break }
      command = next
    }
    return command
  }

  /// `--gpus -8` as `--gpus=-8`: a number below zero is a value, whatever becomes of it, and no option begins with a digit.
  private static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var isOver = false
    for argument in arguments {
      if let last = result.last, !isOver, last.hasPrefix("--"), last != "--", !last.contains("="),
        argument.hasPrefix("-"), argument.dropFirst().first.map({ $0.isASCII && $0.isNumber || $0 == "." }) == true
      {
        result[result.count - 1] = last + "=" + argument
      } else {
        result.append(argument)
      }
      if argument == "--" { isOver = true }
    }
    return result
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
