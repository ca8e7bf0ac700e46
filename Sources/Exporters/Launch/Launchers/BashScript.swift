import LaunchModel

/// A bash script in the making: lines, and the parts that the scripts of launchers have in common.
struct BashScript {
  private let plan: LaunchPlan
  private let config: LaunchConfig
  private(set) var text = ""

  init(_ plan: LaunchPlan, _ config: LaunchConfig) {
    self.plan = plan
    self.config = config
  }

  mutating func line(_ line: String = "") { text += line + "\n" }

  mutating func comment(_ comment: String) { line("# " + comment) }

  /// What the script is, and which packages it is for.
  mutating func addHeader() {
    line("#!/usr/bin/env bash")
    comment("For \(config.release.packages), written by moonlight \(toolVersion).")
  }

  /// What comes before anything runs: bash's strict mode, environment, setup, the launch's folder.
  mutating func addOpening() {
    line("# shellcheck disable=SC2016  # What stands in single quotes is meant as it stands.")
    line("set -euo pipefail")
    line()
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

  /// `run_step`, which runs the step of that name.
  mutating func addStepFunction() {
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
            echo "there is no step '$1'; the steps are \(plan.stepNames)" >&2
            return 64
            ;;
        esac
      }

      """)
  }

  /// `is_done`, which says whether the result of the step of that name is there; and the steps to run, in `steps`: those
  /// that the script is given, else all whose result is missing when it is their turn, which `runs_all` says.
  mutating func addStepChoice(_ path: (String) -> String) {
    line("is_done() {")
    line("  case $1 in")
    for step in LaunchPlan.Step.allCases {
      guard let result = plan.results[step] else { continue }
      line("    \(step.rawValue)) \(result.condition(path)) ;;")
    }
    line(
      """
          *) return 1 ;;
        esac
      }

      if [[ ${1:-} == --only ]]; then
        shift
        if (($# == 0)); then
          echo "--only needs a step: \(plan.stepNames)" >&2
          exit 64
        fi
      fi
      steps=("$@")
      runs_all=false
      if (($# == 0)); then
        runs_all=true
        steps=(\(plan.commands.map(\.step.rawValue).joined(separator: " ")))
      fi

      """)
  }

  /// Runs these steps.
  mutating func addStepLoop() {
    line(
      """
      for step in "${steps[@]}"; do
        if "$runs_all" && is_done "$step"; then
          echo "$step: what it makes is there" >&2
          continue
        fi
        run_step "$step"
      done
      """)
  }

  /// Runs these steps, on a node that NODE_RANK and MASTER_ADDR place among those of the run.
  mutating func addNodeLoop() {
    let nodes = config.cluster.numNodes
    guard nodes > 1 else { return addStepLoop() }
    line(
      """
      if "$runs_all" || [[ ${steps[0]} == train ]]; then
        : "${MASTER_ADDR:?is not set: the name of the first node}"
        : "${NODE_RANK:?is not set: the number of this node, 0 to \(nodes - 1)}"
      fi
      """)
    let steps = plan.commands.map(\.step)
    if steps != [.train] {
      comment("One node does what one process does; the others wait for what training needs of it.")
      line("if \"$runs_all\" && ((NODE_RANK > 0)); then")
      for step in steps where step < .train {
        line("  is_done \(step.rawValue) || echo '\(step.rawValue): waits for node 0 to do it' >&2")
        line("  until is_done \(step.rawValue); do sleep 10; done")
      }
      line("  steps=(\(steps.contains(.train) ? "train" : ""))\nfi\n")
    }
    addStepLoop()
  }
}
