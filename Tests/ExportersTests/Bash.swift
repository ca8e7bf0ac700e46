import Foundation
import Testing

/// Runs real bash for the tests.
enum Bash {
  struct Answer {
    let status: Int32
    let output: Data
    let errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs bash with arguments in a folder, with only these variables beside PATH.
  static func run(
    _ arguments: [String], input: String = "", in folder: URL? = nil, environment: [String: String] = [:]
  ) throws -> Answer {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    process.environment = ["PATH": path, "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
    let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = standardInput
    // Tests run on threads that block signals, and a child inherits that.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let read = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Answer(status: process.terminationStatus, output: read, errors: String(decoding: complaint, as: UTF8.self))
  }

  /// Texts that have broken scripts.
  static let hostileTexts = [
    "", " ", "a b", "it's", "''", "'", "\"", "$(touch pwned)", "`touch pwned`", "${HOME}", "$HOME", "a\nb", "a\n", "\n",
    "\t", "\r\n",
    "-rf", "--", "--help", "~", "~root", "*", "?", "[a]", "{a,b}", "!", "!!", "#x", "a#b", "a;b", "a&b", "a|b", "a>b",
    "a<b",
    "(a)", "\\", "\\\\", "a\\", "\\n", "%s", "%", "=", "a=b", "ünï 漢字 🌙", "e\u{301}", "'\u{301}", "\u{7F}", "\u{1B}[0m",
    "\u{2028}",
    "'; touch pwned; '", "\\'; touch pwned; \\'", "$'a'", "\u{FEFF}x", "a'b\"c`d$e\\f\ng",
  ]
}
