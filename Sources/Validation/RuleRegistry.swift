package import Releases

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
    GroupsAreMadeAtOnce.self,
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
    SwitchesOfOtherModels.self,

    // MLA: multi-latent attention
    LatentAttentionNeedsTransformerEngine.self,
    InterleavedRotation.self,
    FusedRotation.self,
    FusedRotationSwitchedOff.self,
    UnsupportedByLatentAttention.self,
    LatentNormDropped.self,
    PositionsOfLatentAttention.self,
    RotatedWidthIsEven.self,
    RotationHasFrequencies.self,
    AttentionHasBackend.self,
    TemperatureWithoutStretching.self,
    PositionsOfOtherAttention.self,

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
    StagesAreBalanced.self,
    SingleChunkWithBatchLoader.self,

    // MOE: experts, router and dispatcher
    ExpertParallelNeedsExperts.self,
    ExpertsDivideByExpertSize.self,
    ExpertWidth.self,
    LayerPattern.self,
    TopKWithinExperts.self,
    ScoresOnInput.self,
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
    DispatcherFitsGPU.self,
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
    RoutingIsForBenchmarks.self,

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
    ActivationsInHostMemory.self,

    // BATCH: batch sizes and ramp-up
    BatchSizesAreGiven.self,
    GlobalBatchDividesReplicas.self,
    GlobalBatchIsRoundedDown.self,
    RampUpIsWellFormed.self,
    RampUpHasSomethingToRamp.self,
    RampUpNeedsSteps.self,
    RampUpSizesDivideReplicas.self,
    RampUpFeedsPipeline.self,

    // RUN, ENV: where a run writes, and the environment of its processes
    RunNameIsOneFolder.self,
    VariablesHaveOneOwner.self,
    VariablesOfEveryProgram.self,
    GraphsNeedPlainSegments.self,

    // TRAIN, EVAL, LOG: the loop
    RunHasOneLength.self,
    GarbageCollectionInterval.self,
    SeedIsPositive.self,
    ProfilingIsConsistent.self,
    EvaluationIntervalIsPositive.self,
    EvaluationComesTooLate.self,
    TensorBoardInterval.self,
    WandbHasNameAndPlace.self,

    // OPT: the optimizer
    OnlyAdamIsPrecisionAware.self,
    PrecisionAwareIsDistributed.self,
    PlainOptimizerIsFP32.self,
    MasterWeightFormat.self,
    OptimizerFormatIsModels.self,
    DistributedOptimizerSwitches.self,
    DistributedOptimizerIsAdam.self,
    LearningRatesInOrder.self,
    OffloadDecouplesDecay.self,
    OffloadShardsHalfPrecision.self,
    SchedulerSetsWeightDecay.self,
    EarlyGatherNeedsChunks.self,
    OffloadedShareIsZero.self,

    // MUON: Muon
    MuonNeedsPackage.self,
    MuonIsNotDistributed.self,
    MuonIsNotFP16.self,
    MuonIsNotPrecisionAware.self,
    MuonTakesSteps.self,
    MuonIsThePapers.self,
    MuonCoefficientsAreFixed.self,
    NewtonSchulzSettles.self,

    // PREC, DDP: number formats and replicas
    QuantizedFormatsFit.self,
    FP8SettingsApply.self,
    LossScales.self,
    MixedPrecisionReplaces.self,
    FormatsBelongToMixedPrecision.self,
    EarlyGatherNeedsDistributedOptimizer.self,
    AccumulationNeedsOneInstance.self,
    UserBuffersExcludeSegments.self,
    AveragesSurviveRounding.self,

    // SCHED: learning rate and weight decay
    RampUpOutlastsSchedule.self,
    ScheduleHasOneUnit.self,
    WarmupIsGivenOnce.self,
    ScheduleIsCountedLikeRun.self,
    WarmupEndsBeforeDecay.self,
    WeightDecayEnds.self,
    ConstantWeightDecay.self,
    AnnealingHasLength.self,
    WarmupRises.self,
    OneScheduleWins.self,
    DecayIsAsLongAsRun.self,

    // DATA, PACK, TOK: what the model learns from
    DataIsNamed.self,
    BlendIsComplete.self,
    EverySourceCounts.self,
    SeparateDataAreNotSplit.self,
    SplitIsReadable.self,
    ResetsAreDecided.self,
    FastStartsNeedCache.self,
    LoaderFitsBatch.self,
    PersistentWorkersExist.self,
    ExamplesAreForFinetuning.self,
    FinetuningHasExamples.self,
    MegatronReadsIndexedData.self,
    InputsAreThere.self,
    PacksComeOneAtATime.self,
    BatchPackingNeedsSequences.self,
    PackedFilesAreNumPy.self,
    PackHoldsLongestExample.self,
    NullTokenizerHasSize.self,
    TokenizerIsChosen.self,
    HuggingFaceTokenizerIsNamed.self,
    TokenizerHasFiles.self,
    BytesAreForOneProcess.self,

    // PEFT: adapters and finetuning
    AdaptersHaveBase.self,
    FinetuningStartsFromWeights.self,
    DoRADropsOutBefore.self,
    AdaptersDivideOverRanks.self,
    TargetsAreNamedOrExcluded.self,
    LayersAreCountedWithinStage.self,
    TargetsMatchModules.self,
    AdaptersGoOnLinears.self,
    DoRAOnSingleMatrices.self,
    DoRAOnSplitMatrices.self,
    FirstChunksHoldSomething.self,
    ModeAndAdaptersAgree.self,
    TargetsAreMegatronNames.self,
    ExpertAdaptersUnderTensorParallelism.self,
    WholeMatricesUnderSequenceParallelism.self,
    SharedExpertAdaptersUnderOverlap.self,
    FirstLayerNeedsGradients.self,
    AdaptersCanLearn.self,
    AdapterFormatIsModels.self,
    FusedDownProjectionHasNoParts.self,

    // CKPT: checkpoints
    FormatCanBeWritten.self,
    AsynchronousSaves.self,
    StepIsLoadedFromSomewhere.self,
    FSDPHasItsFormat.self,
    MasterWeightsHaveOneSource.self,
    ReshardableOneWay.self,
    PassingCheckpointKind.self,
    CheckpointsAreWritten.self,
    BaseIsTheModel.self,

    // COMM, DET, CG: communication, determinism, graphs
    TensorOverlapIsSwitchedOff.self,
    StageTransfersAreRewritten.self,
    LayoutsVirtualStagesAreSeen.self,
    ReplicaOverlapIsRewritten.self,
    ExpertOverlapIsRewritten.self,
    PipelineBackend.self,
    DeterministicKernels.self,
    DeterministicAttention.self,
    AttentionVariablesAgree.self,
    GraphsCaptureWhatTheyCan.self,
    OffloadedActivations.self,

    // MEM: what fits
    ModelStateFitsGPU.self,
  ]

  /// The rules that hold in a release, in the same order.
  package static func rules(in release: Release) -> [any Rule.Type] { byRelease[release.rawValue] }

  /// Those of some rules that hold in a release.
  package static func holding(_ rules: [any Rule.Type], in release: Release) -> [any Rule.Type] {
    rules.filter { $0.releases.contains(release) }
  }

  // Sorted out once: asking every rule in every validation takes a seventh of its time.
  private static let byRelease = Release.all.map { holding(rules, in: $0) }
}
