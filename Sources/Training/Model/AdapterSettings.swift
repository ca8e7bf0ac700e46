/// Low-rank adapters as the peft library computes them (LoRA, and DoRA with a trained magnitude for each output).
package struct AdapterSettings: Sendable, Equatable {
  package enum DropoutPosition: Sendable {
    case pre
    /// Behind the two matrices, as Megatron has it beside `pre`; LoRA alone.
    case post
  }

  /// Rank (Megatron-Bridge: `dim`; peft: `r`).
  package var dim: Int
  package var alpha: Float
  package var useDora: Bool
  /// Names of the matrices that are adapted, e.g. `model.layers.0.self_attn.q_proj.weight`.
  package var targets: [String]
  /// Share of the elements that training drops on the adapters' way.
  package var dropout = 0.0
  package var dropoutPosition = DropoutPosition.pre
  package var dropoutSeed: UInt64 = 0

  package init(dim: Int, alpha: Float, useDora: Bool = false, targets: [String]) {
    self.dim = dim
    self.alpha = alpha
    self.useDora = useDora
    self.targets = targets
  }

  /// Factor of `B A`, in the forward pass, in merging and inside DoRA's norm alike.
  package var scaling: Float { alpha / Float(dim) }
}
