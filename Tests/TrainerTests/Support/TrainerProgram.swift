import Foundation

/// The moonlight-trainer that was built beside these tests, as a process of its own.
struct TrainerProgram {
  struct NotBuilt: Error {}

  struct Outcome {
    let output: String
    let errors: String
    /// The exit status; `nil` where a signal ended it.
    let status: Int32?
    let signal: Int32?
  }

  let path: String
  /// Where it runs: relative paths of a config begin here.
  let folder: String

  init(in folder: String) throws {
    self.folder = folder
    // In a test run of its own the tests are a program; under Xcode they are a bundle.
    var beside = URL(fileURLWithPath: ProcessInfo.processInfo.arguments.first { $0.contains(".xctest") } ?? "")
    while beside.path.contains(".xctest") { beside.deleteLastPathComponent() }
    path = beside.appendingPathComponent("moonlight-trainer").path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw NotBuilt() }
  }

  /// A program that goes on until it ends by itself or by a signal.
  final class Running {
    private let process: Process
    private let output: URL
    private let errors: URL

    /// - Parameter shell: put before the program's own arguments, as in `ulimit -f 64; exec`.
    fileprivate init(_ program: TrainerProgram, _ arguments: [String], shell: String?) throws {
      process = Process()
      if let shell {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(shell) \"$@\"", "sh", program.path] + arguments
      } else {
        process.executableURL = URL(fileURLWithPath: program.path)
        process.arguments = arguments
      }
      process.currentDirectoryURL = URL(fileURLWithPath: program.folder)
      process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
      process.standardInput = FileHandle.nullDevice
      let name = FileManager.default.temporaryDirectory.appendingPathComponent("moonlight-\(UUID().uuidString)")
      (output, errors) = (name.appendingPathExtension("out"), name.appendingPathExtension("err"))
      for file in [output, errors] { try Data().write(to: file) }
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    deinit {
      if process.isRunning { send(SIGKILL) }
      for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// What was written to standard error so far.
    var complaints: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Whether something has been said within some seconds.
    func says(_ text: String, within seconds: Double = 60) -> Bool {
      for _ in 0..<Int(seconds * 100) {
        if complaints.contains(text) { return true }
        if !process.isRunning { break }
        usleep(10_000)
      }
      return complaints.contains(text)
    }

    /// - Parameter seconds: after which it is killed, so that a program that hangs fails the test.
    func wait(atMost seconds: Int = 120) throws -> Outcome {
      for _ in 0..<(seconds * 100) where process.isRunning { usleep(10_000) }
      if process.isRunning { send(SIGKILL) }
      process.waitUntilExit()
      let exited = process.terminationReason == .exit
      return Outcome(
        output: try String(contentsOf: output, encoding: .utf8), errors: complaints,
        status: exited ? process.terminationStatus : nil, signal: exited ? nil : process.terminationStatus)
    }
  }

  func start(_ arguments: [String], shell: String? = nil) throws -> Running {
    try Running(self, arguments, shell: shell)
  }

  func run(_ arguments: [String], shell: String? = nil) throws -> Outcome { try start(arguments, shell: shell).wait() }
}
