import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

/// What Megatron says of random configs.
@Suite struct MegatronTests {
  /// Parameters of every pipeline rank, counted in the modules that Megatron-Core builds
  /// (`Tests/Reference/rank_parameters.py`): custom and interleaved layouts, ETP above 1, MTP, LayerNorm, biases, plain
  /// attention, LoRA and DoRA.
  @Test func ranksHoldWhatMegatronBuilds() throws {
    let cases = EstimationCase.all("ranks")
    #expect(cases.count >= 100)
    for item in cases {
      let config = item.config(
        .moonlight16BFinetune, item.string("base") == "lora" ? .lora : nil)
      let found = try memory(of: config)
      let memory = try #require(found, "\(item.shown)")
      guard case .list(let ranks)? = item.line["ranks"] else { continue }
      #expect(ranks.count == memory.ranks.count)
      for case (.mapping(let real), let ours) in zip(ranks, memory.ranks) {
        #expect(ours.parameters == real["parameters"].flatMap(Int.init), "\(item.shown)")
        #expect(ours.trainedParameters == real["trained"].flatMap(Int.init), "\(item.shown)")
      }
    }
  }

  private func memory(of config: LaunchConfig) throws -> MemoryEstimate? {
    let parallelism = config.parallelism
    let split = try config.resolvedLayout().map { StageSplit.layout($0.layout) } ?? .even
    let stages = try StageMap(
      numLayers: config.model.numLayers, mtpNumLayers: config.model.mtpNumLayers,
      pipeline: parallelism.pipelineModelParallelSize,
      virtualPipeline: parallelism.virtualPipelineModelParallelSize, split: split)
    let vocabSize = try #require(config.model.vocabSize)
    return MemoryEstimate(
      config, Architecture(config), vocabSize: vocabSize, stages: stages, dataParallel: 1,
      expertDataParallel: 1, numMicrobatches: 8)
  }

  /// Megatron-LM's memory report and operations, by its own functions (`Tests/Reference/megatron_reports.py`).
  @Test func reportsAreMegatrons() throws {
    let cases = EstimationCase.all("megatron")
    #expect(cases.count >= 100)
    for item in cases {
      let config = item.config(.moonlight16BPretrain)
      let shape = Architecture(config)
      let parallelism = config.parallelism
      let pipeline = parallelism.pipelineModelParallelSize
      let microbatches = try #require(item.int("num_microbatches"))
      let world = config.cluster.numNodes * config.cluster.gpusPerNode
      let report = try #require(
        MegatronMemoryReport(
          config, shape, vocabSize: shape.vocabSize, virtualPipeline: parallelism.virtualPipelineModelParallelSize,
          dataParallel: world / (parallelism.tensorModelParallelSize * pipeline * parallelism.contextParallelSize),
          expertDataParallel: world
            / (parallelism.expertModelParallelSize * (parallelism.expertTensorParallelSize ?? 1) * pipeline),
          numMicrobatches: microbatches))
      let flops = StepFLOPs(
        shape, sequenceLength: config.model.seqLength, globalBatchSize: config.train.globalBatchSize ?? 0)
      for (ours, name) in [
        (report.weightsAndOptimizer, "weights_and_optimizer"), (report.activations, "activations"),
        (flops.perStep, "flops"),
      ] {
        let real = try #require(item.double(name))
        #expect(abs(ours - real) <= 1e-12 * real, "\(name) \(ours) \(real): \(item.shown)")
      }
    }
  }
}
