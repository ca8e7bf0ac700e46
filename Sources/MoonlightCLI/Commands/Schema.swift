import ArgumentParser
import CommandSupport

struct Schema: SessionCommand {
  func run(in session: Session) throws -> ExitStatus { .success }
}
