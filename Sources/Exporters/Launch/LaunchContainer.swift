import LaunchModel

/// The container that the commands of a launch run in. The working folder is visible inside under its own name.
struct LaunchContainer {
  /// `nil` where commands run on the nodes themselves.
  let image: String?
  /// `nil` where the launcher's system runs the container.
  let runtime: ContainerRuntime?
  private let config: LaunchConfig

  init(_ config: LaunchConfig, runtime: ContainerRuntime?) {
    self.config = config
    self.runtime = runtime
    image = config.containerImage
  }

  /// What is mounted beside the working folder.
  var mounts: ContainerMounts { ContainerMounts(config) }

  /// Where a path that a command sees is on a node.
  func pathOnNode(_ path: String) -> String { image == nil ? path : mounts.pathOnNode(path) }

  /// A command that runs another one in the container; that itself where somebody else puts it there.
  func wrapping(_ command: [ShellWord]) -> [ShellWord] {
    guard let image else { return command }
    switch runtime {
    case .pyxis, nil: return command
    case .apptainer:
      return ["apptainer", "exec", "--nv", "--pwd=\(variable: "PWD")", "--bind=\(variable: "PWD"):\(variable: "PWD")"]
        + mounts.all.map { "--bind=\($0)" } + [ShellWord(asOperand(image))] + command
    case .docker:
      return [
        "docker", "run", "--rm", "--gpus=all", "--network=host", "--ipc=host", "--ulimit=memlock=-1",
        "--ulimit=stack=67108864", "--workdir=\(variable: "PWD")", "--volume=\(variable: "PWD"):\(variable: "PWD")",
      ] + mounts.all.map { "--volume=\($0)" } + LaunchEnvironment.variables(of: config).map { "--env=\($0.name)" }
        + [ShellWord(image)] + command
    }
  }
}
