package import LaunchModel

/// A set of recomputed modules in one byte: planners compare and hash it millions of times.
package struct RecomputeModules: Hashable, Sendable, ExpressibleByArrayLiteral {
  private var bits: UInt16 = 0

  package init(arrayLiteral modules: RecomputeModule...) { self.init(modules) }

  package init(_ modules: some Sequence<RecomputeModule>) {
    for module in modules { bits |= Self.bit(module) }
  }

  package func contains(_ module: RecomputeModule) -> Bool { bits & Self.bit(module) != 0 }

  private static func bit(_ module: RecomputeModule) -> UInt16 {
    switch module {
    case .coreAttention: 1
    case .moeActivation: 2
    case .layerNorm: 4
    case .mlaUpProjection: 8
    case .mlp: 16
    case .moe: 32
    case .sharedExperts: 64
    }
  }
}
