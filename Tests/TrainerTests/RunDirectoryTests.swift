import Foundation
import Testing
import Training

/// What can happen to a run's directory while the real program uses it.
@Suite struct RunDirectoryTests {
  @Test func aFileThatMayNotGrowEndsTheRunAndLeavesTheLastCheckpointWhole() throws {
    let (whole, run) = (try SmallRun(), try SmallRun())
    let arguments = SmallRun.arguments(steps: 20)
    #expect(try whole.program().run(arguments).status == 0)
    #expect(try run.program().run(arguments + ["--set", "train.exit_interval=5"]).status == 0)
    let before = try run.results()
    #expect(before.iteration == 5)
    // 16 KiB hold the metrics, not the weights.
    let outcome = try run.program().run(arguments, shell: "ulimit -f 32; exec")
    #expect(outcome.status == 73)
    #expect(
      outcome.errors.contains("iter_0000010.writing; the checkpoint of iteration 5 is untouched"), "\(outcome.errors)")
    #expect(try run.results().files == before.files)
    #expect(try POSIXFileSystem().list(run.path("run/checkpoints")).allSatisfy { !$0.hasSuffix(".writing") })
    #expect(try run.program().run(arguments).status == 0)
    #expect(try run.results().metrics == whole.results().metrics)
  }

  @Test func aDirectoryThatCannotBeMadeIsSaidBeforeAnythingRuns() throws {
    let run = try SmallRun()
    let outcome = try run.program().run(SmallRun.arguments(steps: 3) + ["--set", "recipe.dir=/dev/null/runs"])
    #expect(outcome.status == 73 && outcome.errors.contains("cannot create directory /dev/null"), "\(outcome.errors)")
  }

  @Test func twoRunsDoNotShareADirectory() throws {
    let run = try SmallRun()
    let first = try run.program().start(SmallRun.arguments(steps: 100_000, "--set", "checkpoint.save_interval=null"))
    #expect(first.says("step      1/"))
    defer { first.send(SIGKILL) }
    let second = try run.program().run(SmallRun.arguments(steps: 3))
    #expect(second.status == 73)
    #expect(second.errors.contains("another run is writing to ./run/checkpoints"), "\(second.errors)")
    first.send(SIGTERM)
    #expect(try first.wait().status == 128 + SIGTERM)
  }

  @Test func aFinishedRunIsLeftAlone() throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 7)).status == 0)
    let before = try run.results()
    let again = try run.program().run(SmallRun.arguments(steps: 7))
    #expect(again.status == 0 && again.errors.contains("step 7 of 7 was done before"), "\(again.errors)")
    #expect(try run.results() == before)
  }

  @Test func withoutAnIntervalOnlyTheEndIsSaved() throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 7, "--set", "checkpoint.save_interval=null")).status == 0)
    #expect(try run.checkpoints.iterations() == [7])
  }

  @Test func anotherConfigIsSaidFieldByField() throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 5)).status == 0)
    let outcome = try run.program().run(SmallRun.arguments(steps: 10, "--set", "optimizer.lr=0.001"))
    #expect(outcome.status == 0)
    for line in [
      "resuming behind step 5, from ./run/checkpoints/iter_0000005",
      "optimizer.lr: 0.003 in the checkpoint, 0.001 now", "train.train_iters: 5 in the checkpoint, 10 now",
    ] { #expect(outcome.errors.contains(line), "\(outcome.errors)") }
  }

  @Test func anEarlierCheckpointIsTakenWhereTheConfigNamesIt() throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 10)).status == 0)
    let before = try run.results()
    let outcome = try run.program().run(SmallRun.arguments(steps: 10, "--set", "checkpoint.ckpt_step=5"))
    #expect(outcome.status == 0 && outcome.errors.contains("resuming behind step 5,"), "\(outcome.errors)")
    let after = try run.results()
    #expect(after.metrics == before.metrics && after.files["model.safetensors"] == before.files["model.safetensors"])
  }

  @Test func aMissingCheckpointIsSaid() throws {
    let run = try SmallRun()
    let elsewhere = SmallRun.arguments(steps: 2, "--set", "checkpoint.load=elsewhere")
    let outcome = try run.program().run(elsewhere)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("no checkpoint in elsewhere: the run starts anew"), "\(outcome.errors)")
    let strict = try run.program().run(elsewhere + ["--set", "checkpoint.exit_on_missing_checkpoint=true"])
    #expect(strict.status == 66)
    #expect(strict.errors.contains("elsewhere holds no latest_checkpointed_iteration.txt"), "\(strict.errors)")
  }

  @Test func anotherNumberOfThreadsGoesOn() throws {
    let (one, two) = (try SmallRun(), try SmallRun())
    #expect(try one.program().run(SmallRun.arguments(steps: 10)).status == 0)
    #expect(try two.program().run(SmallRun.arguments(steps: 10, "--set", "train.exit_interval=5")).status == 0)
    #expect(try two.program().run(SmallRun.arguments(steps: 10, threads: 3)).status == 0)
    let (losses, others) = (try one.results().metrics.map(\.loss), try two.results().metrics.map(\.loss))
    #expect(zip(losses, others).allSatisfy { abs($0 - $1) < 1e-5 } && others.count == 10)
  }

  @Test(arguments: [
    ("latest_checkpointed_iteration.txt", "seven\n", "should hold an iteration number, not \"seven\""),
    ("latest_checkpointed_iteration.txt", "400\n", "iteration 400, whose folder is not there; there are those of 5"),
    ("iter_0000005/trainer_state.json", "{\"format_version\": 1, \"iter", "trainer_state.json: "),
    ("iter_0000005/trainer_state.json", "{\"format_version\": 1, \"iteration\": \"5\"}", "trainer_state.json: "),
    ("iter_0000005/trainer_state.json", "{\"format_version\": 1, \"iteration\": 6}", "trainer_state.json: is damaged"),
    ("iter_0000005/optimizer.safetensors", "", "optimizer.safetensors: the file is truncated"),
    ("iter_0000005/model.safetensors", "\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}", ": the header claims"),
  ])
  func aDamagedCheckpointIsNamed(file: String, text: String, message: String) throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 5)).status == 0)
    try run.write(text, to: "run/checkpoints/\(file)")
    let outcome = try run.program().run(SmallRun.arguments(steps: 6))
    #expect(outcome.status == 66 && outcome.errors.contains(message), "\(outcome.errors)")
  }

  /// Of a checkpoint without checksums, as older programs wrote them.
  @Test func aStateOfAnotherIterationIsNamed() throws {
    let run = try SmallRun()
    #expect(try run.program().run(SmallRun.arguments(steps: 5)).status == 0)
    let folder = "run/checkpoints/iter_0000005"
    try FileManager.default.removeItem(atPath: "\(run.folder)/\(folder)/checksums.txt")
    try run.write("{\"format_version\": 1, \"iteration\": 6}", to: "\(folder)/trainer_state.json")
    let outcome = try run.program().run(SmallRun.arguments(steps: 6))
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("it is that of iteration 6, the folder that of 5"), "\(outcome.errors)")
  }

  @Test func lossesThatAreNoNumbersEndTheRun() throws {
    let run = try SmallRun()
    let wild = ["--set", "optimizer.lr=1e30", "--set", "scheduler.lr_warmup_iters=0", "--set", "optimizer.min_lr=1e30"]
    let outcome = try run.program().run(SmallRun.arguments(steps: 10) + wild)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(" of step 2 is not a number; no checkpoint was saved"), "\(outcome.errors)")
    // Unless nobody wants to know.
    let careless =
      wild + [
        "--set", "ddp.check_for_nan_in_grad=false", "--set", "rerun_state_machine.check_for_nan_in_loss=false",
      ]
    let other = try SmallRun()
    #expect(try other.program().run(SmallRun.arguments(steps: 10) + careless).status == 0)
    let lines = try String(contentsOfFile: other.path("run/metrics.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 10 && lines[9].contains("\"grad_norm\": null"))
    for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
  }
}
