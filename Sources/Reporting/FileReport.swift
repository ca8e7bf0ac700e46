package import Diagnostics
package import Validation

/// What was found out about one file.
package struct FileReport: Sendable {
  /// As the user wrote it; `<stdin>` for standard input.
  package let name: String
  package let diagnostics: [Diagnostic]
  /// What follows from the config; `nil` where an error leaves it undefined.
  package let derived: DerivedValues?
  /// No errors, and in strict mode no warnings.
  package let isAccepted: Bool
  /// It is some other file, such as a hook hands over: one line says so.
  package let isForeign: Bool

  package init(
    name: String, diagnostics: [Diagnostic], derived: DerivedValues?, isStrict: Bool = false, isForeign: Bool = false
  ) {
    self.name = name
    self.diagnostics = diagnostics
    self.derived = derived
    self.isForeign = isForeign
    isAccepted = !diagnostics.contains { $0.severity == .error || isStrict && $0.severity == .warning }
  }

  package func count(of severity: Severity) -> Int { diagnostics.count { $0.severity == severity } }
}
