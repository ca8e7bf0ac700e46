import Foundation

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
  private let root: String

  init() {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("moonlight-files-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { root + "/" + name }

  /// Writes a file, and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// A script of the shell that runs in the folder.
  func start(_ script: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: root)
    try process.run()
    return process
  }

  func status(_ name: String) -> stat {
    var status = stat()
    stat(path(name), &status)
    return status
  }
}
