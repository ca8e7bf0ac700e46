import ConfigDocument
import LaunchModel

// Options that several fields decide together.
extension MegatronLMArguments {
  // MARK: Model

  mutating func addModel() {
    let model = config.model
    if let groups = model.numQueryGroups, groups != model.numAttentionHeads {
      add("--group-query-attention")
      add("--num-query-groups", String(groups))
    }
    switch model.positionEmbeddingType {
    case .yarn:
      problem(
        Path.model.positionEmbeddingType, "Megatron-LM has no position embedding `yarn`",
        help: "use rope with rope_type yarn")
    case .rope, .learnedAbsolute, .none: add("--position-embedding-type", model.positionEmbeddingType.rawValue)
    }
    switch (model.activationFunction, model.gatedLinearUnit) {
    case (.silu, true): add("--swiglu")
    case (.squaredReLU, false): add("--squared-relu")
    case (.gelu, false): break
    default:
      problem(
        Path.model.activationFunction,
        "Megatron-LM has no option for \(model.activationFunction.rawValue) \(model.gatedLinearUnit ? "with" : "without") a gate"
      )
    }
    if !model.biasActivationFusion {
      add(model.gatedLinearUnit ? "--no-bias-swiglu-fusion" : "--no-bias-gelu-fusion")
    }
    if model.numMoEExperts != nil {
      add("--moe-layer-freq", Self.pattern(model.moeLayerFrequency.configValue))
      if model.moeTokenDispatcherType == .flex {
        add("--moe-flex-dispatcher-backend", model.moeFlexDispatcherBackend.rawValue)
      }
    }
    // Without stretching, YaRN's other numbers change nothing.
    if model.ropeType == .yarn, model.rotaryScalingFactor != 1 {
      let fields = ModelFields.schema.fields.filter {
        ["original_max_position_embeddings", "beta_fast", "beta_slow"].contains($0.name)
      }
      for field in fields where model.storage.value(of: field) != model.storage.defaultValue(of: field) {
        problem(FieldPath("model", field.name), "Megatron-LM has no option for it, and it changes the model")
      }
    }
    if model.cpuOffloading { add("--cpu-offloading-num-layers", String(model.cpuOffloadingNumLayers)) }
    if model.useTERNGTracker, !config.rng.teRNGTracker { add("--te-rng-tracker") }
  }

  // MARK: Pipeline

  mutating func addPipeline() {
    let parallelism = config.parallelism
    let chunks = parallelism.virtualPipelineModelParallelSize ?? 1
    if case .text(let layout) = parallelism.pipelineModelParallelLayout {
      // It implies the virtual stages, and Megatron-LM takes only one of the two.
      add("--pipeline-model-parallel-layout", layout)
    } else if chunks > 1 {
      add("--num-virtual-stages-per-pipeline-rank", String(chunks))
    }
    if let samples = config.train.rampupBatchSize { add("--rampup-batch-size", samples.map { String($0) }) }
    if let name = Self.signals[config.train.exitSignal] {
      add("--exit-signal", name)
    } else {
      problem(
        Path.train.exitSignal, "Megatron-LM takes a signal by its name, and \(config.train.exitSignal) has none here",
        help: "use 10 (SIGUSR1), 12 (SIGUSR2) or 15 (SIGTERM)")
    }
  }

  /// The signals that somebody sends on purpose, by Linux's numbers.
  private static let signals = [1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 10: "SIGUSR1", 12: "SIGUSR2", 15: "SIGTERM"]

  // MARK: Precision

  mutating func addPrecision() {
    let precision = config.mixedPrecision
    if precision.gradReduceInFP32 {
      add("--accumulate-allreduce-grads-in-fp32")
    } else if precision.bf16 {
      add("--grad-reduce-in-bf16")
    }
  }

  // MARK: Optimizer

  mutating func addOptimizer() {
    let (optimizer, scheduler) = (config.optimizer, config.scheduler)
    let coefficients = Path.optimizer.muonCoefficientType
    if optimizer.optimizer.isMuon, config.release.ownName(of: coefficients.field, in: coefficients.section) != nil {
      add("--muon-coefficient-type", optimizer.muonCoefficientType)
    } else if optimizer.optimizer.isMuon, optimizer.muonCoefficientType != "quintic" {
      notExported(Path.optimizer.muonCoefficientType, "Megatron-LM's Muon always takes the schedule `quintic`")
    }
    if optimizer.isLayerWise, optimizer.optimizer == .muon {
      // With Muon this option means the layer-wise optimizer; the other keeps its parameters in the buffers that
      // Megatron-Bridge gives it.
      add("--use-distributed-optimizer")
      add("--no-use-layer-wise-param-layout")
    }
    let (start, end) = (scheduler.startWeightDecay, scheduler.endWeightDecay)
    if scheduler.weightDecayIncrStyle == .constant {
      // Bridge's schedule overwrites the optimizer's decay; Megatron-LM takes it from there and refuses the other two.
      let decay = start ?? optimizer.weightDecay
      add("--weight-decay", FlowText.yaml(.float(decay)))
      if decay != optimizer.weightDecay {
        remarks.note(
          Path.optimizer.weightDecay,
          "exported as \(FlowText.yaml(.float(decay))), the scheduler's, which is what takes effect in Megatron-Bridge, too"
        )
      }
    } else {
      add("--weight-decay", FlowText.yaml(.float(optimizer.weightDecay)))
      if let start { add("--start-weight-decay", FlowText.yaml(.float(start))) }
      if let end { add("--end-weight-decay", FlowText.yaml(.float(end))) }
    }
    if optimizer.optimizer.isEmerging, config.checkpoint.ckptFormat != .torchDist {
      problem(
        Path.checkpoint.ckptFormat,
        "Megatron-LM saves the states of `\(optimizer.optimizer.rawValue)` only as torch_dist")
    }
    if config.profiling.isPresent, config.profiling.useNsysProfiler || config.profiling.usePytorchProfiler {
      add("--profile")
    }
  }

  // MARK: Communication

  /// What Megatron-Bridge makes of `comm_overlap`, said in options.
  mutating func addOverlap() {
    let overlap = self.overlap
    if overlap.useDistributedOptimizer {
      add("--use-distributed-optimizer")
      let kind = config.optimizer.optimizer
      if kind.isEmerging, !config.optimizer.isLayerWise {
        problem(
          Path.ddp.useDistributedOptimizer,
          "with `\(kind.rawValue)` Megatron-LM's option for it spreads whole matrices over the replicas, or is refused",
          help: "set it to false")
      }
    }
    let gathers = overlap.overlapParamGather && overlap.useDistributedOptimizer
    if overlap.overlapGradReduce || gathers { add("--overlap-grad-reduce") }
    if gathers { add("--overlap-param-gather") }
    if !overlap.alignParamGather { add("--no-align-param-gather") }
    if let bucket = overlap.bucketSize { add("--ddp-bucket-size", String(bucket)) }
    if overlap.tpCommOverlap { add("--tp-comm-overlap") }
    if overlap.deferEmbeddingWgradCompute { add("--defer-embedding-wgrad-compute") }
    add("--wgrad-deferral-limit", String(overlap.wgradDeferralLimit))
    if overlap.overlapMoEExpertParallelComm { add("--overlap-moe-expert-parallel-comm") }
    if overlap.delayWgradCompute { add("--delay-wgrad-compute") }
    if !overlap.overlapP2PComm {
      add("--no-overlap-p2p-communication")
      let parallelism = config.parallelism
      if parallelism.pipelineModelParallelSize == 2, (parallelism.virtualPipelineModelParallelSize ?? 1) > 1 {
        problem(
          Path.commOverlap.overlapP2PComm,
          "Megatron-LM refuses an interleaved pipeline of 2 without overlapped transfers")
      }
    }
    if config.optimizer.optimizer.isEmerging, overlap.overlapGradReduce || gathers {
      problem(
        overlap.replacesDDP ? Path.commOverlap.overlapGradReduce : Path.ddp.overlapGradReduce,
        "Megatron-LM refuses overlapped communication with `\(config.optimizer.optimizer.rawValue)`",
        help: "set it to false")
    }
  }

  // MARK: Checks

  mutating func addChecks() {
    // Megatron-LM's default validates results, Megatron-Bridge's does not.
    let written = config.rerunStateMachine.storage.value(named: "rerun_mode")?.value
    switch written {
    case nil, .null?: add("--rerun-mode", "disabled")
    case .string("report_determinism_stats")?:
      problem(FieldPath("rerun_state_machine", "rerun_mode"), "Megatron-LM has no mode `report_determinism_stats`")
    case let mode?: add("--rerun-mode", Self.text(of: mode))
    }
  }

  // MARK: Data

  mutating func addData() {
    let data = config.dataset
    let sources = DataSources(config)
    if data.kind == .mock {
      add("--mock-data")
      for (field, paths) in sources.written where !paths.isEmpty {
        notExported(FieldPath("dataset", field), "`kind: mock` reads no files")
      }
    } else if sources.valid.isEmpty, sources.test.isEmpty {
      addPaths("--data-path", sources.train)
      if let split = data.split { add("--split", split) }
    } else {
      addPaths("--train-data-path", sources.train)
      addPaths("--valid-data-path", sources.valid)
      addPaths("--test-data-path", sources.test)
    }
    for (source, prefix) in sources.renamed {
      remarks.note(
        Path.dataset.dataPaths,
        "Megatron reads tokens from .bin/.idx files: `\(prefix)` stands for `\(source)`; tools/preprocess_data.py makes it"
      )
    }
    add("--num-workers", String(data.numWorkers))
    add("--num-dataset-builder-threads", String(data.numDatasetBuilderThreads))
    switch data.dataloaderType {
    case .batch?:
      problem(Path.dataset.dataloaderType, "Megatron-LM has no `batch` loader", help: "use single or cyclic")
    case let kind?: add("--dataloader-type", kind.rawValue)
    case nil: break
    }
    if data.resetPositionIDs == true { add("--reset-position-ids") }
    if data.resetAttentionMask == true { add("--reset-attention-mask") }
    if data.eodMaskLoss == true { add("--eod-mask-loss") }
    if let cache = data.pathToCache { add("--data-cache-path", cache) }
    if data.randomSeed != config.rng.seed {
      problem(
        Path.dataset.randomSeed,
        "is \(data.randomSeed), but Megatron-LM draws data with the run's seed, \(config.rng.seed)",
        help: "set \(Path.dataset.randomSeed) and \(Path.rng.seed) to the same")
    }
    if !data.shuffle { notExported(Path.dataset.shuffle, "Megatron-LM always shuffles") }
    addCarried(of: data.storage)
  }

  private mutating func addPaths(_ option: String, _ paths: [DataPath]) {
    guard !paths.isEmpty else { return }
    add(
      option,
      paths.flatMap { path in
        (path.weight.map { [FlowText.yaml(.float($0))] } ?? []) + [asOperand(path.path)]
      })
  }

  // MARK: Tokenizer

  mutating func addTokenizer() {
    let tokenizer = config.tokenizer
    guard let kind = tokenizer.tokenizerType else {
      return problem(Path.tokenizer.tokenizerType, "is not set, and Megatron-LM needs one")
    }
    if kind == .byteLevel {
      return problem(
        Path.tokenizer.tokenizerType, "`ByteLevelTokenizer` belongs to the CPU engine; Megatron has no such tokenizer",
        help:
          """
          set \(Path.tokenizer.tokenizerType) to HuggingFaceTokenizer with a tokenizer_model, or to NullTokenizer for \
          tokens
          """)
    }
    add("--tokenizer-type", kind.rawValue)
    if let model = tokenizer.tokenizerModel { add("--tokenizer-model", model) }
    if kind == .null, let entries = tokenizer.vocabSize {
      // Megatron-LM's NullTokenizer has one entry more than it is told, for the end of a document.
      add("--vocab-size", String(max(entries - 1, 1)))
    }
    if let rows = config.model.vocabSize { add("--padded-vocab-size", String(rows)) }
    if let file = tokenizer.vocabFile { add("--vocab-file", file) }
    if let file = tokenizer.mergeFile { add("--merge-file", file) }
    if let pattern = tokenizer.tiktokenPattern { add("--tiktoken-pattern", pattern) }
    if let tokens = tokenizer.specialTokens, !tokens.isEmpty { add("--tiktoken-special-tokens", tokens) }
    if tokenizer.chatTemplate != nil { notExported(Path.tokenizer.chatTemplate, "pretraining uses no chat template") }
    for entry in tokenizer.hfTokenizerKwargs?.entries ?? [] {
      if entry.key == "trust_remote_code" {
        if entry.value == .bool(true) { add("--trust-remote-code") }
      } else {
        notExported(Path.tokenizer.hfTokenizerKwargs, "Megatron-LM has no option for `\(entry.key)`")
      }
    }
    addCarried(of: tokenizer.storage)
  }
}
