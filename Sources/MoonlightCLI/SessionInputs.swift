import CommandSupport
import FileAccess
import LaunchModel

extension Session {
  /// Opens a config, or ends the command.
  func openOrFail(_ path: String, overrides: Overrides = Overrides()) throws(CommandFailure) -> ConfigInputs.Opened {
    do {
      return try inputs.open(path, overrides: overrides)
    } catch {
      throw CommandFailure("`\(path)` cannot be read: \(error)", status: .noInput)
    }
  }
}
