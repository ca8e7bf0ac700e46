/// One kind of matrix of all routed experts of a layer in one tensor, as transformers 5 holds them and, with
/// `save_pretrained(save_original_format=False)`, writes them (transformers 5.24.0,
/// models/deepseek_v3/modeling_deepseek_v3.py).
package struct FusedExperts: Sendable {
  /// `model.layers.1.mlp.experts.gate_up_proj` or `….down_proj`
  package let name: String
  /// `[experts, 2 * width, hidden]`, each expert's gate above its up; or `[experts, hidden, width]`.
  package let shape: [Int]
  /// The experts' own matrices in the order in which they lie in the tensor; all have as many elements.
  package let parts: [ParameterDescriptor]

  /// Elements of one part.
  package var partCount: Int { parts.first?.count ?? 0 }
}

extension ParameterLayout {
  /// The fused tensors that can stand for the routed experts' matrices.
  package var fusedExperts: [FusedExperts] {
    (shape.firstKDenseReplace..<shape.numHiddenLayers).flatMap { layer -> [FusedExperts] in
      let prefix = "model.layers.\(layer).mlp.experts."
      let experts = 0..<shape.nRoutedExperts
      func parts(_ names: [String]) -> [ParameterDescriptor] {
        experts.flatMap { expert in names.compactMap { self[prefix + "\(expert).\($0).weight"] } }
      }
      return [
        FusedExperts(
          name: prefix + "gate_up_proj", shape: [experts.count, 2 * shape.moeIntermediateSize, shape.hiddenSize],
          parts: parts(["gate_proj", "up_proj"])),
        FusedExperts(
          name: prefix + "down_proj", shape: [experts.count, shape.hiddenSize, shape.moeIntermediateSize],
          parts: parts(["down_proj"])),
      ]
    }
  }
}
