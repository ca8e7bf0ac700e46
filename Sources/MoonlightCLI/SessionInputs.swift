import CommandSupport
import FileAccess
import LaunchModel

extension Session {
  /// Opens a config, or ends the command.
  func openOrFail(_ path: String, overrides: Overrides = Overrides()) throws(CommandFailure) -> ConfigInputs.Opened {
    let opened: ConfigInputs.Opened
    do {
      opened = try inputs.open(path, overrides: overrides)
    } catch {
      throw CommandFailure("`\(path)` cannot be read: \(error)", status: .noInput)
    }
    if let assumption = opened.loaded.assumption {
      console.complain("note: \(assumption.message)\(assumption.help.map { "; " + $0 } ?? "")\n")
    }
    return opened
  }
}
