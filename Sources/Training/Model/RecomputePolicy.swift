/// Which activations are not kept for the backward pass but computed again (Megatron's `recompute_*` fields).
///
/// A recomputed part runs through the same code on the same inputs, so losses agree bit for bit.
package struct RecomputePolicy: Sendable, Equatable {
  /// Megatron's `recompute_modules`.
  ///
  /// Two change nothing: the engine never keeps the experts' activations, because their backward pass yields them anyway,
  /// nor attention's probabilities, which its backward pass computes again block by block.
  package enum Module: String, Sendable, CaseIterable {
    case coreAttention = "core_attn"
    case layerNorm = "layernorm"
    case latentUpProjection = "mla_up_proj"
    case mixture = "moe"
    case sharedExperts = "shared_experts"
    case mlp
    case expertActivation = "moe_act"
  }

  package enum Granularity: Sendable, Equatable {
    case none
    case selective(Set<Module>)
    /// The first `layers` layers keep their input alone (`block`); `nil` means all (`uniform`, whatever its chunk).
    case full(layers: Int?)
  }

  package var granularity: Granularity

  package init(_ granularity: Granularity) { self.granularity = granularity }

  package static let none = RecomputePolicy(.none)

  /// What one layer does not keep.
  func parts(layer: Int) -> RecomputedParts {
    switch granularity {
    case .none: return []
    case .full(let layers): return layer < layers ?? Int.max ? .all : []
    case .selective(let modules):
      var parts: RecomputedParts = []
      if modules.contains(.layerNorm) { parts.insert(.norms) }
      if modules.contains(.latentUpProjection) { parts.insert(.upProjections) }
      if modules.contains(.mixture) { parts.formUnion([.shared, .experts]) }
      if modules.contains(.sharedExperts) { parts.insert(.shared) }
      if modules.contains(.mlp) { parts.insert(.dense) }
      return parts
    }
  }
}

/// The parts of a layer whose activations can be dropped.
struct RecomputedParts: OptionSet {
  let rawValue: Int
  static let norms = RecomputedParts(rawValue: 1)
  static let upProjections = RecomputedParts(rawValue: 2)
  static let shared = RecomputedParts(rawValue: 4)
  static let experts = RecomputedParts(rawValue: 8)
  static let dense = RecomputedParts(rawValue: 16)
  /// Everything but the layer's input.
  static let rest = RecomputedParts(rawValue: 32)
  static let all: RecomputedParts = [.norms, .upProjections, .shared, .experts, .dense, .rest]
}
