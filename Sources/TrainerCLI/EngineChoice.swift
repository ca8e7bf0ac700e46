import Estimation
import LaunchModel
import Reporting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Who trains.
enum EngineKind: String, Sendable, CaseIterable {
  /// This process: every rank of the layout folded into one.
  case cpu
  /// Megatron-Bridge, under torchrun or Slurm.
  case megatron
}

/// The machine this runs on.
struct HostMachine: Sendable {
  /// `nil` where the system does not say.
  let memoryBytes: Int?

  static var current: HostMachine {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
    return HostMachine(memoryBytes: pages > 0 && size > 0 && !overflow ? bytes : nil)
  }
}

/// Which engine would run a config, and why.
struct EngineChoice: Sendable {
  let kind: EngineKind
  let reason: String
  /// Whether the CPU engine could train it here.
  let fits: Bool

  /// - Parameter asked: what the user chose; wins.
  init(_ parameters: ParameterCount?, _ config: LaunchConfig, worldSize: Int, asked: EngineKind?, host: HostMachine) {
    let need = parameters.map { Self.bytes(of: $0, config) }
    fits =
      switch (need, host.memoryBytes) {
      // A fifth is left to activations and to everything else.
      case (let need?, let memory?): need <= Double(memory) * 0.8
      default: false
      }
    let numbers =
      (need.map { "weights, gradients and optimizer states take \(Numbers.bytes($0))" } ?? "the model cannot be counted")
      + (host.memoryBytes.map { ", this machine has \(Numbers.bytes($0))" } ?? "")
    if let asked {
      kind = asked
      reason = "asked for; " + numbers
    } else if fits, let setting = Self.clusterSetting(config.cluster) {
      kind = .megatron
      reason = "\(setting) asks for a cluster; " + numbers
    } else if fits {
      kind = .cpu
      reason = numbers + (worldSize > 1 ? "; the \(worldSize) ranks are folded into one process" : "")
    } else {
      kind = .megatron
      reason = numbers
    }
  }

  /// A setting that has no meaning but on a cluster with GPUs. How many ranks there are is none: they fold into one
  /// process.
  private static func clusterSetting(_ cluster: Section<ClusterFields>) -> FieldPath? {
    let settings: [(FieldPath, String?)] = [
      (Path.cluster.gpuType, cluster.gpuType), (Path.cluster.partition, cluster.partition),
      (Path.cluster.qos, cluster.qos), (Path.cluster.account, cluster.account),
      (Path.cluster.containerImage, cluster.containerImage),
    ]
    return settings.first { $0.1 != nil && $0.1 != "none" }?.0
  }

  /// How a run goes on that was not started.
  ///
  /// - Parameter file: the config's.
  func help(_ file: String) -> String {
    (fits ? "`--engine cpu` trains it here in one process; " : "")
      + "`--engine megatron` starts it on this node's GPUs; `moonlight export \(file) --to slurm -o launch` writes a batch job"
  }

  /// Weights, gradients and states as the CPU engine keeps them: fp32 master, gradient and states; adapters train alone.
  private static func bytes(of parameters: ParameterCount, _ config: LaunchConfig) -> Double {
    let all = Double(parameters.total)
    if config.recipe.mode == .peft { return all * (config.mixedPrecision.bf16 ? 2 : 4) }
    let states: Double =
      switch config.optimizer.optimizer {
      case .adam: 8
      default: 4
      }
    return all * (4 + 4 + states)
  }
}
