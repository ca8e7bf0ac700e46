package import Diagnostics

/// How a command ends (DESIGN 2.5; the numbers from 64 are those of `sysexits.h`).
package enum ExitStatus: Int32, Sendable, Comparable {
  case success = 0
  /// The config has errors, or the run failed.
  case failure = 1
  case usage = 64
  /// A file is not YAML or JSON at all.
  case notAConfig = 65
  /// An input cannot be read.
  case noInput = 66
  /// An output cannot be written.
  case cannotWrite = 73

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
