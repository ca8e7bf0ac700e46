/// What one adapter changes: a matrix, or the gate and up of one routed expert together.
package struct AdapterTarget: Sendable, Hashable {
  /// The adapted matrix, e.g. `model.layers.0.self_attn.q_proj.weight`; of a joined target the expert's gate.
  package let name: String
  /// Gate and up share one `A`, and `B` has the rows of both: what peft trains on the fused experts of transformers 5.
  package let isJoined: Bool
  /// Rank (Megatron-Bridge: `dim`; peft: `r`).
  package let rank: Int
  /// Factor of `B A`, in the forward pass, in merging and inside DoRA's norm alike.
  package let scaling: Float

  package init(_ name: String, isJoined: Bool = false, rank: Int, scaling: Float) {
    self.name = name
    self.isJoined = isJoined
    self.rank = rank
    self.scaling = scaling
  }

  private static let (gate, up) = ("gate_proj.weight", "up_proj.weight")

  /// The matrices that are adapted, in the order in which `B` has their rows.
  package var matrices: [String] { isJoined ? [name, name.dropLast(Self.gate.utf8.count) + Self.up] : [name] }

  /// The module's name: that of the matrix, or of the fused parameter with the expert's number kept.
  package var module: String {
    isJoined ? name.dropLast(Self.gate.utf8.count) + "gate_up_proj" : String(name.dropLast(".weight".utf8.count))
  }

  /// What names of the adapter's tensors begin with, as peft has them.
  var prefix: String { "base_model.model." + module }
  var isRouter: Bool { name.hasSuffix(".mlp.gate.weight") }
  /// What peft adapts as a parameter alone, where it has neither DoRA nor dropout.
  var isParameter: Bool { isJoined || isRouter }
  var isRoutedExpert: Bool { name.contains(".mlp.experts.") }
}

/// Low-rank adapters as the peft library computes them (LoRA, and DoRA with a trained magnitude for each output).
package struct AdapterSettings: Sendable, Equatable {
  package enum DropoutPosition: Sendable {
    case pre
    /// Behind the two matrices, as Megatron has it beside `pre`; LoRA alone.
    case post
  }

  /// Rank of every adapter that has no other (Megatron-Bridge: `dim`; peft: `r`).
  package var dim: Int
  /// peft's `lora_alpha`.
  package var alpha: Double
  package var useDora: Bool
  /// Scales by alpha / sqrt(rank) instead of alpha / rank.
  package var useRslora = false
  /// How new adapters are drawn.
  package var start = AdapterStart.xavier
  /// How the adapters began, which can say that the base is not what its file holds.
  package var initialization = AdapterInitialization.zero
  package var targets: [AdapterTarget]
  /// Share of the elements that training drops on the adapters' way.
  package var dropout = 0.0
  package var dropoutPosition = DropoutPosition.pre
  package var dropoutSeed: UInt64 = 0

  /// - Parameter targets: names of matrices, each of which gets an adapter of its own.
  package init(dim: Int, alpha: Double, useDora: Bool = false, targets: [String]) {
    self.dim = dim
    self.alpha = alpha
    self.useDora = useDora
    self.targets = []
    self.targets = targets.map { AdapterTarget($0, rank: dim, scaling: scaling) }
  }

  /// Factor of `B A` for adapters of rank ``dim``.
  package var scaling: Float { Self.scaling(alpha: alpha, rank: dim, useRslora: useRslora) }

  /// peft's factor of `B A`.
  package static func scaling(alpha: Double, rank: Int, useRslora: Bool) -> Float {
    Float(useRslora ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
  }

  /// All adapted matrices, those of joined targets one by one.
  package var matrices: [String] { targets.flatMap(\.matrices) }

  /// The largest sum of the ranks of one layer's adapters outside of its routed experts: their gradients are made
  /// together.
  var largestRankInLayer: Int {
    var ranks: [Substring: Int] = [:]
    for target in targets where !target.isRoutedExpert {
      // model.layers.N
      let layer = target.name.split(separator: ".", maxSplits: 3).prefix(3).last ?? ""
      ranks[layer, default: 0] += target.rank
    }
    return ranks.values.max() ?? 0
  }
}
