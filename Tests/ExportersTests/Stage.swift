import ConfigDocument
import Exporters
import Foundation
import LaunchModel
import Testing

extension Launch {
  /// A launch without problems.
  init(_ config: LaunchConfig, _ launcher: any Launcher, directory: String) throws {
    let exported = Launch.launch(of: config, by: launcher, directory: directory)
    #expect(exported.problems.isEmpty, "\(exported.problems)")
    self = exported.value
  }
}

/// A folder with a launch, and programs that write down how they were called.
final class Stage {
  struct Call {
    let arguments: [String]
    let environment: [String: String]
  }

  /// This machine, as the scripts call it.
  static let host = (try? Bash.run(["-c", "hostname"]).text.trimmingCharacters(in: .newlines)) ?? ""

  let folder: URL
  let launch: Launch
  private(set) var script: String
  private let programs: URL
  private var launchFolder: URL

  init(_ config: LaunchConfig, _ launcher: any Launcher, directory: String = "launch") throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.resolvingSymlinksInPath().appending(path: "moonlight-stage-\(UUID().uuidString)")
    programs = folder.appending(path: "programs of the stage")
    launchFolder = URL(filePath: folder.path + "/" + directory)
    launch = try Launch(config, launcher, directory: directory)
    script = launch.file.text
    try files.createDirectory(at: programs, withIntermediateDirectories: true)
    try files.createDirectory(atPath: folder.path + "/" + directory, withIntermediateDirectories: true)
    for file in launch.plan.files {
      try file.text.write(toFile: folder.path + "/" + directory + "/" + file.name, atomically: false, encoding: .utf8)
    }
    for program in ["torchrun", "srun", "docker", "apptainer", "python3", "scancel", "scontrol"] {
      try FileManager.default.createSymbolicLink(
        at: programs.appending(path: program), withDestinationURL: Self.program)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The program behind all names: a file that is never written while tests run. A program that is written and then
  /// called fails now and then with "Text file busy", since a process that another test starts in between inherits it
  /// open for writing.
  private static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/launch/program")

  /// Has a program, all of which note their arguments and environment, do something then.
  func fake(_ name: String, _ body: String) throws {
    let link = programs.appending(path: name)
    if (try? link.checkResourceIsReachable()) != true {
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: Self.program)
    }
    try (body + "\n").write(to: programs.appending(path: name + ".does"), atomically: true, encoding: .utf8)
  }

  func replaceScript(_ text: String) throws { script = text }

  func move(to name: String) throws {
    let target = folder.appending(path: name)
    try FileManager.default.moveItem(at: launchFolder, to: target)
    launchFolder = target
  }

  func run(_ steps: [String] = [], environment: [String: String] = [:]) throws -> Bash.Answer {
    let file = folder.appending(path: "script of the stage")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let path = programs.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    return try Bash.run(
      ["--norc", file.path] + steps, in: folder, environment: environment.merging(["PATH": path]) { $1 })
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.path + "/" + name) }

  /// How a program was called, in the order of the calls.
  func calls(_ name: String) -> [Call] {
    let notes =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.creationDateKey])) ?? []
    let mine = notes.filter { $0.lastPathComponent.hasPrefix("called-\(name).") }
    let dated = mine.map {
      ((try? $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate) ?? .distantPast, $0)
    }
    return dated.sorted { $0.0 < $1.0 }.compactMap { _, file in
      guard let data = try? Data(contentsOf: file) else { return nil }
      let words = data.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
      guard let count = words.first.flatMap({ Int($0) }), words.count > count else { return nil }
      var environment: [String: String] = [:]
      for word in words.dropFirst(count + 1) {
        guard let equals = word.firstIndex(of: "=") else { continue }
        environment[String(word[..<equals])] = String(word[word.index(after: equals)...])
      }
      return Call(arguments: Array(words[1...count]), environment: environment)
    }
  }
}

extension Launch {
  /// The script within the file of a system that starts it itself.
  func innerScript() throws -> String {
    let documents = file.text.components(separatedBy: "\n---\n")
    let root = DocumentReader.read(text: try #require(documents.last), name: "launch", format: .yaml).root
    if case .string(let script)? = root?["run"]?.value(in: .v1_2) { return script }
    guard case .list(let command)? = root?["spec"]?["trainer"]?["command"]?.value(in: .v1_2),
      case .string(let script) = command[2]
    else { throw NoScript() }
    #expect(command[0] == "bash" && command[1] == "-c")
    // What Kubernetes makes of it, for which `$(NAME)` would be a variable.
    #expect(!script.replacing("$$", with: "").contains("$"))
    return script.replacing("$$", with: "$")
  }

  private struct NoScript: Error {}
}
