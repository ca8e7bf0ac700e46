package import LaunchModel

/// What is computed again in the backward pass instead of being kept.
package enum RecomputePlan: Hashable, Sendable {
  case none
  case selective(RecomputeModules)
  case full

  package init(_ config: borrowing LaunchConfig) {
    switch config.recompute.recomputeGranularity {
    case nil: self = .none
    case .full: self = .full
    case .selective: self = .selective(RecomputeModules(config.recompute.recomputeModules ?? [.coreAttention]))
    }
  }

  package func drops(_ module: RecomputeModule) -> Bool {
    switch self {
    case .none: false
    case .full: true
    case .selective(let modules): modules.contains(module)
    }
  }
}
