import Testing

@Suite("GPU: world size and process groups")
struct GPUTests {
  @Test(arguments: [
    .error(
      "GPU-01", ["parallelism.tensor_model_parallel_size": 3, "parallelism.expert_tensor_parallel_size": 1],
      at: "parallelism.tensor_model_parallel_size", "16 GPUs / (TP 3 x PP 1 x CP 1 = 3)"),
    .accepted("GPU-01", ["parallelism.tensor_model_parallel_size": 16]),
  ] as [ValidationCase])
  func denseGroups(_ item: ValidationCase) throws { try item.check() }
}
