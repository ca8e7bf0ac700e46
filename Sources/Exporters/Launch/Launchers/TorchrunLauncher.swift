package import LaunchModel

/// torchrun without a scheduler: one bash script that somebody, or something, runs on every node.
package struct TorchrunLauncher: Launcher {
  package let name = "torchrun"
  package let fileName = "launch.sh"
  package let isExecutable = true
  package let containerRuntime: ContainerRuntime? = .docker
  package var heardFields: Set<FieldPath> { [Path.cluster.requeue] }

  package init() {}

  package func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let cluster = config.cluster
    if cluster.requeue {
      remarks.problem(
        Path.cluster.requeue, "torchrun has no queue to put a job back into",
        help: "use `--to slurm`, or set it to false")
    }
    if cluster.containerRuntime == .pyxis {
      remarks.problem(
        Path.cluster.containerRuntime, "pyxis is a plugin of Slurm", help: "use docker or apptainer")
    }
  }

  package func rendezvous(_ config: LaunchConfig) -> [ShellWord] {
    guard config.cluster.numNodes > 1 else { return ["--standalone"] }
    return [
      "--node-rank=\(variable: "NODE_RANK")", "--master-addr=\(variable: "MASTER_ADDR")",
      "--master-port=\(config.cluster.masterPort)",
    ]
  }

  package func invocation(
    of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig
  ) -> [ShellWord] {
    container(config).wrapping(command)
  }

  package func text(of plan: LaunchPlan, for config: LaunchConfig) -> String {
    let nodes = config.cluster.numNodes
    var script = BashScript(plan, config)
    script.addHeader()
    script.comment("Runs \(plan.stepNames), each where what it makes is missing; `\(fileName) --only STEP` runs one.")
    if nodes > 1 {
      script.comment(
        "Run it on all \(nodes) nodes, with MASTER_ADDR the first one's name and NODE_RANK 0 to \(nodes - 1).")
    }
    script.addOpening()
    script.addStepFunction()
    script.addStepChoice(container(config).pathOnNode)
    script.addNodeLoop()
    return script.text
  }
}
