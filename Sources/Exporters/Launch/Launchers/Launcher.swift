package import LaunchModel

/// What starts a run: a script on every node, a batch job, or the file of another system.
///
/// What is run is a ``LaunchPlan``, the same for every launcher but for how its commands are started and how the ranks
/// find one another. A launcher decides both, says what it cannot honour, and writes the plan down as its system reads
/// it. A new one is a file with its type, and a line in ``Launchers/all``.
package protocol Launcher: Sendable {
  /// As `moonlight export --to` takes it.
  var name: String { get }

  /// The file that it writes beside the config and the Python programs.
  var fileName: String { get }

  /// Whether that file is run by itself, as a script is.
  var isExecutable: Bool { get }

  /// What runs a container where `cluster.container_runtime` does not say; `nil` where the system itself does.
  var containerRuntime: ContainerRuntime? { get }

  /// Whether it can show a container folders of a node.
  var mountsFolders: Bool { get }

  /// Those of ``ClusterSchedulerFields`` that it passes on, or speaks of itself in ``check(_:_:)``.
  var heardFields: Set<FieldPath> { get }

  /// Notes settings that mean nothing to it, and refuses those that it cannot honour.
  func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks)

  /// Options of torchrun that tell the nodes of a run about one another.
  func rendezvous(_ config: LaunchConfig) -> [ShellWord]

  /// What starts a step's command, on its nodes and in the container if there is one.
  func invocation(of command: [ShellWord], for step: LaunchPlan.Step, _ config: LaunchConfig) -> [ShellWord]

  /// The text of its file.
  func text(of plan: LaunchPlan, for config: LaunchConfig) -> String
}

extension Launcher {
  package var mountsFolders: Bool { true }

  /// The container that commands run in.
  func container(_ config: LaunchConfig) -> LaunchContainer {
    LaunchContainer(config, runtime: config.cluster.containerRuntime ?? containerRuntime)
  }
}

/// The launchers there are.
package enum Launchers {
  package static let all: [any Launcher] = [
    TorchrunLauncher(),
    SlurmLauncher(),
    KubernetesLauncher(),
    SkyPilotLauncher(),
  ]
}
