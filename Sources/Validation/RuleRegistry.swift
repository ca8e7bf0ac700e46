/// Every rule, by family, in the order of Megatron's own checks; a new one needs its file and its line here.
package enum RuleRegistry {
  package static let rules: [any Rule.Type] = [
    // GPU: world size and process groups
    DenseGroupsFillWorld.self,
    ExpertGroupsFillWorld.self,

    // BATCH: batch sizes and ramp-up
    BatchSizesAreGiven.self,
    GlobalBatchDividesReplicas.self,
    GlobalBatchIsRoundedDown.self,
    RampUpIsWellFormed.self,
    RampUpHasSomethingToRamp.self,
    RampUpNeedsSteps.self,
    RampUpSizesDivideReplicas.self,
    RampUpFeedsPipeline.self,

    // TRAIN, EVAL, LOG: the loop
    RunHasOneLength.self,
    GarbageCollectionInterval.self,
    SeedIsPositive.self,
    ProfilingIsConsistent.self,
    EvaluationIntervalIsPositive.self,
    EvaluationComesTooLate.self,
    MLflowRunHasName.self,
    TensorBoardInterval.self,

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
    SchedulerSetsWeightDecay.self,

    // MUON: Muon
    MuonNeedsPackage.self,
    MuonIsNotDistributed.self,
    MuonIsNotFP16.self,
    MuonIsNotPrecisionAware.self,
    MuonTakesSteps.self,
    MuonIsThePapers.self,
    MuonCoefficientsAreFixed.self,

    // PREC, DDP: number formats and replicas
    QuantizedFormatsFit.self,
    FP8SettingsApply.self,
    MixedPrecisionReplaces.self,
    EarlyGatherNeedsDistributedOptimizer.self,
    AccumulationNeedsOneInstance.self,
    UserBuffersExcludeSegments.self,

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
    SeparateDataAreNotSplit.self,
    SplitIsReadable.self,
    ResetsAreDecided.self,
    FastStartsNeedCache.self,
    LoaderFitsBatch.self,
    PersistentWorkersExist.self,
    ExamplesAreForFinetuning.self,
    FinetuningHasExamples.self,
    MegatronReadsIndexedData.self,
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
    ModeAndAdaptersAgree.self,

    // CKPT: checkpoints
    FormatCanBeWritten.self,
    AsynchronousSaves.self,
    StepIsLoadedFromSomewhere.self,
    FSDPHasItsFormat.self,
    MasterWeightsHaveOneSource.self,
    ReshardableOneWay.self,
    PassingCheckpointKind.self,
    CheckpointsAreWritten.self,

    // COMM, DET, CG: communication, determinism, graphs
    TensorOverlapIsSwitchedOff.self,
    StageTransfersAreRewritten.self,
    LayoutsVirtualStagesAreSeen.self,
    ReplicaOverlapIsRewritten.self,
    PipelineBackend.self,
    DeterministicKernels.self,
    DeterministicAttention.self,
    GraphsCaptureWhatTheyCan.self,
    OffloadedActivations.self,

    // MEM: what fits
    ModelStateFitsGPU.self,
  ]
}
