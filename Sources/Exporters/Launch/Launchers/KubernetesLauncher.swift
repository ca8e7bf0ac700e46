import ConfigDocument
package import LaunchModel

/// Kubernetes with the Kubeflow Trainer: a TrainJob (`trainer.kubeflow.org/v1alpha1`, as of kubeflow-trainer-api 2.3), and a ConfigMap with the files
/// of the launch, so that `kubectl apply` needs no other file.
///
/// Each pod runs the script that torchrun has without a scheduler; the runtime `torch-distributed` tells a pod its place
/// in `PET_NODE_RANK` and `PET_MASTER_ADDR`.
package struct KubernetesLauncher: Launcher {
  package let name = "kubernetes"
  package let fileName = "launch.trainjob.yaml"
  package let isExecutable = false
  package let containerRuntime: ContainerRuntime? = nil
  package var heardFields: Set<FieldPath> {
    [Path.cluster.gpuType, Path.cluster.cpusPerTask, Path.cluster.requeue]
  }

  package init() {}

  // MARK: Checks

  package func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let cluster = config.cluster
    if config.containerImage == nil {
      remarks.problem(
        Path.cluster.containerImage, "is not set, and a pod runs an image", help: "name an image with Megatron-Bridge")
    }
    if cluster.containerRuntime != nil {
      remarks.notExported(Path.cluster.containerRuntime, "Kubernetes runs the container itself")
    }
    if cluster.requeue {
      remarks.problem(
        Path.cluster.requeue, "a TrainJob is not put back into a queue",
        help: "set it to false: a pod that ends early is started again, and resumes")
    }
    if let gpu = cluster.gpuType {
      remarks.notExported(
        Path.cluster.gpuType,
        "nodes with \(shown(gpu)) are chosen by labels of the cluster: set the runtime's node selector")
    }
    checkPaths(config, &remarks)
  }

  /// A pod begins in a folder of its image, and what is written there ends with it.
  private func checkPaths(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    let data = config.dataset
    let paths: [(FieldPath, String?)] =
      [
        (Path.recipe.dir, config.runDirectory), (Path.checkpoint.save, config.checkpoint.save),
        (Path.checkpoint.load, config.checkpoint.load),
      ] + data.dataPaths.map { (Path.dataset.dataPaths, $0.path) }
      + data.validDataPaths.map { (Path.dataset.validDataPaths, $0.path) }
      + data.testDataPaths.map { (Path.dataset.testDataPaths, $0.path) }
    for (field, path) in paths {
      guard let path, !path.hasPrefix("/"), field == Path.recipe.dir || !config.isDerived(field) else { continue }
      remarks.problem(
        field, "\(shown(path)) is relative, and a pod has no folder to begin at",
        help: "write it from `/`; folders of nodes are mounted under their own names")
    }
  }

  // MARK: Commands

  package func rendezvous(_ config: LaunchConfig) -> [ShellWord] { TorchrunLauncher().rendezvous(config) }

  package func invocation(
    of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig
  ) -> [ShellWord] { command }

  // MARK: Objects

  package func text(of plan: LaunchPlan, for config: LaunchConfig) -> String {
    let name = Self.objectName(config.recipe.name)
    let header = [
      "For \(config.release.packages), written by moonlight \(toolVersion).",
      "`kubectl apply -f \(fileName)`; the Kubeflow Trainer and its runtime \(Self.runtime) have to be installed.",
    ]
    let files: ConfigMapping = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name + "-launch")],
      "data": .mapping(ConfigMapping(plan.files.map { ConfigMapping.Entry($0.name, .string($0.text)) })),
    ]
    let job: ConfigMapping = [
      "apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "metadata": ["name": .string(name)],
      "spec": [
        "runtimeRef": ["name": .string(Self.runtime)],
        "trainer": .mapping(trainer(plan, config)),
        "runtimePatches": [["manager": "moonlight", "trainingRuntimeSpec": patch(of: volumes(name, config))]],
      ],
    ]
    return YAMLEmitter(header: header, showsLines: true).emit(.mapping(files)) + "---\n"
      + YAMLEmitter(showsLines: true).emit(.mapping(job))
  }

  private static let runtime = "torch-distributed"
  private static let launchFolder = "/moonlight/launch"

  private func trainer(_ plan: LaunchPlan, _ config: LaunchConfig) -> ConfigMapping {
    var resources: ConfigMapping = ["nvidia.com/gpu": .int(config.cluster.gpusPerNode)]
    if let cores = config.cluster.cpusPerTask { resources["cpu"] = .int(cores) }
    return [
      "image": .string(config.containerImage ?? ""),
      "command": ["bash", "-c", .string(Self.escaped(script(plan, config))), "launch"],
      "env": [["name": "LAUNCH_DIR", "value": .string(Self.launchFolder)]],
      "numNodes": .int(config.cluster.numNodes), "numProcPerNode": .int(config.cluster.gpusPerNode),
      "resourcesPerNode": ["limits": .mapping(resources), "requests": .mapping(resources)],
    ]
  }

  private func script(_ plan: LaunchPlan, _ config: LaunchConfig) -> String {
    var script = BashScript(plan, config)
    script.comment("Runs \(plan.stepNames), each where what it makes is missing.")
    script.addOpening()
    script.line("export NODE_RANK=${PET_NODE_RANK:-0} MASTER_ADDR=${PET_MASTER_ADDR:-localhost}")
    script.line()
    script.addStepFunction()
    script.addStepChoice { $0 }
    script.addNodeLoop()
    return script.text
  }

  /// A text that Kubernetes takes for itself in a command: `$(NAME)` would be a variable's value, `$$` is a `$`.
  static func escaped(_ text: String) -> String {
    text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
  }

  /// What the runtime is to have in each pod of the training, behind the templates of its JobSet, job and pod.
  private func patch(of pod: ConfigMapping) -> ConfigValue {
    let job: ConfigValue = ["spec": ["template": ["spec": .mapping(pod)]]]
    return ["template": ["spec": ["replicatedJobs": [["name": "node", "template": job]]]]]
  }

  /// The launch's files, the folders of nodes, and memory for NCCL.
  private func volumes(_ name: String, _ config: LaunchConfig) -> ConfigMapping {
    var volumes: [ConfigValue] = [
      ["name": "launch", "configMap": ["name": .string(name + "-launch")]],
      ["name": "shared-memory", "emptyDir": ["medium": "Memory"]],
    ]
    var mounts: [ConfigValue] = [
      ["name": "launch", "mountPath": .string(Self.launchFolder)],
      ["name": "shared-memory", "mountPath": "/dev/shm"],
    ]
    for (index, mount) in container(config).mounts.all.enumerated() {
      let ends = ContainerMounts.ends(of: mount)
      let folder = ConfigValue.string("folder-\(index)")
      volumes.append(["name": folder, "hostPath": ["path": .string(ends.outside)]])
      var place: ConfigMapping = ["name": folder, "mountPath": .string(ends.inside)]
      if mount.hasSuffix(":ro") { place["readOnly"] = true }
      mounts.append(.mapping(place))
    }
    return ["volumes": .list(volumes), "containers": [["name": "node", "volumeMounts": .list(mounts)]]]
  }

  /// A run's name as Kubernetes takes it: lower case letters, digits and `-`, at most 50 so that names of pods fit.
  static func objectName(_ text: String) -> String {
    var name = ""
    for scalar in text.lowercased().unicodeScalars.prefix(50) {
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      if isPlain { name.unicodeScalars.append(scalar) } else if !name.isEmpty, name.last != "-" { name += "-" }
    }
    while name.last == "-" { name.removeLast() }
    guard let first = name.first else { return "moonlight" }
    return first.isNumber ? "run-" + name : name
  }
}
