extension Section<ModelFields> {
  /// Whether one CUDA graph holds a whole iteration: a kind of graph since megatron-core 0.18.2, a scope of the kind `local`
  /// before (megatron-core 0.16.1 `transformer/transformer_config.py`, 0.19.2 `transformer/cuda_graph_config.py`).
  package var capturesWholeIteration: Bool {
    let name = "full_iteration"
    return self.cudaGraphImplementation == name || words("cuda_graph_scope").contains(name)
      || words("cuda_graph_modules").contains(name)
  }
}
