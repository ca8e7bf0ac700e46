import ConfigDocument
import LaunchModel

extension LaunchConfig {
  /// The container that commands run in; `nil` where they run on the nodes themselves.
  var containerImage: String? { cluster.containerImage.flatMap { $0 == "none" ? nil : $0 } }
}

/// The environment variables of a run.
enum LaunchEnvironment {
  static let connections = "CUDA_DEVICE_MAX_CONNECTIONS"

  /// Those of `env_vars`, and what Megatron asks for where layers are split (before Blackwell).
  static func variables(of config: LaunchConfig) -> [LaunchPlan.Variable] {
    var variables = config.envVars.storage.carried.map {
      LaunchPlan.Variable(name: $0.name, value: text(of: $0.value))
    }
    let parallelism = config.parallelism
    let splitsLayers = parallelism.tensorModelParallelSize > 1 || parallelism.contextParallelSize > 1
    let isSharded = config.usesMegatronFSDP || config.dist.useTorchFSDP2
    if splitsLayers, !isSharded, !variables.contains(where: { $0.name == connections }) {
      variables.append(LaunchPlan.Variable(name: connections, value: "1"))
    }
    return variables
  }

  /// A value of `env_vars` as the text that a process sees.
  private static func text(of value: ConfigValue) -> String {
    switch value {
    case .null: ""
    case .bool(let flag): flag ? "1" : "0"
    case .int(let number): String(number)
    case .string(let text): text
    case .float, .list, .mapping: FlowText.yaml(value)
    }
  }
}
