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

  /// Fills every tensor from a Hugging Face directory, one at a time.
  ///
  /// - Parameter finite: refuse NaN and infinite weights.
  /// - Returns: names in the directory that the model has no use for; rotary frequencies, which are recomputed, are not
  ///   among them.
  /// - Throws: ``SafetensorsError`` for a missing tensor, another shape, or what is no number.
  @discardableResult
  package func load(_ weights: ModelWeights, finite: Bool = true) throws -> [String] {
    let largest = layout.tensors.map(\.count).max() ?? 0
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: largest)
    defer { buffer.deallocate() }
    for tensor in layout.tensors {
      let destination = UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count])
      let file = try weights.file(of: tensor.name)
      try file.readFloats(tensor.name, shape: tensor.shape, into: destination, finite: finite)
      try write(tensor.name, UnsafeBufferPointer(destination))
      file.release(tensor.name)
    }
    return weights.entries.map(\.name).filter { layout[$0] == nil && !$0.hasSuffix(".rotary_emb.inv_freq") }
  }
}
