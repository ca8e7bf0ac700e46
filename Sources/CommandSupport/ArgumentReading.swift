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
    if let command = commandWhoseHelp(isAskedBy: arguments) {
      return .answer(HelpExamples.restored(in: helpMessage(for: command), of: command))
    }
    if let command = command(readingByItself: arguments) { return .command(command) }
    do {
      var command = try parseAsRoot(arguments)
      // `help` and `--help` are a command of ArgumentParser's own, which throws its text when it runs.
      if !declares(type(of: command)) { try command.run() }
      return .command(command)
    } catch {
      let text = fullMessage(for: error)
      let command = named(in: arguments)
      // The text says it as well as the status, for which ArgumentParser would write the text once more.
      let isRefusal = text.hasPrefix(_errorPrefix) || !exitCode(for: error).isSuccess
      return isRefusal
        ? .refusal(UnknownOption.explained(text, of: command, in: self))
        : .answer(HelpExamples.restored(in: text, of: command))
    }
  }

  /// The command of arguments that it can read without the commands above it, as nearly all: ArgumentParser takes a third of
  /// a millisecond for each. What is wrong with the others, or what else they ask for, is said by the root.
  private static func command(readingByItself arguments: [String]) -> (any ParsableCommand)? {
    let (command, rest) = named(by: arguments[...])
    guard command != self, command.configuration.subcommands.isEmpty,
      let read = try? command.parseAsRoot(Array(rest)), type(of: read) == command
    else { return nil }
    return read
  }

  /// The command that the arguments name and ask the help of, and nothing else: for that, no command line need be read.
  private static func commandWhoseHelp(isAskedBy arguments: [String]) -> (any ParsableCommand.Type)? {
    guard let last = arguments.last, last == "--help" || last == "-h" else { return nil }
    let (command, rest) = named(by: arguments.dropLast())
    return rest.isEmpty ? command : nil
  }

  /// The command that the arguments name, as far as they name one; `help` is about another.
  private static func named(in arguments: [String]) -> any ParsableCommand.Type {
    named(by: arguments.drop { $0 == "help" }).command
  }

  /// The command that the first of the arguments name, and those behind them.
  private static func named(
    by arguments: ArraySlice<String>
  ) -> (command: any ParsableCommand.Type, rest: ArraySlice<String>) {
    var command: any ParsableCommand.Type = self
    var rest = arguments
    while let name = rest.first, let next = command.subcommand(named: name) {
      command = next
      rest = rest.dropFirst()
    }
    return (command, rest)
  }

  private static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { $0._commandName == name }
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
    let (command, rest) = named(by: arguments[...])
    let subcommands = command.configuration.subcommands
    guard let argument = rest.first, !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else {
      return nil
    }
    let name = ([_commandName] + arguments.prefix(rest.startIndex)).joined(separator: " ")
    let names = subcommands.map { $0._commandName }
    let hint = nearestName(to: argument, among: names).map { " Did you mean '\($0)'?" } ?? ""
    return """
      Error: There is no command '\(name) \(argument)'.\(hint)
      Commands: \(names.joined(separator: ", "))
        See '\(name) --help' for more information.
      """
  }
}
