import Foundation

/// A script of commands with what they should print: one text, read from top to bottom.
///
///     Prose, up to the first marker.
///     -- file bad.yaml --
///     model: 3
///     -- end --
///     $ moonlight validate bad.yaml
///     > what goes to standard output
///     ! what goes to standard error
///     ? 1
///
/// A command is a line for the shell, run in a folder of its own with the built executables in its path. Status 0 is not
/// written. Files may hold anything but a line `-- end --`.
struct CommandScript {
  enum Part: Equatable {
    case prose(String)
    case file(name: String, text: String)
    case command(String, expected: Outcome)
  }

  struct Outcome: Equatable {
    var output: [String] = []
    var errors: [String] = []
    var status: Int32 = 0
  }

  var parts: [Part]

  init(_ text: String) {
    parts = []
    var lines = text.components(separatedBy: "\n")[...]
    while let line = lines.popFirst() {
      if line.hasPrefix("-- file "), line.hasSuffix(" --") {
        let name = String(line.dropFirst(8).dropLast(3))
        let content = lines.prefix { $0 != "-- end --" }
        lines = lines.dropFirst(content.count + 1)
        parts.append(.file(name: name, text: content.map { $0 + "\n" }.joined()))
      } else if line.hasPrefix("$ ") {
        var outcome = Outcome()
        while let next = lines.first, let mark = next.first, ">!?".contains(mark),
          next.count == 1 || next.dropFirst().first == " "
        {
          lines.removeFirst()
          let rest = String(next.dropFirst(2))
          switch mark {
          case ">": outcome.output.append(rest)
          case "!": outcome.errors.append(rest)
          default: outcome.status = Int32(rest) ?? -1
          }
        }
        parts.append(.command(String(line.dropFirst(2)), expected: outcome))
      } else {
        parts.append(.prose(line))
      }
    }
  }

  /// The text that reads as this script.
  var text: String {
    parts.map { part in
      switch part {
      case .prose(let line): line
      case .file(let name, let text): "-- file \(name) --\n\(text)-- end --"
      case .command(let command, let outcome):
        (["$ " + command] + outcome.output.map { $0.isEmpty ? ">" : "> " + $0 }
          + outcome.errors.map { $0.isEmpty ? "!" : "! " + $0 } + (outcome.status == 0 ? [] : ["? \(outcome.status)"]))
          .joined(separator: "\n")
      }
    }.joined(separator: "\n")
  }

  /// Runs every command, and returns the script with what really happened.
  func run(executables: String) throws -> CommandScript {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("moonlight-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var result = self
    for (index, part) in parts.enumerated() {
      switch part {
      case .prose: break
      case .file(let name, let text):
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      case .command(let command, _):
        result.parts[index] = .command(command, expected: try Self.run(command, in: folder, executables))
      }
    }
    return result
  }

  private static func run(_ command: String, in folder: URL, _ executables: String) throws -> Outcome {
    // Outside the folder, so that no command sees them.
    let output = folder.appendingPathExtension("out")
    let errors = folder.appendingPathExtension("err")
    defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
    for file in [output, errors] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    process.environment = ["PATH": executables + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: try lines(output, folder), errors: try lines(errors, folder),
      status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
  }

  /// Without what differs from machine to machine or moves with every edit of a recipe.
  private static func lines(_ file: URL, _ folder: URL) throws -> [String] {
    var text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    text = text.replacingOccurrences(of: folder.path, with: "FOLDER")
    text = text.replacingOccurrences(of: #"\.swift:[0-9]+"#, with: ".swift:LINE", options: .regularExpression)
    text = text.replacingOccurrences(of: #"has [0-9.]+ GiB"#, with: "has MEMORY", options: .regularExpression)
    text = text.replacingOccurrences(
      of: #"sha256:[0-9a-f]{64}"#, with: "sha256:FINGERPRINT", options: .regularExpression)
    text = text.replacingOccurrences(
      of: ##"(sha256 of the other lines: |"\$sha256": ")[0-9a-f]{8,64}"##, with: "$1SEAL", options: .regularExpression)
    guard !text.isEmpty else { return [] }
    if text.hasSuffix("\n") { text.removeLast() } else { text += "(no line end)" }
    return text.components(separatedBy: "\n")
  }
}
