import CommandSupport
import Diagnostics
import FileAccess
import LaunchModel

extension Session {
  /// Opens a config, or ends the command.
  func openOrFail(_ path: String, overrides: Overrides = Overrides()) throws(CommandFailure) -> ConfigInputs.Opened {
    let opened: ConfigInputs.Opened
    do {
      opened = try inputs.open(path, overrides: overrides)
    } catch {
      throw CommandFailure("`\(path)` cannot be read: \(error)", help: recipeMeant(by: path), status: .noInput)
    }
    if let assumption = opened.loaded.assumption {
      console.complain("note: \(assumption.message)\(assumption.help.map { "; " + $0 } ?? "")\n")
    }
    return opened
  }

  /// A name that looks like that of a recipe.
  private func recipeMeant(by path: String) -> String? {
    guard !path.contains("/"), !path.contains(".") else { return nil }
    return nearestName(to: path, among: recipes.recipeNames).map { "did you mean the recipe `\($0)`?" }
  }
}
