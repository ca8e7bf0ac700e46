package import ArgumentParser

extension ParsableCommand {
  /// Runs a tool whose root this is: reads the arguments, answers what can be answered at once, runs the command and
  /// says what went wrong.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - statusOf: the status of an error that is no `CommandFailure`.
  ///   - body: runs a command; `nil` for one that has nothing to run, such as the root itself, whose help is shown then.
  /// - Returns: the exit status.
  package static func run(
    _ arguments: [String], _ console: Console, statusOf: (any Error) -> ExitStatus = { _ in .failure },
    body: (any ParsableCommand) throws -> ExitStatus?
  ) -> Int32 {
    let status: ExitStatus
    switch read(arguments) {
    case .answer(let text):
      console.write(document: text.hasSuffix("\n") ? text : text + "\n")
      status = .success
    case .refusal(let text):
      console.complain(text.hasSuffix("\n") ? text : text + "\n")
      status = .usage
    case .command(let command):
      do {
        status = try body(command) ?? help(of: command, console)
      } catch {
        let failure = error as? CommandFailure ?? CommandFailure("\(error)", status: statusOf(error))
        console.complain(failure)
        status = failure.status
      }
    }
    return console.finish(status).rawValue
  }

  /// A command that only holds others was named without one of them.
  private static func help(of command: any ParsableCommand, _ console: Console) -> ExitStatus {
    console.write(helpMessage(for: type(of: command)) + "\n")
    return .usage
  }
}
