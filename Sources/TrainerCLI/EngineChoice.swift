import Estimation
import LaunchModel

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

  /// - Parameter asked: what the user chose; wins.
  init(_ parameters: ParameterCount?, _ config: LaunchConfig, worldSize: Int, asked: EngineKind?, host: HostMachine) {
    let need = parameters.map { Self.bytes(of: $0, config) }
    let fits =
      switch (need, host.memoryBytes) {
      // A fifth is left to activations and to everything else.
      case (let need?, let memory?): need <= Double(memory) * 0.8
      default: false
      }
    let numbers =
      (need.map { "weights, gradients and optimizer states take \(memoryText($0))" } ?? "the model cannot be counted")
      + (host.memoryBytes.map { ", this machine has \(memoryText(Double($0)))" } ?? "")
    if let asked {
      kind = asked
      reason = "asked for; " + numbers
    } else if fits {
      kind = .cpu
      reason = numbers + (worldSize > 1 ? "; the \(worldSize) ranks are folded into one process" : "")
    } else {
      kind = .megatron
      reason = numbers
    }
  }

  /// Weights, gradients and states as the CPU engine keeps them: fp32 master, gradient and states; adapters train alone.
  private static func bytes(of parameters: ParameterCount, _ config: LaunchConfig) -> Double {
    let all = Double(parameters.total)
    if config.recipe.mode == .peft { return all * 4 }
    let states: Double =
      switch config.optimizer.optimizer {
      case .adam: 8
      default: 4
      }
    return all * (4 + 4 + states)
  }
}

/// `12.3 GiB`, or `92 MiB` below one.
func memoryText(_ bytes: Double) -> String {
  if bytes.rounded() < 1_073_741_824 { return "\(Int((bytes / 1_048_576).rounded(.up))) MiB" }
  let tenths = (bytes / 1_073_741_824 * 10).rounded()
  guard tenths < 1e15 else { return "too much" }
  return "\(Int(tenths) / 10).\(Int(tenths) % 10) GiB"
}
