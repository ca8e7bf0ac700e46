package import LaunchModel

/// Slurm: a batch script for `sbatch`, which starts each step on the job's nodes with `srun`.
package struct SlurmLauncher: Launcher {
  package let name = "slurm"
  package let fileName = "launch.sbatch"
  package let isExecutable = true
  package let containerRuntime: ContainerRuntime? = .pyxis
  package var heardFields: Set<FieldPath> { ClusterSchedulerFields.all }

  package init() {}

  // MARK: Checks

  package func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let cluster = config.cluster
    if cluster.account == nil {
      remarks.problem(
        Path.cluster.account, "is not set, and Slurm jobs are charged to an account",
        help: "`--set \(Path.cluster.account)=NAME`, or `none` for a cluster without accounts")
    }
    if cluster.containerImage == nil {
      remarks.problem(
        Path.cluster.containerImage, "is not set",
        help: "name an image with Megatron-Bridge, or `none` where the nodes have the packages themselves")
    }
    if cluster.containerRuntime == .docker {
      remarks.problem(
        Path.cluster.containerRuntime, "Slurm does not start Docker containers", help: "use pyxis or apptainer")
    }
    if let limit = cluster.timeLimit, !Self.isTimeLimit(limit) {
      remarks.problem(
        Path.cluster.timeLimit, "\(shown(limit)) is no time as Slurm reads it",
        help: "write minutes, `hours:minutes:seconds` or `days-hours:minutes:seconds`")
    }
    if cluster.requeue { checkRequeue(config, &remarks) }
    for option in cluster.sbatchOptions where !option.hasPrefix("--") || option.utf8.count < 3 {
      remarks.problem(
        Path.cluster.sbatchOptions, "\(shown(option)) is no option of sbatch", help: "write it as `--name=value`")
    }
    if cluster.gpuRequest == .none, cluster.gpuType != nil {
      remarks.problem(Path.cluster.gpuType, "has no effect where `gpu_request` is `none`")
    }
  }

  private func checkRequeue(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    if config.cluster.timeLimit == nil {
      remarks.problem(
        Path.cluster.timeLimit, "is not set, and `requeue` acts before the time limit", help: "set it, as `4:00:00`")
    }
    if config.checkpoint.save == nil || config.checkpoint.load == nil {
      remarks.problem(
        Path.cluster.requeue,
        "needs \(Path.checkpoint.save) and \(Path.checkpoint.load): there is nothing to resume from")
    }
    if !config.train.exitSignalHandler {
      remarks.problem(
        Path.train.exitSignalHandler, "is false, and with it `\(Path.cluster.requeue)` would lose what was not saved",
        help: "leave it out, or set it to true")
    }
  }

  /// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes[:seconds]`.
  private static func isTimeLimit(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let clock = (parts.last ?? "").split(separator: ":", omittingEmptySubsequences: false)
    let isNumber = { (part: Substring) in
      !part.isEmpty && part.utf8.count <= 9
        && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    guard clock.count <= 3, clock.allSatisfy(isNumber) else { return false }
    return parts.count == 1 || isNumber(parts[0])
  }

  // MARK: Commands

  package func rendezvous(_ config: LaunchConfig) -> [ShellWord] {
    [
      "--rdzv-id=\(variable: "SLURM_JOB_ID")", "--rdzv-backend=c10d",
      "--rdzv-endpoint=\(variable: "MASTER_ADDR"):\(config.cluster.masterPort)",
    ]
  }

  package func invocation(
    of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig
  ) -> [ShellWord] {
    let nodes = step.isOnEveryNode ? config.cluster.numNodes : 1
    let container = container(config)
    var words: [ShellWord] = [
      "srun", "--nodes=\(nodes)", "--ntasks=\(nodes)", "--ntasks-per-node=1", "--kill-on-bad-exit=1",
    ]
    if let image = container.image, container.runtime == .pyxis {
      let mounts: [ShellWord.Part] = container.mounts.all.map { .text("," + $0) }
      words += [
        "--container-image=\(image)", "--container-workdir=\(variable: "PWD")",
        ShellWord([.text("--container-mounts="), .variable("PWD"), .text(":"), .variable("PWD")] + mounts),
      ]
    }
    if config.cluster.requeue, step.isOnEveryNode {
      // The notice must pass torchrun by: it would end its workers rather than let them save.
      words += ["env", "--ignore-signal=\(config.train.exitSignal)"]
    }
    return words + container.wrapping(command)
  }

  // MARK: Script

  package func text(of plan: LaunchPlan, for config: LaunchConfig) -> String {
    var script = BashScript(plan, config)
    script.addHeader()
    for option in Self.batchOptions(plan, config) { script.line("#SBATCH \(option)") }
    script.comment("Runs \(plan.stepNames), each where what it makes is missing; `sbatch \(fileName) --only STEP` one.")
    script.addOpening()
    script.comment("This script runs on the first node.")
    script.line("MASTER_ADDR=$(hostname)")
    script.line("export MASTER_ADDR")
    script.line("SLURM_JOB_ID=${SLURM_JOB_ID:-0}")
    script.line()
    script.addStepFunction()
    script.addStepChoice(container(config).pathOnNode)
    if config.cluster.requeue {
      script.line(Self.requeueingLoop(signal: config.train.exitSignal))
    } else {
      script.addStepLoop()
    }
    return script.text
  }

  /// Slurm tells the script before the time is up; it tells the ranks, which save and end; then the job is queued again
  /// and resumes from what was saved.
  private static func requeueingLoop(signal: Int) -> String {
    """
    time_is_up=false
    on_time_limit() {
      time_is_up=true
      echo "the time limit is near: saving a checkpoint" >&2
      scancel --signal=\(signal) "$SLURM_JOB_ID"
    }
    trap on_time_limit USR1

    for step in "${steps[@]}"; do
      if "$runs_all" && is_done "$step"; then
        echo "$step: what it makes is there" >&2
        continue
      fi
      run_step "$step" &
      running=$!
      status=0
      # A trap interrupts `wait` with a status above 128 while the step still runs.
      while :; do
        if wait "$running"; then status=0; else status=$?; fi
        kill -0 "$running" 2>/dev/null || break
      done
      if "$time_is_up"; then
        echo "queueing the job again" >&2
        exec scontrol requeue "$SLURM_JOB_ID"
      fi
      if ((status != 0)); then exit "$status"; fi
    done
    """
  }

  private static func batchOptions(_ plan: LaunchPlan, _ config: LaunchConfig) -> [String] {
    let cluster = config.cluster
    func option(_ name: String, _ value: String) -> String { "--\(name)=\(sbatchQuoted(value))" }
    var options = [option("job-name", config.recipe.name.isEmpty ? "moonlight" : config.recipe.name)]
    if let account = cluster.account, account != "none" { options.append(option("account", account)) }
    if let partition = cluster.partition { options.append(option("partition", partition)) }
    if let qos = cluster.qos { options.append(option("qos", qos)) }
    options += [option("nodes", String(cluster.numNodes)), option("ntasks-per-node", "1")]
    let gpus = (cluster.gpuType.map { $0 + ":" } ?? "") + String(cluster.gpusPerNode)
    switch cluster.gpuRequest {
    case .gpusPerNode: options.append(option("gpus-per-node", gpus))
    case .gres: options.append(option("gres", "gpu:" + gpus))
    case .none: break
    }
    if let cores = cluster.cpusPerTask { options.append(option("cpus-per-task", String(cores))) }
    if cluster.exclusive { options.append("--exclusive") }
    if let limit = cluster.timeLimit { options.append(option("time", limit)) }
    // sbatch replaces %j and its like in paths.
    let folder = plan.directory.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    options += ["--output=\(sbatchQuoted(folder + "/slurm-"))%j.log", "--open-mode=append"]
    if cluster.requeue {
      options += ["--requeue", "--signal=B:USR1@\(cluster.requeueNoticeSeconds)"]
    } else {
      options.append("--no-requeue")
    }
    for written in cluster.sbatchOptions {
      let parts = written.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      options.append(sbatchQuoted(parts[0]) + (parts.count > 1 ? "=" + sbatchQuoted(parts[1]) : ""))
    }
    return options
  }
}
