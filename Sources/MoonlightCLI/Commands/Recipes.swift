import ArgumentParser
import CommandSupport

struct Recipes: SessionCommand {
  func run(in session: Session) throws -> ExitStatus { .success }
}
