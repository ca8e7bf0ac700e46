import Exporters
import LaunchModel
import Testing

/// What sbatch and srun get.
@Suite struct SlurmScriptTests {
  @Test func srunGetsWhatTheConfigSays() throws {
    let stage = try Stage(
      try ExportCase.named("pp4-vp2").onCluster(["cluster.container_mounts=[/data]"]), SlurmLauncher())
    let answer = try stage.run(environment: ["SLURM_JOB_ID": "17"])
    #expect(answer.status == 0, "\(answer.errors)")
    let call = try #require(stage.calls("srun").first)
    let here = stage.folder.path
    #expect(
      call.arguments == [
        "--nodes=4", "--ntasks=4", "--ntasks-per-node=1", "--kill-on-bad-exit=1",
        "--container-image=nvcr.io#nvidia/nemo:25.11", "--container-workdir=\(here)",
        "--container-mounts=\(here):\(here),/data:/data", "torchrun", "--nnodes=4", "--nproc-per-node=8",
        "--rdzv-id=17",
        "--rdzv-backend=c10d", "--rdzv-endpoint=\(Stage.host):29500", "--log-dir=nemo_experiments/default/logs",
        "--tee=3",
        "launch/train.py", "--mode=pretrain", "--config=launch/bridge.yaml",
      ])
  }

  @Test(arguments: [
    ("gpus-per-node", "", "--gpus-per-node=8"), ("gres", "", "--gres=gpu:8"), ("gres", "h100", "--gres=gpu:h100:8"),
    ("gpus-per-node", "a100", "--gpus-per-node=a100:8"),
  ])
  func gpusAreAskedFor(request: String, kind: String, option: String) throws {
    let settings = ["cluster.gpu_request=\(request)"] + (kind.isEmpty ? [] : ["cluster.gpu_type=\(kind)"])
    let options = try batchOptions(try ExportCase.named("pretrain").onCluster(settings))
    #expect(options.contains(option))
  }

  @Test func batchOptionsAreThoseOfTheConfig() throws {
    let options = try batchOptions(
      try ExportCase.named("requeue").onCluster([
        "recipe.name=\"it's $(touch pwned) \\\"x\\\" # \"", "cluster.partition=\"a b\"", "cluster.qos=high",
        "cluster.sbatch_options=[\"--comment=a 'b'\", --spread-job]", "cluster.cpus_per_task=96",
      ]))
    #expect(
      options == [
        "--job-name=it's $(touch pwned) \"x\" # ", "--account=llm", "--partition=a b", "--qos=high", "--nodes=2",
        "--ntasks-per-node=1", "--gpus-per-node=8", "--cpus-per-task=96", "--exclusive", "--time=4:00:00",
        "--output=launch/slurm-%j.log", "--open-mode=append", "--requeue", "--signal=B:USR1@600", "--comment=a 'b'",
        "--spread-job",
      ])
  }

  @Test func noneMeansNeitherAccountNorContainer() throws {
    let config = try ExportCase.named("pretrain").config.with(["cluster.account=none", "cluster.container_image=none"])
    let script = try Launch(config, SlurmLauncher(), directory: "launch").file.text
    #expect(!script.contains("account"))
    #expect(!script.contains("container"))
  }

  /// sbatch's notice reaches the step as the signal that the config names; then the job is queued again.
  @Test func theTimeLimitSavesAndRequeues() throws {
    let stage = try Stage(try ExportCase.named("requeue").onCluster(), SlurmLauncher())
    try stage.fake("scancel", #"kill -s "${1#--signal=}" "$(cat srun.pid)""#)
    // The fake srun is a grandchild of the script, behind the shell of its background job.
    let script = stage.script.replacing("run_step \"$step\" &", with: "export BATCH=$$\n  run_step \"$step\" &")
    try stage.replaceScript(script)
    try stage.fake(
      "srun",
      #"trap 'echo saved > saved; exit 0' USR2; echo $$ > srun.pid; kill -USR1 "$BATCH"; for _ in {1..200}; do sleep 0.05; done; exit 9"#
    )
    let answer = try stage.run(environment: ["SLURM_JOB_ID": "17"])
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(stage.exists("saved"))
    #expect(stage.calls("scancel").first?.arguments == ["--signal=12", "17"])
    #expect(stage.calls("scontrol").first?.arguments == ["requeue", "17"])
  }

  @Test func withoutATimeLimitNothingIsRequeued() throws {
    for (status, body) in [(0, "exit 0"), (5, "exit 5")] {
      let stage = try Stage(try ExportCase.named("requeue").onCluster(), SlurmLauncher())
      try stage.fake("srun", body)
      #expect(try stage.run(environment: ["SLURM_JOB_ID": "17"]).status == Int32(status))
      #expect(stage.calls("scontrol").isEmpty)
    }
  }

  /// The signal passes torchrun by: the command before it makes it ignored.
  @Test func torchrunIgnoresTheNotice() throws {
    let stage = try Stage(try ExportCase.named("requeue").onCluster(["cluster.container_image=none"]), SlurmLauncher())
    try stage.fake("srun", #"while [[ $1 == --* ]]; do shift; done; "$@""#)
    try stage.fake("torchrun", #"kill -s 12 $$; touch survived"#)
    let answer = try stage.run()
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(stage.exists("survived"))
  }

  private func batchOptions(_ config: LaunchConfig) throws -> [String] {
    let script = try Launch(config, SlurmLauncher(), directory: "launch").file.text
    let lines = script.split(separator: "\n").filter { $0.hasPrefix("#SBATCH ") }.map { $0.dropFirst(8) }
    #expect(!script.contains("#SBATCH") || !lines.isEmpty)
    let answer = try Bash.run(["--norc", "-s"], input: "printf '%s\\0' " + lines.joined(separator: " "))
    return answer.text.split(separator: "\0").map(String.init)
  }
}
