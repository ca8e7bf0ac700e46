extension ParameterStore {
  /// All tensors for a Hugging Face directory, read from the store while they are written.
  ///
  /// - Parameter type: of the weights. Router correction biases stay fp32, as transformers keeps them.
  package func tensorsToWrite(as type: SafetensorsType) -> [TensorToWrite] {
    layout.tensors.map { tensor in
      TensorToWrite(
        tensor.name, tensor.isTrainable ? type : .float32, shape: tensor.shape,
        .floats { [self] range, destination in
          try withTensor(tensor.name) { values in
            _ = destination.update(fromContentsOf: UnsafeBufferPointer(rebasing: values[range]))
          }
        })
    }
  }

  /// Fills every tensor from a Hugging Face directory, one at a time, straight from the file.
  ///
  /// - Parameter finite: refuse NaN and infinite weights.
  /// - Returns: names in the directory that the model has no use for; rotary frequencies, which are recomputed, are not
  ///   among them.
  /// - Throws: ``SafetensorsError`` for a missing tensor, another shape, or what is no number.
  @discardableResult
  package func load(_ weights: ModelWeights, finite: Bool = true) throws -> [String] {
    for tensor in layout.tensors {
      let file = try weights.file(of: tensor.name)
      if let values = values(tensor) {
        try file.readFloats(
          tensor.name, shape: tensor.shape, into: UnsafeMutableBufferPointer(start: values, count: tensor.count),
          finite: finite)
        if tensor.isTrainable { roundWeights(tensor.offset, tensor.count) }
      } else if let weights16 {
        try file.readBFloat16(
          tensor.name, shape: tensor.shape,
          into: UnsafeMutableBufferPointer(start: weights16.base + tensor.offset, count: tensor.count), finite: finite)
      }
      weightsWritten(tensor)
    }
    return weights.entries.map(\.name).filter { layout[$0] == nil && !$0.hasSuffix(".rotary_emb.inv_freq") }
  }
}
