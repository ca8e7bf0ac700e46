import Foundation
import Testing
import Training

/// What can happen to the files of a run between two of its parts: it goes on with all that is left, and says so, or
/// refuses and leaves everything as it is.
@Suite(.serialized) struct DamagedRunTests {
  private func finished(steps: Int = 10) throws -> SmallRun {
    let run = try SmallRun()
    let outcome = try run.program().run(SmallRun.arguments(steps: steps))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return run
  }

  private func change(_ file: String, in run: SmallRun, _ change: (String) -> String) throws {
    try run.write(change(String(decoding: try run.bytes(file), as: UTF8.self)), to: file)
  }

  private static let tracker = "run/checkpoints/latest_checkpointed_iteration.txt"

  // MARK: The state

  @Test(arguments: ["iteration", "consumed_train_samples", "optimizer_steps"])
  func countersAtTheirLimitsAreRefused(name: String) throws {
    let run = try finished()
    let file = "run/checkpoints/iter_0000010/trainer_state.json"
    for number in ["9223372036854775807", "-1", "9223372036854775808"] {
      try change(file, in: run) { $0.replacing(try! Regex("\"\(name)\": -?[0-9]+"), with: "\"\(name)\": \(number)") }
      let outcome = try run.program().run(SmallRun.arguments(steps: 12))
      #expect(outcome.status == 66 && outcome.signal == nil, "\(name) \(number): \(outcome.errors)")
      #expect(outcome.errors.contains("trainer_state.json"), "\(outcome.errors)")
    }
  }

  // MARK: The tracker

  @Test func aLostTrackerIsMadeUpFor() throws {
    let run = try finished()
    try FileManager.default.removeItem(atPath: run.path(Self.tracker))
    let outcome = try run.program().run(SmallRun.arguments(steps: 12))
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("has lost its latest_checkpointed_iteration.txt"), "\(outcome.errors)")
    #expect(outcome.errors.contains("resuming behind step 10"))
    #expect(try run.results().metrics.map(\.step) == Array(1...12))
  }

  @Test(arguments: ["optimizer.safetensors", "model.safetensors", "trainer_state.json"])
  func theNewestWholeCheckpointIsTaken(file: String) throws {
    let run = try finished()
    try FileManager.default.removeItem(atPath: run.path(Self.tracker))
    let damaged = "run/checkpoints/iter_0000010/" + file
    try run.bytes(damaged).prefix(40).write(to: URL(fileURLWithPath: run.path(damaged)))
    let outcome = try run.program().run(SmallRun.arguments(steps: 12))
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("resuming behind step 5"), "\(outcome.errors)")
  }

  @Test func whereNoneIsWholeNothingIsOverwritten() throws {
    let run = try finished()
    try FileManager.default.removeItem(atPath: run.path(Self.tracker))
    for folder in ["iter_0000005", "iter_0000010"] {
      try FileManager.default.removeItem(atPath: run.path("run/checkpoints/\(folder)/optimizer.safetensors"))
    }
    let before = try run.bytes("run/metrics.jsonl")
    let outcome = try run.program().run(SmallRun.arguments(steps: 12))
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("no whole checkpoint"), "\(outcome.errors)")
    #expect(try run.bytes("run/metrics.jsonl") == before)
  }

  // MARK: Metrics and data

  @Test func aDamagedLineOfMetricsCostsNoOther() throws {
    let run = try finished()
    try change("run/metrics.jsonl", in: run) { $0.replacing("{\"step\": 4,", with: "{\"st\u{0}p\": 4,") }
    let outcome = try run.program().run(SmallRun.arguments(steps: 12))
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("metrics.jsonl: a damaged line is passed over"), "\(outcome.errors)")
    #expect(try run.results().metrics.map(\.step) == [1, 2, 3] + Array(5...12))
  }

  @Test func changedDataAreTold() throws {
    let run = try finished()
    let same = try run.program().run(SmallRun.arguments(steps: 11))
    #expect(!same.errors.contains("data have changed"), "\(same.errors)")
    try change("text.jsonl", in: run) { $0 + "{\"text\": \"more\"}\n" }
    let more = try run.program().run(SmallRun.arguments(steps: 12))
    #expect(more.errors.contains("warning: the data have changed since: text.jsonl had "), "\(more.errors)")
    try change("text.jsonl", in: run) { String($0.dropLast()) + "\n" }
    let anew = try run.program().run(SmallRun.arguments(steps: 13))
    #expect(anew.errors.contains("text.jsonl was written anew"), "\(anew.errors)")
  }

  // MARK: What is no file

  @Test(arguments: ["run/metrics.jsonl", "text.jsonl", "run/config.yaml", "run/loss.svg"])
  func aPipeWhereAFileBelongsEndsTheRun(name: String) throws {
    let run = try SmallRun()
    try FileManager.default.createDirectory(atPath: run.path("run"), withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: run.path(name))
    mkfifo(run.path(name), 0o600)
    let outcome = try run.program().start(SmallRun.arguments(steps: 2)).wait(atMost: 40)
    #expect(outcome.signal == nil && outcome.status != 0, "\(outcome.errors)")
    #expect(outcome.errors.contains(FilePath.name(of: name)), "\(outcome.errors)")
  }

  /// Without the memory for its threads, and with hardly any: an end, and a reason.
  @Test(arguments: [100_000, 180_000, 300_000]) func littleMemoryIsAnError(kibibytes: Int) throws {
    let run = try SmallRun()
    let process = try run.program().start(
      SmallRun.arguments(steps: 2, threads: 2, "--set", "model.vocab_size=400000", "--set", "train.micro_batch_size=4"),
      shell: "ulimit -v \(kibibytes); exec")
    let outcome = try process.wait(atMost: 30)
    #expect(outcome.signal != SIGKILL, "it hangs")
    #expect(outcome.status != 0)
  }
}
