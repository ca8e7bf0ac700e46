import ConfigDocument
package import LaunchModel

/// SkyPilot: a task file for `sky launch`, which finds machines on clouds, Kubernetes or Slurm.
///
/// The folder that it is started from is copied to each node; each runs the script that torchrun has without a
/// scheduler, and learns its place from `SKYPILOT_NODE_RANK` and `SKYPILOT_NODE_IPS`.
package struct SkyPilotLauncher: Launcher {
  package let name = "skypilot"
  package let fileName = "launch.sky.yaml"
  package let isExecutable = false
  package let containerRuntime: ContainerRuntime? = nil
  package let mountsFolders = false
  package var heardFields: Set<FieldPath> {
    [Path.cluster.gpuType, Path.cluster.cpusPerTask, Path.cluster.requeue]
  }

  package init() {}

  package func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let cluster = config.cluster
    if cluster.gpuType == nil {
      remarks.problem(
        Path.cluster.gpuType, "is not set, and SkyPilot looks for machines by it",
        help: "`--set \(Path.cluster.gpuType)=H100`, as `sky show-gpus` names it")
    }
    if let gpu = cluster.gpuType, gpu.contains(where: { $0 == ":" || $0 == "," || $0.isWhitespace }) {
      remarks.problem(Path.cluster.gpuType, "\(shown(gpu)) is no GPU as SkyPilot names them")
    }
    if cluster.containerRuntime != nil {
      remarks.notExported(Path.cluster.containerRuntime, "SkyPilot runs the container itself")
    }
    if config.containerImage != nil, !cluster.containerMounts.isEmpty {
      remarks.problem(
        Path.cluster.containerMounts, "SkyPilot mounts no folders of a node",
        help: "leave it out, and give the task `volumes` or `file_mounts`")
    }
    if cluster.requeue {
      remarks.problem(
        Path.cluster.requeue, "a task has no queue to be put back into",
        help: "set it to false; `sky jobs launch` starts a task again that lost its machines")
    }
    if cluster.numNodes > 1, !config.runDirectory.hasPrefix("/") {
      remarks.problem(
        Path.recipe.dir,
        "\(shown(config.runDirectory)) is on each node for itself, and \(cluster.numNodes) nodes share it",
        help: "name a folder of a volume that all of them mount, from `/`")
    }
  }

  package func rendezvous(_ config: LaunchConfig) -> [ShellWord] { TorchrunLauncher().rendezvous(config) }

  package func invocation(
    of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig
  ) -> [ShellWord] { command }

  package func text(of plan: LaunchPlan, for config: LaunchConfig) -> String {
    var resources: ConfigMapping = [
      "accelerators": .string("\(config.cluster.gpuType ?? ""):\(config.cluster.gpusPerNode)")
    ]
    if let image = config.containerImage { resources["image_id"] = .string("docker:" + image) }
    if let cores = config.cluster.cpusPerTask { resources["cpus"] = .string("\(cores)+") }
    let task: ConfigMapping = [
      "name": .string(KubernetesLauncher.objectName(config.recipe.name)), "num_nodes": .int(config.cluster.numNodes),
      "workdir": ".", "resources": .mapping(resources), "run": .string(script(plan, config)),
    ]
    let header = [
      "For \(config.release.packages), written by moonlight \(toolVersion).",
      "`sky launch \(plan.directory)/\(fileName)` from where the launch was written: that folder is copied to the nodes.",
    ]
    return YAMLEmitter(header: header, showsLines: true).emit(.mapping(task))
  }

  private func script(_ plan: LaunchPlan, _ config: LaunchConfig) -> String {
    var script = BashScript(plan, config)
    script.comment("Runs \(plan.stepNames), each where what it makes is missing.")
    script.addOpening()
    script.line("NODE_RANK=${SKYPILOT_NODE_RANK:-0}")
    script.line("addresses=${SKYPILOT_NODE_IPS:-localhost}")
    script.line("MASTER_ADDR=${addresses%%$'\\n'*}")
    script.line("export NODE_RANK MASTER_ADDR")
    script.line()
    script.addStepFunction()
    script.addStepChoice { $0 }
    script.addNodeLoop()
    return script.text
  }
}
