import ArgumentParser
import CommandSupport

struct Stages: SessionCommand {
  func run(in session: Session) throws -> ExitStatus { .success }
}
