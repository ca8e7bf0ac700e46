import LaunchModel

/// Puts a command into the container that the config names. The working folder is visible inside under its own name.
struct ContainerLine {
  private let settings: LaunchSettings

  init(_ settings: LaunchSettings) { self.settings = settings }

  /// - Parameter isAlone: on one node rather than on all.
  func wrapping(_ command: [ShellWord], isAlone: Bool) -> [ShellWord] {
    settings.scheduler == .slurm ? stepped(command, isAlone) : contained(command)
  }

  private func stepped(_ command: [ShellWord], _ isAlone: Bool) -> [ShellWord] {
    let cluster = settings.config.cluster
    var words: [ShellWord] = [
      "srun", "--nodes=\(isAlone ? 1 : cluster.numNodes)", "--ntasks=\(isAlone ? 1 : cluster.numNodes)",
      "--ntasks-per-node=1", "--kill-on-bad-exit=1",
    ]
    if settings.image != nil, settings.runtime == .pyxis {
      words += [
        "--container-image=\(settings.image ?? "")", "--container-workdir=\(variable: "PWD")",
        mounts(joined: "--container-mounts="),
      ]
    }
    if cluster.requeue, !isAlone {
      // The notice must pass torchrun by: it would end its workers rather than let them save.
      words += ["env", "--ignore-signal=\(settings.config.train.exitSignal)"]
    }
    return words + (settings.runtime == .apptainer ? contained(command) : command)
  }

  private func contained(_ command: [ShellWord]) -> [ShellWord] {
    guard let image = settings.image else { return command }
    let mounted = settings.config.cluster.containerMounts
    switch settings.runtime {
    case .pyxis: return command
    case .apptainer:
      return ["apptainer", "exec", "--nv", "--pwd=\(variable: "PWD")", "--bind=\(variable: "PWD"):\(variable: "PWD")"]
        + mounted.map { "--bind=\($0)" } + [ShellWord(asOperand(image))] + command
    case .docker:
      return [
        "docker", "run", "--rm", "--gpus=all", "--network=host", "--ipc=host", "--ulimit=memlock=-1",
        "--ulimit=stack=67108864", "--workdir=\(variable: "PWD")", "--volume=\(variable: "PWD"):\(variable: "PWD")",
      ] + mounted.map { "--volume=\($0.contains(":") ? $0 : $0 + ":" + $0)" }
        + settings.environment.map { "--env=\($0.name)" } + [ShellWord(image)] + command
    }
  }

  private func mounts(joined option: String) -> ShellWord {
    let mounted = settings.config.cluster.containerMounts.map { $0.contains(":") ? $0 : $0 + ":" + $0 }
    return ShellWord(
      [.text(option), .variable("PWD"), .text(":"), .variable("PWD")]
        + (mounted.isEmpty ? [] : [.text("," + mounted.joined(separator: ","))]))
  }
}
