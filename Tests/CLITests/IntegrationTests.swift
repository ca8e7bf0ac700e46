import Foundation
import Testing

/// The files with which other tools run this one.
@Suite struct IntegrationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let broken = "extends: moonlight_16b_pretrain_config\ntrain:\n  train_iter: 1000\n"
  private static let mended = "extends: moonlight_16b_pretrain_config\ntrain:\n  train_iters: 1000\n"

  /// Runs a line of shell in a folder with `configs/run.yaml`, and returns what became of that file as well.
  private func run(_ command: String, on config: String) throws -> (
    status: Int32, output: String, config: String, folder: URL
  ) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("moonlight-\(UUID().uuidString)")
    let file = folder.appendingPathComponent("configs/run.yaml")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(config.utf8).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    process.environment = ["PATH": try Executables.folder() + ":/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output, try String(contentsOf: file, encoding: .utf8), folder)
  }

  // MARK: pre-commit

  /// The hooks, each as its keys.
  private static func hooks() throws -> [[String: String]] {
    let text = try String(contentsOf: root.appendingPathComponent(".pre-commit-hooks.yaml"), encoding: .utf8)
    var hooks: [[String: String]] = []
    for line in text.components(separatedBy: "\n") where !line.hasPrefix("#") && line.contains(": ") {
      if line.hasPrefix("- ") { hooks.append([:]) }
      let parts = line.dropFirst(2).components(separatedBy: ": ")
      guard !hooks.isEmpty, !line.contains("  #") else { continue }
      hooks[hooks.count - 1][parts[0]] = parts.dropFirst().joined(separator: ": ")
    }
    return hooks
  }

  @Test func theHooksSayWhatPreCommitAsksFor() throws {
    let hooks = try Self.hooks()
    #expect(hooks.compactMap { $0["id"] } == ["moonlight-validate", "moonlight-fix"])
    for hook in hooks {
      #expect(hook["language"] == "system")
      #expect(hook["name"] != nil)
      let files = try NSRegularExpression(pattern: try #require(hook["files"]))
      for (path, isMeant) in [
        ("configs/a.yaml", true), ("x/configs/b/c.json", true), ("README.md", false), ("myconfigs/a.yaml", false),
      ] {
        let found = files.firstMatch(in: path, range: NSRange(path.startIndex..., in: path)) != nil
        #expect(found == isMeant, "\(path)")
      }
    }
  }

  @Test func theHooksRefuseAndMend() throws {
    let entries = try Self.hooks().map { try #require($0["entry"]) }
    for entry in entries {
      #expect(try run("\(entry) configs/run.yaml", on: Self.mended).status == 0, "\(entry)")
    }
    let refused = try run("\(entries[0]) configs/run.yaml", on: Self.broken)
    #expect(refused.status == 1)
    #expect(refused.config == Self.broken)
    // pre-commit itself fails a hook that has changed a file.
    let fixed = try run("\(entries[1]) configs/run.yaml", on: Self.broken)
    #expect(fixed.status == 0)
    #expect(fixed.config.hasPrefix(Self.mended))
  }

  // MARK: GitHub Actions

  /// The commands of the workflow that run this program.
  private static func steps() throws -> [String] {
    let text = try String(contentsOf: root.appendingPathComponent("Examples/github-workflow.yml"), encoding: .utf8)
    return text.components(separatedBy: "\n").filter { $0.contains("run: moonlight") }.map {
      $0.components(separatedBy: "run: ")[1]
    }
  }

  @Test func theWorkflowAnnotatesAndFails() throws {
    let steps = try Self.steps()
    #expect(steps.count == 2)
    let annotated = try run(steps[0], on: Self.broken)
    #expect(annotated.status == 1)
    #expect(
      annotated.output.contains("::error file=configs/run.yaml,line=3,endLine=3,col=3,endColumn=13,title=FIELD-01::"))
    #expect(try run(steps[0], on: Self.mended).status == 0)
  }

  @Test func theWorkflowWritesAReport() throws {
    let step = try Self.steps()[1]
    let reported = try run(step + "; cat moonlight.sarif", on: Self.broken)
    #expect(reported.status == 0)
    let log = try JSONSerialization.jsonObject(with: Data(reported.output.utf8)) as? [String: Any]
    #expect(log?["version"] as? String == "2.1.0")
    let runs = log?["runs"] as? [[String: Any]]
    let results = runs?.first?["results"] as? [[String: Any]] ?? []
    #expect(results.contains { $0["ruleId"] as? String == "FIELD-01" })
    // The file that the step writes is the one that the next step takes.
    let text = try String(contentsOf: Self.root.appendingPathComponent("Examples/github-workflow.yml"), encoding: .utf8)
    #expect(text.contains("sarif_file: moonlight.sarif"))
  }
}
