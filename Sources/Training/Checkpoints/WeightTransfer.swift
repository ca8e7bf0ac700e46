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
  /// bf16 weights have masters of the same values, as Megatron's optimizer starts from the bf16 parameters of its model
  /// (megatron-core 0.19.2, optimizer/distrib_optimizer.py).
  ///
  /// - Parameters:
  ///   - finite: refuse NaN and infinite weights.
  ///   - keepsFP32: masters have the values of the file instead (Megatron: `load_main_params_from_ckpt`).
  /// - Throws: ``SystemError``, ``SafetensorsError`` for what is no number; ``CheckpointError`` where a checkpoint of ours is
  ///   damaged.
  package func load(_ weights: StoredWeights, finite: Bool = true, keepsFP32: Bool = false) throws {
    for tensor in layout.tensors {
      if let values = values(tensor) {
        try weights.readFloats(
          tensor, into: UnsafeMutableBufferPointer(start: values, count: tensor.count), finite: finite)
        if tensor.isTrainable {
          roundWeights(tensor.offset, tensor.count)
          if !keepsFP32 { roundMasters(tensor.offset, tensor.count) }
        }
      } else if let weights16 {
        try weights.readBFloat16(
          tensor, into: UnsafeMutableBufferPointer(start: weights16.base + tensor.offset, count: tensor.count),
          finite: finite)
      }
      weightsWritten(tensor)
    }
    try weights.verify()
  }
}
