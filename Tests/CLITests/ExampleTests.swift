import Foundation
import Testing

/// Every file in Examples does what it says.
@Suite struct ExampleTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func run(
    _ program: String, _ arguments: [String], in folder: String = "Examples"
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Executables.folder()).appendingPathComponent(program)
    process.arguments = arguments
    process.currentDirectoryURL = Self.root.appendingPathComponent(folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  /// `...` stands for any lines.
  @Test func whatTheReadmeShowsIsPrinted() throws {
    let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let shown = readme.components(separatedBy: "```\n$ moonlight ").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first?.components(separatedBy: "\n")
    }
    #expect(shown.count == 2)
    for lines in shown {
      let result = try run("moonlight", lines[0].split(separator: " ").map(String.init), in: ".")
      var rest = result.output.split(separator: "\n", omittingEmptySubsequences: false)[...]
      for part in lines.dropFirst().split(separator: "...") {
        let place = try #require(rest.firstRange(of: part.map { $0[...] }), "\(part) in \(result.output)")
        rest = rest[place.upperBound...]
      }
    }
  }

  @Test func theConfigsAreValidWithoutAWarning() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Examples").path)
      .filter { $0.hasSuffix(".yaml") || $0 == "pretrain.json" }
    #expect(files.count > 6)
    let result = try run("moonlight", ["validate", "--strict"] + files.sorted())
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(arguments: [
    ("typo.yaml", ["FIELD-01", "FIELD-02", "FIELD-03", "FIELD-06"]), ("parallelism.yaml", ["GPU-01", "PIPE-16"]),
  ])
  func theBrokenConfigsAreRefused(file: String, codes: [String]) throws {
    let result = try run("moonlight", ["validate", "broken/\(file)"])
    #expect(result.status == 1)
    for code in codes { #expect(result.output.contains("[\(code)]"), "\(result.output)") }
  }

  @Test func aRecipeOfOnesOwnIsOneFile() throws {
    let result = try run("custom-recipe", ["generate", "pretrain", "--recipe", "our_64gpu_pretrain_config"])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("pipeline_model_parallel_layout: Et*7|t*8|t*8|t*4L"))
    #expect(result.output.contains("num_nodes: 8"))
  }

  @Test func aModelOfOnesOwnIsOneFile() throws {
    let result = try run("custom-recipe", ["generate", "pretrain", "--model", "our-47-layers", "--gpus", "64"])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("num_layers: 47") && result.output.contains("num_moe_experts: 160"))
  }

  @Test func aFileCanSayOnlyWhatDiffers() throws {
    let result = try run(
      "moonlight", ["explain", "eight-nodes.yaml", "parallelism.pipeline_model_parallel_layout"])
    #expect(result.output.contains("Et*7|t*8|t*8|t*4L"), "\(result.output)")
  }
}
