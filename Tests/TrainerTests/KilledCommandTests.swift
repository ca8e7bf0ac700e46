import Foundation
import Testing
import Training

/// The commands that read checkpoints and text, killed at random moments: what they read stays as it is, what they write is
/// there as a whole or not at all, and the same command then makes it bit for bit.
@Suite(.serialized) struct KilledCommandTests {
  struct Command: CustomTestStringConvertible {
    let arguments: [String]
    /// Files and folders that it makes.
    let outputs: [String]

    init(_ arguments: [String], makes outputs: String...) { (self.arguments, self.outputs) = (arguments, outputs) }

    var testDescription: String { arguments[0] }
  }

  static let commands = [
    Command(
      ["prepare", "text.jsonl", "--output-prefix", "data"], makes: "data_text_document.bin", "data_text_document.idx"),
    Command(["export-hf", "run/checkpoints", "out", "--max-shard-size", "20000"], makes: "out"),
    Command(["merge", "run/checkpoints", "adapter/checkpoints", "out"], makes: "out"),
    Command(["export-adapter", "adapter/checkpoints", "out"], makes: "out"),
    Command(["generate", "run/checkpoints", "--prompt", "line ", "--max-tokens", "60", "--threads", "1"]),
  ]

  /// A finished run, and adapters trained on it.
  private func finishedRuns() throws -> SmallRun {
    let run = try SmallRun()
    for arguments in [SmallRun.arguments(steps: 4), SmallRun.adapterArguments(steps: 4)] {
      let outcome = try run.program().run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    return run
  }

  @Test(arguments: commands) func aKilledCommandLeavesAllOrNothing(_ command: Command) throws {
    let run = try finishedRuns()
    let inputs = try run.allFiles()
    let began = Date()
    let whole = try run.program().run(command.arguments)
    let duration = Date().timeIntervalSince(began)
    #expect(whole.status == 0, "\(whole.errors)")
    let expected = try run.allFiles()
    #expect(command.outputs.allSatisfy { output in expected.keys.contains { $0.hasPrefix(output) } })

    var generator = RandomStream(seed: 11)
    var (kills, partial) = (0, 0)
    for _ in 0..<KilledRunTests.kills * 3 where kills < KilledRunTests.kills {
      try run.remove(command.outputs)
      let process = try run.program().start(command.arguments)
      if kills % 2 == 0 || command.outputs.isEmpty {
        usleep(UInt32(generator.uniform() * duration * 1.1 * 1e6))
      } else {
        // Most of the time goes into starting: every other one is killed while it writes.
        for _ in 0..<Int(duration * 1e4) where !run.isWriting() { usleep(100) }
        usleep(UInt32(generator.uniform() * 10_000))
      }
      process.send(SIGKILL)
      let outcome = try process.wait()
      if outcome.signal == SIGKILL { kills += 1 }
      #expect(whole.output.hasPrefix(outcome.output))
      let left = try run.allFiles()
      for (name, bytes) in left {
        // What is written under another name is not there yet.
        if name.contains(".writing") { continue }
        #expect(expected[name] == bytes, "\(name) after \(kills) kills")
      }
      #expect(inputs.allSatisfy { left[$0.key] == $0.value })
      if left.keys.contains(where: { $0.contains(".writing") }) { partial += 1 }
      // An export is one folder; the two files of an indexed dataset are not one step, and the index comes last.
      if let last = command.outputs.last, FileManager.default.fileExists(atPath: run.path(last)) {
        #expect(left == expected, "after \(kills) kills")
        try run.remove(command.outputs)
      }
      try run.remove(command.outputs)
      let again = try run.program().run(command.arguments)
      #expect(again.status == 0 && again.output == whole.output, "\(again.errors)")
      #expect(try run.allFiles() == expected, "after \(kills) kills")
    }
    #expect(kills > 0)
    print("\(command.arguments[0]): \(kills) kills, \(partial) of them while something was written")
  }

  /// Megatron would take the tokens of one text by the index of another.
  @Test func whatIsPreparedAnewIsNeverHalfOfEach() throws {
    let run = try SmallRun()
    let command = Self.commands[0]
    #expect(try run.program().run(command.arguments).status == 0)
    let before = try run.allFiles()
    try run.write("{\"text\": \"another text\"}\n", to: "text.jsonl")
    let copy = try SmallRun()
    try copy.write("{\"text\": \"another text\"}\n", to: "text.jsonl")
    #expect(try copy.program().run(command.arguments).status == 0)
    let after = try copy.allFiles()
    var generator = RandomStream(seed: 3)
    for _ in 0..<KilledRunTests.kills {
      for name in command.outputs { try before[name]?.write(to: URL(fileURLWithPath: run.path(name))) }
      let process = try run.program().start(command.arguments)
      usleep(UInt32(generator.uniform() * 60_000))
      process.send(SIGKILL)
      _ = try process.wait()
      let left = try run.allFiles()
      guard let index = left[command.outputs[1]] else { continue }
      let source = index == before[command.outputs[1]] ? before : after
      #expect(left[command.outputs[0]] == source[command.outputs[0]] && index == source[command.outputs[1]])
    }
  }
}
