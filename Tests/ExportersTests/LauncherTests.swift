import ConfigDocument
import Exporters
import LaunchModel
import Testing

@Suite struct LauncherTests {
  @Test func targetsAreToldApart() {
    let names = ExportTarget.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(Launchers.all.map(\.fileName)).count == Launchers.all.count)
    #expect(names.suffix(Launchers.all.count) == Launchers.all.map(\.name)[...])
  }

  /// A launcher is its type alone, and need not write a script.
  @Test func aSystemThatReadsYAMLIsALauncher() throws {
    let config = try ExportCase.named("pretrain").config.with([
      "cluster.num_nodes=2", "cluster.container_image=image", "env_vars.TOKEN=x", "recipe.name=run",
    ])
    let launch = try Launch(config, PodLauncher(), directory: "/launch")
    #expect(!launch.file.isExecutable)
    #expect(launch.file.name == "pod.yaml")
    let document = DocumentReader.read(text: launch.file.text, name: "pod.yaml", format: .yaml)
    #expect(
      document.root?.value(in: .v1_2) == [
        "image": "image",
        "environment": ["TOKEN": "x", "CUDA_DEVICE_MAX_CONNECTIONS": "1"],
        "files": ["bridge.yaml", "megatron_release.py", "train.py", "requirements.txt"],
        "train": [
          "torchrun", "--nnodes=2", "--nproc-per-node=8", "--node-rank=$(POD_INDEX)",
          "--log-dir=nemo_experiments/run/logs", "--tee=3", "$(launch_dir)/train.py", "--mode=pretrain",
          "--config=$(launch_dir)/bridge.yaml",
        ],
      ])
  }

  /// What asks a scheduler for nodes is in the file, refused, or noted as left out.
  @Test(arguments: ClusterSchedulerFields.all.sorted { "\($0)" < "\($1)" }, Launchers.all.map(\.name))
  func nothingForTheSchedulerIsLostInSilence(_ path: FieldPath, launcher name: String) throws {
    let values = [
      "gpu_request": "gres", "exclusive": "false", "sbatch_options": "[--comment=x]", "requeue": "true",
      "requeue_notice_seconds": "700", "cpus_per_task": "8", "time_limit": "4:00:00", "gpu_type": "B200",
    ]
    let launcher = try #require(Launchers.all.first { $0.name == name })
    let base = try ExportCase.named("pretrain").config.with([
      "cluster.account=a", "cluster.container_image=image", "cluster.gpu_type=H100", "recipe.dir=/runs",
      "cluster.time_limit=1:00:00", "cluster.requeue=\(path == Path.cluster.requeueNoticeSeconds && name == "slurm")",
    ])
    let changed = base.with(["\(path)=\(values[path.field] ?? "other")"])
    let (before, after) = (
      Launch.launch(of: base, by: launcher, directory: "/launch"),
      Launch.launch(of: changed, by: launcher, directory: "/launch")
    )
    let isTold = after.problems.contains { $0.path == path } || after.notes.contains { $0.path == path }
    #expect(isTold || after.value.file.text != before.value.file.text, "\(after.notes)")
  }

  /// A value in `env_vars` would be taken for the system's.
  @Test(arguments: Launchers.all.map(\.name))
  func variablesThatAScriptReadsHaveAnOwner(launcher name: String) throws {
    let launcher = try #require(Launchers.all.first { $0.name == name })
    let config = try ExportCase.named("pretrain").config.with([
      "cluster.num_nodes=2", "cluster.account=a", "cluster.container_image=image", "cluster.gpu_type=H100",
      "recipe.dir=/runs",
    ])
    let text = try Launch(config, launcher, directory: "/launch").file.text
    for match in text.matches(of: /\$\{?([A-Z][A-Z_]+)/) {
      #expect(VariableOwner(of: String(match.1)) != nil, "\(match.1)")
    }
  }

  @Test func whatItRefusesIsAProblemOfTheLaunch() throws {
    let config = try ExportCase.named("pretrain").config
    let problems = Launch.launch(of: config, by: PodLauncher(), directory: "/launch").problems
    #expect(problems == [ExportProblem(Path.cluster.containerImage, "is not set, and a pod runs an image")])
  }
}

/// A system that runs containers itself and fills in variables written `$(NAME)`, as Kubernetes does.
private struct PodLauncher: Launcher {
  let name = "pod"
  let fileName = "pod.yaml"
  let isExecutable = false
  let containerRuntime: ContainerRuntime? = nil
  let heardFields: Set<FieldPath> = []

  func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    if config.cluster.containerImage == nil {
      remarks.problem(Path.cluster.containerImage, "is not set, and a pod runs an image")
    }
  }

  func rendezvous(_ config: LaunchConfig) -> [ShellWord] { ["--node-rank=\(variable: "POD_INDEX")"] }

  func invocation(of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig) -> [ShellWord] {
    command
  }

  func text(of plan: LaunchPlan, for config: LaunchConfig) -> String {
    let variables = plan.environment.map { ConfigMapping.Entry($0.name, .string($0.value)) }
    var tree: ConfigMapping = [
      "image": .string(config.cluster.containerImage ?? ""),
      "environment": .mapping(ConfigMapping(variables)),
      "files": .list(plan.files.map { .string($0.name) }),
    ]
    for (step, words) in plan.commands { tree[step.rawValue] = .list(words.map { .string(Self.text(of: $0)) }) }
    return YAMLEmitter().emit(.mapping(tree))
  }

  private static func text(of word: ShellWord) -> String {
    word.parts.map { part in
      switch part {
      case .text(let text): text
      case .variable(let name): "$(\(name))"
      }
    }.joined()
  }
}
