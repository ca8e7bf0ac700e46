package import Estimation
import LaunchModel

/// A setting of recomputation.
package struct RecomputeChoice: Hashable, Sendable {
  package let plan: RecomputePlan
  let method: RecomputeMethod?
  let numLayers: Int?

  package static let none = RecomputeChoice(.none)
  package static let coreAttention = RecomputeChoice(.selective([.coreAttention]))
  package static let full = RecomputeChoice(.full, method: .uniform, numLayers: 1)

  /// What a search tries, from the least recomputed to the most. Others save less for what they cost.
  package static let searched: [RecomputeChoice] = [
    none, coreAttention, RecomputeChoice(.selective([.layerNorm, .moeActivation])),
    RecomputeChoice(.selective([.layerNorm, .moeActivation, .mlaUpProjection])), RecomputeChoice(.selective([.moe])),
    full,
  ]

  private init(_ plan: RecomputePlan, method: RecomputeMethod? = nil, numLayers: Int? = nil) {
    self.plan = plan
    self.method = method
    self.numLayers = numLayers
  }

  /// What a config says.
  init(_ config: LaunchConfig) {
    self.init(
      RecomputePlan(config), method: config.recompute.recomputeMethod, numLayers: config.recompute.recomputeNumLayers)
  }

  /// `none`, `full`, or the modules: `layernorm+moe_act`.
  package var name: String {
    switch plan {
    case .none: "none"
    case .full: "full"
    case .selective: modules.map(\.rawValue).joined(separator: "+")
    }
  }

  /// In the order of Megatron's documentation.
  private var modules: [RecomputeModule] { RecomputeModule.allCases.filter { plan != .full && plan.drops($0) } }

  func apply(to config: inout LaunchConfig) {
    config.recompute.recomputeMethod = method
    config.recompute.recomputeNumLayers = numLayers
    switch plan {
    case .none:
      config.recompute.recomputeGranularity = nil
      config.recompute.recomputeModules = nil
    case .selective:
      config.recompute.recomputeGranularity = .selective
      config.recompute.recomputeModules = modules
    case .full:
      config.recompute.recomputeGranularity = .full
      config.recompute.recomputeModules = nil
    }
  }
}
