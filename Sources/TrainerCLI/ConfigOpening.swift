import CommandSupport
import Diagnostics
import LaunchModel
import Reporting

extension TrainerSession {
  /// Opens a config, or ends the command.
  ///
  /// - Parameters:
  ///   - assignments: what `--set` was given.
  ///   - resumes: whether a run goes on from what its folder holds.
  func openOrFail(
    _ path: String, assignments: [String], resumes: Bool = true
  ) throws(CommandFailure) -> ConfigInputs.Opened {
    let inputs = resumes ? inputs : inputs.beginningAnew
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
