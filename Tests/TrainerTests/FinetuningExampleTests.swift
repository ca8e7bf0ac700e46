import Foundation
import Testing
import Training

/// Examples/finetune/run.sh with few steps: every part of it works, and the losses fall.
@Suite struct FinetuningExampleTests {
  struct NotBuilt: Error {}

  /// The program that was built beside these tests.
  private func trainer() throws -> String {
    // In a test run of its own the tests are a program; under Xcode they are a bundle.
    var folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments.first { $0.contains(".xctest") } ?? "")
    while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
    let program = folder.appendingPathComponent("moonlight-trainer").path
    guard FileManager.default.isExecutableFile(atPath: program) else { throw NotBuilt() }
    return program
  }

  @Test func everyPartWorks() throws {
    let scratch = TrainingRunTests.Scratch()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["bash", root.appendingPathComponent("Examples/finetune/run.sh").path, scratch.path]
    process.environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "TRAINER": try trainer(), "STEPS": "4", "QUESTIONS": "1",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output)")
    #expect(output.contains("sft, exported: ") && output.contains(" of 1 held-out questions answered"), "\(output)")
    for name in ["base", "lora", "dora", "sft"] {
      let losses = try MetricsLog.read("\(scratch.path)/\(name)/metrics.jsonl").map(\.loss)
      #expect(losses.count == 4 && losses[3] < losses[0], "\(name): \(losses)")
    }
    for name in ["base-hf", "lora-hf", "dora-hf", "sft-hf"] {
      #expect(try ModelWeights(directory: "\(scratch.path)/\(name)")["lm_head.weight"] != nil, "\(name)")
    }
  }
}
