import ArgumentParser
import CommandSupport

struct Diff: SessionCommand {
  func run(in session: Session) throws -> ExitStatus { .success }
}
