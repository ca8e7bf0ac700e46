/// Every rule, by family, in the order of Megatron's own checks; a new one needs its file and its line here.
package enum RuleRegistry {
  package static let rules: [any Rule.Type] = [
    // GPU: world size and process groups
    DenseGroupsFillWorld.self,
    ExpertGroupsFillWorld.self,
    ExpertTensorSizeFollowsTensorSize.self,
    EqualReplicasWithDataLast.self,
    OptimizerInstancesDivideReplicas.self,
    HierarchicalContextSizes.self,
    SharpGroup.self,
    CheckpointFormatWithoutGloo.self,
    DecentralizedGroupsWithoutGloo.self,
    TensorGroupAcrossNodes.self,
    ExpertGroupAcrossNodes.self,

    // DIM: model dimensions
    HeadsDivideByTensorSize.self,
    QueryGroupsFitTensorSize.self,
    KVChannelsFloored.self,
    DenseWidthDividesByTensorSize.self,
    ExpertWidthDividesByExpertTensorSize.self,
    SharedExpertWidth.self,
    OneHalfPrecision.self,
    LayerScalingMatchesEnvironment.self,
    QueryGroupsOfLatentAttention.self,
    FusedActivation.self,
    InferenceOptimizedLayers.self,

    // MLA: multi-latent attention
    LatentAttentionNeedsTransformerEngine.self,
    InterleavedRotation.self,
    FusedRotation.self,
    FusedRotationSwitchedOff.self,
    UnsupportedByLatentAttention.self,
    LatentNormDropped.self,
    PositionsOfLatentAttention.self,
    RotatedWidthIsEven.self,

    // VOCAB: rows of the embedding
    ModelHoldsTokenizer.self,
    VocabularyPadded.self,
    VocabularyDividesByTensorSize.self,
    MoonlightTokenizerHasMoreEntries.self,
    PaddingSwitchOverwritten.self,

    // SEQ: sequences
    SequenceParallelNeedsTensorParallel.self,
    ExpertsWithTensorParallelNeedSequenceParallel.self,
    DatasetLengthIsModelLength.self,
    LocalSequenceDividesByTensorSize.self,

    // CP: context parallelism
    SequenceDividesByContextSize.self,
    FinetuningWithContextParallel.self,
    ContextCommunicationOfEveryLayer.self,
    PerTokenLossIsNotAveraged.self,
    PackedPaddingWithContextParallel.self,
    KnownContextCommunication.self,

    // PIPE: pipeline stages and schedules
    StagesWithinLimits.self,
    LayersDivideByPipelineSize.self,
    StageLayersDivideByVirtualSize.self,
    VirtualStagesNeedPipeline.self,
    LayoutExcludesOtherSplits.self,
    EdgesExcludeAccounting.self,
    EdgeStageSizes.self,
    MiddleStagesAreEven.self,
    EndsFitTheModel.self,
    InterleavedEndsNeedMiddle.self,
    CountedEndsDivide.self,
    LayoutFillsPipeline.self,
    LayoutNeedsPipeline.self,
    LayoutEnds.self,
    LayoutHoldsModel.self,
    LayoutOfMTPLayers.self,
    LayoutHasNoEncoder.self,
    EndsOnOuterStages.self,
    StandaloneMTP.self,
    InterleavedMicrobatches.self,
    PlainPipelineWithoutOverlap.self,
    OverlapExcludesBatching.self,
    WarmupFlushNeedsOverlap.self,
    DeferredEmbeddingGradient.self,
    LayoutCanBeRead.self,
    LayoutCountsAddUp.self,

    // MOE: experts, router and dispatcher
    ExpertParallelNeedsExperts.self,
    ExpertsDivideByExpertSize.self,
    ExpertWidth.self,
    LayerPattern.self,
    TopKWithinExperts.self,
    SingleExpertScores.self,
    ExpertBiasNeedsSigmoid.self,
    ExpertGroups.self,
    TopKWithinGroups.self,
    LimitedDevices.self,
    BalancingLossWeights.self,
    RouterPrecision.self,
    SinkhornWithoutAuxiliaryLoss.self,
    DeepEPNeedsFlex.self,
    SharedExpertOverlapNeedsAllToAll.self,
    FlexNeedsExpertParallel.self,
    DeepEPWithoutPadding.self,
    FlexRouterPrecision.self,
    ExpertCapacity.self,
    BiasedExpertsAreWhole.self,
    SharedExpertsWithoutBias.self,
    GroupedExperts.self,
    QuantizedPadding.self,
    AllGatherNeedsFixedLengths.self,
    OverlappedExperts.self,
    DelayedWeightGradients.self,
    PatternOfReleasedModel.self,

    // MTP: multi-token prediction
    RecomputedMTP.self,
    MTPWithoutDecoder.self,

    // RECOMP: recomputed and offloaded activations
    FullRecomputation.self,
    RecomputedGroups.self,
    SelectiveWithoutLayers.self,
    SelectiveWithoutMethod.self,
    RecomputationWithoutEffect.self,
    RecomputesNothing.self,
    RecomputedModules.self,
    RecomputationWithDelayedScaling.self,
    MoELayerRecomputation.self,
    DistributedActivations.self,
    OffloadedActivations.self,

    // BATCH: batch sizes and ramp-up
    GlobalBatchDividesReplicas.self,

    // MEM: what fits
    ModelStateFitsGPU.self,
  ]
}
