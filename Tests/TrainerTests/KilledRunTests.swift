import Foundation
import Testing
import Training

/// The real program, ended by every kind of signal: what it goes on to is bit for bit what it would have been.
@Suite(.serialized) struct KilledRunTests {
  /// `KILLS=100` for a long test.
  static let kills = ProcessInfo.processInfo.environment["KILLS"].flatMap { Int($0) } ?? 10

  private let arguments = SmallRun.arguments(steps: 40)

  private func uninterrupted() throws -> SmallRun.Results {
    let run = try SmallRun()
    let outcome = try run.program().run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let results = try run.results()
    #expect(results.iteration == 40 && results.metrics.map(\.step) == Array(1...40))
    #expect(
      results.files.keys.sorted()
        == ["checksums.txt", "config.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json"])
    return results
  }

  @Test func aRunKilledAtRandomMomentsEndsAsIfNothingHadBeen() throws {
    try killAtRandomMoments("run", arguments) { try SmallRun() }
  }

  @Test func aRunOfAdaptersKilledAtRandomMomentsEndsAsIfNothingHadBeen() throws {
    let base = try SmallRun()
    #expect(try base.program().run(SmallRun.arguments(steps: 3)).status == 0)
    let checkpoints = try base.allFiles().filter { $0.key.hasPrefix("run/") }
    try killAtRandomMoments("adapter", SmallRun.adapterArguments(steps: 40)) {
      let run = try SmallRun()
      for (name, bytes) in checkpoints {
        let file = URL(fileURLWithPath: run.path(name))
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: file.path)
      }
      return run
    }
  }

  /// - Parameter make: makes the folder that a run begins in; always the same.
  private func killAtRandomMoments(_ name: String, _ arguments: [String], make: () throws -> SmallRun) throws {
    let whole = try make()
    let began = Date()
    let uninterrupted = try whole.program().run(arguments)
    let duration = Date().timeIntervalSince(began)
    #expect(uninterrupted.status == 0, "\(uninterrupted.errors)")
    let expected = try whole.results(of: name)
    #expect(expected.iteration == 40 && expected.metrics.map(\.step) == Array(1...40))
    var generator = RandomStream(seed: 7)
    var (kills, finished, resumed) = (0, 0, 0)
    while kills < Self.kills {
      let run = try make()
      // A run gets so many chances to be killed; then it may finish.
      for _ in 0..<8 where kills < Self.kills {
        let process = try run.program().start(arguments)
        usleep(UInt32(generator.uniform() * duration * 0.6 * 1e6))
        process.send(SIGKILL)
        let outcome = try process.wait()
        if outcome.errors.contains("resuming behind") { resumed += 1 }
        if outcome.signal == SIGKILL { kills += 1 }
      }
      let outcome = try run.program().run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try run.results(of: name) == expected, "after \(kills) kills")
      finished += 1
    }
    #expect(kills >= Self.kills && finished > 0 && resumed > 0)
    print(
      "\(name): \(kills) kills, \(resumed) of them of resumed runs; \(finished) runs ended as the uninterrupted one")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalFinishesTheStepAndSaves(signal: Int32) throws {
    let expected = try uninterrupted()
    let run = try SmallRun()
    let process = try run.program().start(arguments)
    #expect(process.says("step  1/40"))
    process.send(signal)
    let outcome = try process.wait()
    let step = try run.results().iteration
    #expect(outcome.status == (step < 40 ? 128 + signal : 0))
    let name = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"][signal] ?? ""
    if step < 40 {
      let line = "\(name): stopped behind step \(step) of 40, which is saved"
      #expect(outcome.errors.contains(line), "\(outcome.errors)")
    }
    #expect(try run.program().run(arguments).status == 0)
    #expect(try run.results() == expected)
  }

  @Test func nohupKeepsARunGoing() throws {
    let run = try SmallRun()
    let process = try run.program().start(arguments, shell: "trap '' HUP; exec")
    #expect(process.says("step  1/40"))
    process.send(SIGHUP)
    #expect(try process.wait().status == 0)
    #expect(try run.results().iteration == 40)
  }

  @Test func aSecondInterruptEndsALongStepAtOnce() throws {
    let run = try SmallRun()
    let process = try run.program().start(
      SmallRun.arguments(steps: 5) + ["--set", "train.global_batch_size=200000", "--set", "validation.eval_iters=0"])
    #expect(process.says("memory:"))
    usleep(500_000)
    process.send(SIGINT)
    usleep(900_000)
    process.send(SIGINT)
    let outcome = try process.wait()
    #expect(outcome.signal == SIGINT && outcome.status == nil, "\(outcome.errors)")
  }

  @Test func aSignalOfTheConfigStopsTheRun() throws {
    let run = try SmallRun("train: {exit_signal_handler: true, exit_signal: \(SIGUSR2)}\n")
    let process = try run.program().start(arguments)
    #expect(process.says("step  1/40"))
    process.send(SIGUSR2)
    let outcome = try process.wait()
    #expect(outcome.status == 128 + SIGUSR2)
    #expect(outcome.errors.contains("signal \(SIGUSR2): stopped behind step"), "\(outcome.errors)")
  }
}
