package import Estimation
package import LaunchModel
package import Releases
package import Topology

/// What follows from a config: sizes, replicas, micro-batches, stages. Computed once; what is undefined is `nil`, and
/// the rule that owns the reason reports it.
package struct RunFacts: Sendable {
  package private(set) var config: LaunchConfig
  /// What Megatron it is for.
  package var release: Release { config.release }
  package let architecture: Architecture
  package let sizes: ParallelSizes
  package let rankOrder: RankOrder
  /// What depends on the number of GPUs.
  private(set) var replication: Replication
  /// The layout as read; `nil` without one.
  package let layout: ResolvedLayout?
  package let layoutError: LayoutError?
  package let stageViolations: [PipelineViolation]
  package let stages: StageMap?
  /// Virtual stages after Megatron has read the layout.
  package let virtualPipelineSize: Int?
  /// Whether a routed layer and a dense layer exist; both false where `moe_layer_freq` is itself wrong.
  package let hasMoELayer: Bool
  package let hasDenseLayer: Bool
  /// Number formats after `mixed_precision` has had the last word.
  package let precision: PrecisionFacts
  /// What adapters can stand on, and what they are put on; `nil` and empty without adapters.
  package let adapterTargets: AdapterTargets?
  /// By target.
  package let targetMatches: [[AdapterMatch]]
  package let adapterSelection: [AdapterMatch]
  /// Lengths of the schedules; `nil` where the run's own is not defined.
  package let schedule: ScheduleSteps?
  package let rampUp: BatchRampUp?
  /// Rows of the embedding: the model's, or the tokenizer's rounded up to a multiple of the divisor times TP.
  package let paddedVocabSize: Int?
  /// What the trainer knows that is about to train this itself; `nil` where a config alone is looked at.
  package var start: StartFacts?
  /// Documents of the indexed datasets whose index lies on this machine, by path; empty where nobody has looked.
  package var documentCounts: [(path: String, count: Int)] = []
  /// The run that wrote the checkpoint to load, where it lies on this machine; `nil` where nobody has looked.
  package var saved: SavedRun?
  /// `nil` where nobody has counted.
  package var passes: DataPasses?
  /// Whether somebody said on how many GPUs it runs: an assumed number rules no size out.
  package var isOnGivenGPUs: Bool

  package init(_ config: LaunchConfig) {
    let parallelism = config.parallelism
    self.config = config
    architecture = Architecture(config)
    sizes = config.parallelSizes
    rankOrder = config.dist.useTPPPDPMapping ? .dataLast : .pipelineLast
    replication = Replication(config, sizes, rankOrder)

    let pipeline = PipelineFacts(config, architecture)
    layout = pipeline.layout
    layoutError = pipeline.layoutError
    stageViolations = pipeline.violations
    stages = pipeline.stages
    virtualPipelineSize = pipeline.stages?.virtualPipeline ?? parallelism.virtualPipelineModelParallelSize
    paddedVocabSize = Self.paddedVocabulary(config)
    hasMoELayer = architecture.moeLayers?.contains(true) ?? false
    hasDenseLayer = architecture.moeLayers?.contains(false) ?? false
    precision = PrecisionFacts(config)
    if config.peft.isPresent {
      let targets = AdapterTargets(config, architecture)
      let matches = config.peft.targetModules.map { targets.matches(of: $0) }
      (adapterTargets, targetMatches) = (targets, matches)
      adapterSelection = matches.isEmpty ? targets.selection(config.peft) : AdapterTargets.selection(from: matches)
    } else {
      (adapterTargets, targetMatches, adapterSelection) = (nil, [], [])
    }
    schedule = ScheduleSteps(config)
    rampUp = config.batchRampUp
    isOnGivenGPUs = config.cluster.isWritten(\.numNodes) || config.cluster.isWritten(\.gpusPerNode)
  }

  /// The same run on other GPUs.
  package func on(_ cluster: Section<ClusterFields>) -> RunFacts {
    var result = self
    result.config.cluster = cluster
    result.replication = Replication(result.config, sizes, rankOrder)
    return result
  }

  /// Whether the layers could be dealt to the stages if `parallelism` were changed so.
  func hasStages(with change: (inout Section<ParallelismFields>) -> Void) -> Bool {
    var changed = config
    change(&changed.parallelism)
    return PipelineFacts(changed, architecture).stages != nil
  }

  /// What every pipeline rank needs; `nil` where the stages or the replicas are undefined.
  package func memory(_ assumptions: Assumptions = Assumptions()) -> MemoryEstimate? {
    guard let stages, let dataParallelSize, let expertDataParallelSize, let numMicrobatches, let paddedVocabSize,
      architecture.moeLayers != nil
    else { return nil }
    return MemoryEstimate(
      config, architecture, vocabSize: paddedVocabSize, stages: stages, dataParallel: dataParallelSize,
      expertDataParallel: expertDataParallelSize, numMicrobatches: numMicrobatches, assumptions: assumptions,
      adapterSelection: adapterSelection)
  }

  /// Megatron-Bridge's `calculate_padded_vocab_size`. A vocabulary that is written is taken as it is, whatever
  /// `should_pad_vocab` says: `_validate_and_set_vocab_size` overwrites that. Where the tokenizer's is to be used, it is, if
  /// it is known.
  private static func paddedVocabulary(_ config: LaunchConfig) -> Int? {
    let known = config.tokenizer.vocabSize
    let isTokenizers = config.tokenizer.isOn("use_tokenizer_vocab_size") && known != nil
    if !isTokenizers, let written = config.model.vocabSize { return written }
    guard let entries = known else { return nil }
    let (unit, overflow) = config.model.makeVocabSizeDivisibleBy.multipliedReportingOverflow(
      by: config.parallelism.tensorModelParallelSize)
    guard !overflow, unit > 0 else { return nil }
    let (padded, tooLarge) = ((entries - 1) / unit + 1).multipliedReportingOverflow(by: unit)
    return tooLarge ? nil : padded
  }
}

/// The pipeline's part of the facts.
private struct PipelineFacts {
  var layout: ResolvedLayout?
  var layoutError: LayoutError?
  var violations: [PipelineViolation] = []
  var stages: StageMap?

  init(_ config: borrowing LaunchConfig, _ shape: Architecture) {
    let parallelism = config.parallelism
    do throws(LayoutError) {
      layout = try config.resolvedLayout()
    } catch {
      layoutError = error
      return
    }
    let split: StageSplit
    do throws(PipelineViolation) {
      split = try StageSplit(
        layout: layout?.layout, first: parallelism.numLayersInFirstPipelineStage,
        last: parallelism.numLayersInLastPipelineStage,
        accountForEmbedding: parallelism.accountForEmbeddingInPipelineSplit,
        accountForLoss: parallelism.accountForLossInPipelineSplit)
    } catch {
      violations = [error]
      return
    }
    do throws(StageMapError) {
      stages = try StageMap(
        numLayers: shape.numLayers, mtpNumLayers: config.model.mtpNumLayers,
        pipeline: parallelism.pipelineModelParallelSize,
        virtualPipeline: parallelism.virtualPipelineModelParallelSize, split: split)
    } catch {
      violations = error.violations
    }
  }
}
