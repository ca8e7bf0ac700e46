import ConfigDocument
import Diagnostics
import LaunchModel

/// Reads something out of a script, and tells what is wrong where it stands.
protocol ScriptReader {
  var sources: ScriptSources { get }
  /// Files that the script sources and that cannot be read.
  var unreadable: [String] { get }
  var diagnostics: [Diagnostic] { get set }
}

extension ScriptReader {
  /// What only a running shell knows.
  ///
  /// - Parameter isKept: a text keeps what is not known of it, as it stands in the script.
  mutating func reportUnknown(_ range: SourceRange, isKept: Bool = false) {
    let sourced = unreadable.isEmpty ? "" : "; `\(unreadable[0])`, which the script sources, could not be read"
    diagnostics.append(
      Diagnostic(
        FieldRule.unknownVariable.code, .warning,
        "only a running shell knows what `\(sources.text(in: range))` is; it is \(isKept ? "kept as it is" : "left out")",
        help: "set it in the script, or write what it stands for" + sourced, at: sources.location(of: range)))
  }

  mutating func report(
    _ rule: FieldRule, _ message: String, at range: SourceRange, path: String = "", help: String? = nil,
    _ severity: Severity = .error
  ) {
    diagnostics.append(
      Diagnostic(rule.code, severity, message, help: help, path: path, at: sources.location(of: range)))
  }
}
