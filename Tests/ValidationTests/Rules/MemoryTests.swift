import Testing

@testable import Validation

@Suite("MEM: what fits a GPU")
struct MemoryTests {
  @Test(
    arguments: [
      .accepted("MEM-01", [:]),
      .accepted("MEM-01", ["cluster.gpu_memory_gib": 28.65]),
      .warning(
        "MEM-01", ["cluster.gpu_memory_gib": 28.6], at: "cluster.gpu_memory_gib", "needs about 28.6 GiB of 28.6"),
      .warning(
        "MEM-01", ["cluster.gpu_memory_gib": 24], at: "cluster.gpu_memory_gib",
        "weights, gradients and optimizer 15.3, activations 7.4, system 6.0"),
    ] as [ValidationCase])
  func fullestRank(_ item: ValidationCase) throws { try item.check() }

  /// Each mend with what it would need, those that are enough first.
  @Test func theHelpNamesMends() throws {
    let findings = try GoodConfig.pretrain.findings(["cluster.gpu_memory_gib": 40, "train.micro_batch_size": 8])
    let help = try #require(findings.first { $0.code == "MEM-01" }?.help).text
    #expect(
      help == """
        fits with micro_batch_size 1 (28.6 GiB), or recompute_granularity full (30.0 GiB); not enough alone: \
        recompute_modules [moe] (43.4), expert_model_parallel_size 16 (76.9); `moonlight plan` searches all layouts
        """)
  }
}
