import Diagnostics
import LaunchModel

@testable import Validation

extension Validator {
  /// The errors among the diagnostics of a file.
  ///
  /// Where neither reading nor a rule finds one there is none to show: the warnings, whose places and fixes take as long
  /// as reading the file, are not asked for.
  static func errors(_ loaded: ConfigLoader.LoadedConfig, _ run: RunFacts) -> [Diagnostic] {
    let hasErrors =
      loaded.resolution.diagnostics.contains { $0.severity == .error }
      || findings(run).contains { $0.severity == .error }
    return hasErrors ? diagnostics(loaded, run).filter { $0.severity == .error } : []
  }
}
