import CommandSupport
import Diagnostics
import LaunchModel
import Reporting

extension TrainerSession {
  /// Opens a config, or ends the command.
  ///
  /// - Parameter assignments: what `--set` was given.
  func openOrFail(_ path: String, assignments: [String]) throws(CommandFailure) -> ConfigInputs.Opened {
    do {
      return try inputs.open(path, overrides: Overrides(assignments), acceptsRecipes: false)
    } catch {
      throw CommandFailure("`\(path)` cannot be read: \(error)", status: .noInput)
    }
  }

  /// Shows what is wrong with a config; nothing where nothing is.
  func complain(about diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    console.complain(TextReport(style: console.errorStyle, width: console.width).text(of: diagnostics) + "\n")
  }
}
