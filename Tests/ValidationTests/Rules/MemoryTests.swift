import Testing

@testable import Validation

@Suite("MEM: what fits a GPU")
struct MemoryTests {
  @Test(
    arguments: [
      .accepted("MEM-01", [:]),
      .accepted("MEM-01", ["cluster.gpu_memory_gib": 31.1]),
      .warning(
        "MEM-01", ["cluster.gpu_memory_gib": 31], at: "cluster.gpu_memory_gib", "needs about 31.1 GiB of 31.0"),
      .warning(
        "MEM-01", ["cluster.gpu_memory_gib": 24], at: "cluster.gpu_memory_gib",
        "weights, gradients and optimizer 17.1, activations 7.4, system 6.5"),
    ] as [ValidationCase])
  func fullestRank(_ item: ValidationCase) throws { try item.check() }

  /// Each mend with what it would need, those that are enough first.
  @Test func theHelpNamesMends() throws {
    let findings = try GoodConfig.pretrain.findings(["cluster.gpu_memory_gib": 40, "train.micro_batch_size": 8])
    let help = try #require(findings.first { $0.code == "MEM-01" }?.help).text
    #expect(
      help == """
        fits with micro_batch_size 1 (31.1 GiB), or recompute_granularity full (30.4 GiB); not enough alone: \
        recompute_modules [moe] (45.9), expert_model_parallel_size 16 (79.8), fp8_recipe delayed (81.3), \
        optimizer_cpu_offload with optimizer_offload_fraction 1 (75.4), use_megatron_fsdp with \
        data_parallel_sharding_strategy optim_grads_params (78.5); `moonlight plan` searches all layouts
        """)
  }
}
