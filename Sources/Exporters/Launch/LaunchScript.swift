package import LaunchModel

/// A plan as a script.
package struct LaunchScript {
  private let plan: LaunchPlan
  private let config: LaunchConfig
  private var text = ""

  /// The script of a plan.
  package static func script(of plan: LaunchPlan, for config: LaunchConfig) -> ExportedFile {
    var script = LaunchScript(plan, config)
    switch plan.scheduler {
    case .none:
      script.torchrun()
      return ExportedFile(LaunchPlan.FileName.torchrun, script.text, isExecutable: true)
    case .slurm:
      script.slurm()
      return ExportedFile(LaunchPlan.FileName.slurm, script.text, isExecutable: true)
    }
  }

  private init(_ plan: LaunchPlan, _ config: LaunchConfig) {
    self.plan = plan
    self.config = config
  }

  private mutating func line(_ line: String = "") { text += line + "\n" }

  private mutating func comment(_ comment: String) { line("# " + comment) }

  private var stepNames: String { plan.commands.map(\.step.rawValue).joined(separator: ", ") }

  // MARK: Without a scheduler

  private mutating func torchrun() {
    let nodes = config.cluster.numNodes
    line("#!/usr/bin/env bash")
    comment("Runs the steps it is given, of \(stepNames); `train` if none. Written by moonlight \(toolVersion).")
    if nodes > 1 {
      comment("Run it on all \(nodes) nodes, with MASTER_ADDR the first one's name and NODE_RANK 0 to \(nodes - 1).")
    }
    line("# shellcheck disable=SC2016  # What stands in single quotes is meant as it stands.")
    line("set -euo pipefail")
    line()
    preamble()
    function()
    if nodes > 1 {
      line(
        """
        if [[ ${1:-train} == train ]]; then
          : "${MASTER_ADDR:?is not set: the name of the first node}"
          : "${NODE_RANK:?is not set: the number of this node, 0 to \(nodes - 1)}"
        fi
        """)
    }
    line(
      """
      if (($# == 0)); then set -- train; fi
      for step in "$@"; do
        run_step "$step"
      done
      """)
  }

  /// Environment, setup, folder.
  private mutating func preamble() {
    for variable in plan.environment { line("export \(variable.name)=\(shellQuoted(variable.value))") }
    if !plan.environment.isEmpty { line() }
    for command in LaunchPlan.evaluated(plan.setup) { line(command) }
    if !plan.setup.isEmpty { line() }
    comment("Where bridge.yaml and the Python programs are; LAUNCH_DIR says so if they were moved.")
    line("launch_dir=\(shellQuoted(plan.directory))")
    line("launch_dir=${LAUNCH_DIR:-$launch_dir}")
    line(
      """
      if [[ ! -f $launch_dir/\(LaunchPlan.FileName.config) ]]; then
        echo "there is no \(LaunchPlan.FileName.config) in '$launch_dir': run this from where the launch was written, or set LAUNCH_DIR" >&2
        exit 66
      fi
      """)
    line("mkdir -p -- \(shellQuoted(asOperand(config.runDirectory + "/logs")))")
    line()
  }

  private mutating func function() {
    line("run_step() {")
    line("  case $1 in")
    for (step, words) in plan.commands {
      line("    \(step.rawValue))")
      for (index, word) in words.enumerated() {
        let indent = index == 0 ? "      " : "        "
        line(indent + word.text + (index == words.count - 1 ? "" : " \\"))
      }
      line("      ;;")
    }
    line(
      """
          *)
            echo "there is no step '$1'; the steps are \(stepNames)" >&2
            return 64
            ;;
        esac
      }

      """)
  }

  // MARK: Slurm

  private mutating func slurm() {
    let cluster = config.cluster
    line("#!/usr/bin/env bash")
    for option in batchOptions { line("#SBATCH \(option)") }
    comment(
      "`sbatch \(LaunchPlan.FileName.slurm) [STEP...]`, of \(stepNames); `train` if none. Written by moonlight \(toolVersion)."
    )
    line("# shellcheck disable=SC2016  # What stands in single quotes is meant as it stands.")
    line("set -euo pipefail")
    line()
    preamble()
    comment("This script runs on the first node.")
    line("MASTER_ADDR=$(hostname)")
    line("export MASTER_ADDR")
    line("SLURM_JOB_ID=${SLURM_JOB_ID:-0}")
    line()
    function()
    if cluster.requeue {
      requeue()
    } else {
      line(
        """
        if (($# == 0)); then set -- train; fi
        for step in "$@"; do
          run_step "$step"
        done
        """)
    }
  }

  /// Slurm tells this script before the time is up; it tells the ranks, which save and end; then the job is queued again
  /// and resumes from what was saved.
  private mutating func requeue() {
    line(
      """
      time_is_up=false
      on_time_limit() {
        time_is_up=true
        echo "the time limit is near: saving a checkpoint" >&2
        scancel --signal=\(config.train.exitSignal) "$SLURM_JOB_ID"
      }
      trap on_time_limit USR1

      if (($# == 0)); then set -- train; fi
      for step in "$@"; do
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
      """)
  }

  private var batchOptions: [String] {
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
