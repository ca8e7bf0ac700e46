import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

/// The worked numbers of the documented pretraining run: TP 2, PP 1, EP 8, 4096 tokens, 2048 sequences.
@Suite struct EstimateTests {
  private func estimate(_ overrides: [(FieldPath, ConfigValue)] = [], worldSize: Int = 16) throws -> Estimate {
    var layer = Layer(name: "test")
    for (path, value) in overrides { layer.assign(path, value, .program) }
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
    let tensor = config.parallelism.tensorModelParallelSize
    return try #require(Estimate(
      config, vocabSize: 163_840, stages: try StageMap(numLayers: 27, pipeline: 1), worldSize: worldSize,
      dataParallel: worldSize / tensor, expertDataParallel: worldSize / 8,
      numMicrobatches: 2048 / (worldSize / tensor), steps: 500_000))
  }

  @Test func operationsOfAStep() throws {
    let estimate = try estimate()
    #expect(estimate.step.perToken == 17_152_951_296)
    #expect(estimate.step.perStep == 1.438893844652e17 || abs(estimate.step.perStep / 1.438893844652e17 - 1) < 1e-12)
    let long = try self.estimate([(Path.model.seqLength, 8192)])
    #expect(long.step.perToken == 18_851_644_416)
  }

  @Test(arguments: [(16, 26_202.39, 5_620.02), (8, 37_620.46, 5_620.02)])
  func megatronsOwnReport(worldSize: Int, weights: Double, activations: Double) throws {
    let report = try estimate(worldSize: worldSize).megatronMemory
    #expect(abs(report.weightsAndOptimizer / 1_048_576 - weights) < 0.01)
    #expect(abs(report.activations / 1_048_576 - activations) < 0.01)
  }

  @Test func megatronsOwnReportWithoutTensorParallelism() throws {
    let report = try estimate([(Path.parallelism.tensorModelParallelSize, 1), (Path.parallelism.sequenceParallel, true)])
    #expect(abs(report.megatronMemory.weightsAndOptimizer / 1_048_576 - 30_668.03) < 0.01)
    #expect(abs(report.megatronMemory.activations / 1_048_576 - 11_240.03) < 0.01)
  }

  /// GiB of weights, gradients and optimizer on 8 and 16 GPUs, by how they are stored.
  @Test(arguments: [
    (8, [], 20.86), (16, [], 15.27),
    (8, [(Path.optimizer.storeParamRemainders, ConfigValue.bool(false))], 24.58),
    (16, [(Path.optimizer.storeParamRemainders, .bool(false))], 17.13),
    (8, [(Path.optimizer.usePrecisionAwareOptimizer, .bool(false)), (Path.mixedPrecision.gradReduceInFP32, true)], 36.87),
    (16, [(Path.optimizer.usePrecisionAwareOptimizer, .bool(false)), (Path.mixedPrecision.gradReduceInFP32, true)], 25.70),
  ] as [(Int, [(FieldPath, ConfigValue)], Double)])
  func modelState(worldSize: Int, overrides: [(FieldPath, ConfigValue)], gibibytes: Double) throws {
    let memory = try #require(try estimate(overrides, worldSize: worldSize).memory.worst)
    #expect(abs(memory.modelState / 1_073_741_824 - gibibytes) < 0.005)
  }

  @Test func modelStateWithMuon() throws {
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrainMuon.layer()])
    let memory = try #require(MemoryEstimate(
      config, Architecture(config), vocabSize: 163_840, stages: try StageMap(numLayers: 27, pipeline: 1),
      dataParallel: 8, expertDataParallel: 2, numMicrobatches: 256))
    #expect(abs(try #require(memory.worst).modelState / 1_073_741_824 - 22.13) < 0.005)
  }

  /// Bytes a token leaves in a MoE layer.
  @Test(arguments: [
    (RecomputePlan.none, 132_056.0), (.selective([.coreAttention]), 131_992), (.selective([.layerNorm]), 123_864),
    (.selective([.mlaUpProjection]), 115_672), (.selective([.moeActivation]), 115_160),
    (.selective([.sharedExperts]), 115_160), (.selective([.layerNorm, .moeActivation]), 106_968),
    (.selective([.mlaUpProjection, .layerNorm, .moeActivation]), 90_584), (.selective([.moe]), 39_104),
    (.selective([.mlaUpProjection, .moe]), 22_720), (.full, 4096),
  ])
  func activationsOfAMoELayer(plan: RecomputePlan, bytes: Double) {
    let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))
    #expect(ActivationBytes(shape, isMoE: true, recompute: plan, sequenceLength: 4096).total == bytes)
  }

  @Test func activationsOfADenseLayer() {
    let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))
    let bytes = ActivationBytes(shape, isMoE: false, recompute: .none, sequenceLength: 4096)
    #expect(bytes.total == 106_688)
    #expect(bytes.sequence == 18_560)
  }
}
