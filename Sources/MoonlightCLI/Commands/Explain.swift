import ArgumentParser
import CommandSupport

struct Explain: SessionCommand {
  func run(in session: Session) throws -> ExitStatus { .success }
}
