package import ArgumentParser

extension ParsableCommand {
  /// Carries out what a command line asks of the tool whose root this is.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - body: runs a command; `nil` for one that only groups others, which gets the help instead.
  /// - Returns: the exit status.
  package static func dispatch(
    _ arguments: [String], _ console: Console, _ body: (any ParsableCommand) throws -> ExitStatus?
  ) -> Int32 {
    let status: ExitStatus
    switch read(arguments) {
    case .answer(let text):
      console.write(text.hasSuffix("\n") ? text : text + "\n")
      status = .success
    case .refusal(let text):
      console.complain(text.hasSuffix("\n") ? text : text + "\n")
      status = .usage
    case .command(let command):
      status = run(console) { try body(command) }
    }
    return console.finish(status).rawValue
  }

  private static func run(_ console: Console, _ body: () throws -> ExitStatus?) -> ExitStatus {
    do {
      if let status = try body() { return status }
      console.write(helpMessage() + "\n")
      return .usage
    } catch let failure as CommandFailure {
      console.complain(failure)
      return failure.status
    } catch {
      console.complain(CommandFailure("\(error)", status: .failure))
      return .failure
    }
  }
}
