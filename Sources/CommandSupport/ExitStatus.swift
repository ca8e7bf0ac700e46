package import Diagnostics

/// How a command ends (DESIGN 2.5; the numbers from 64 are those of `sysexits.h`).
package struct ExitStatus: RawRepresentable, Hashable, Sendable, Comparable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let success = ExitStatus(rawValue: 0)
  /// The config has errors, or the run failed.
  package static let failure = ExitStatus(rawValue: 1)
  package static let usage = ExitStatus(rawValue: 64)
  /// A file is not YAML or JSON at all.
  package static let notAConfig = ExitStatus(rawValue: 65)
  /// An input cannot be read.
  package static let noInput = ExitStatus(rawValue: 66)
  /// An output cannot be written.
  package static let cannotWrite = ExitStatus(rawValue: 73)

  /// A signal ended the run, which may have saved before: what a shell says of a program that one has killed.
  package static func signal(_ number: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + number) }

  package static func < (left: ExitStatus, right: ExitStatus) -> Bool { left.rawValue < right.rawValue }
}

/// Ends a command: what to say on standard error, and the status.
package struct CommandFailure: Error {
  package let message: String
  package let help: String?
  package let status: ExitStatus
  /// What is wrong and where; said instead of the message where there are any.
  package let diagnostics: [Diagnostic]

  package init(_ message: String, help: String? = nil, status: ExitStatus) {
    self.message = message
    self.help = help
    self.status = status
    diagnostics = []
  }

  private init(_ diagnostics: [Diagnostic], status: ExitStatus) {
    message = diagnostics.first?.message ?? "the command failed"
    help = nil
    self.status = status
    self.diagnostics = diagnostics
  }

  package static func diagnosed(_ diagnostics: [Diagnostic], status: ExitStatus) -> CommandFailure {
    CommandFailure(diagnostics, status: status)
  }

  package static func usage(_ message: String, help: String? = nil) -> CommandFailure {
    CommandFailure(message, help: help, status: .usage)
  }
}
