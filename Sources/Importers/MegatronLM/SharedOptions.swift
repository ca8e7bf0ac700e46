import ConfigDocument
import LaunchModel
import Releases

// Options that several fields decide together, and fields that several options do: what `DerivedArguments` writes, read.
// Source: megatron-core 0.16.1, 0.18.2 and 0.19.2 `megatron/training/arguments.py`, `validate_args` and
// `core_transformer_config_from_args`.
extension ImportedFields {
  mutating func addSharedOptions() {
    addModel()
    addPipeline()
    addPrecision()
    addOptimizer()
    addOverlap()
    addChecks()
    addFolders()
    addData()
    addTokenizer()
  }

  // MARK: Model

  private mutating func addModel() {
    if !has("--group-query-attention") {
      noteUnread("--num-query-groups", "without `--group-query-attention`")
    } else if let groups = int("--num-query-groups") {
      set(Path.model.numQueryGroups, .int(groups.number), groups.option)
    } else if given["--num-query-groups"] == nil, let fallback = defaultValue(of: "--num-query-groups") {
      set(Path.model.numQueryGroups, fallback, take("--group-query-attention"))
    }
    if has("--use-rotary-position-embeddings") {
      // validate_args lets it decide.
      _ = take("--position-embedding-type")
      set(Path.model.positionEmbeddingType, "rope", take("--use-rotary-position-embeddings"))
    } else if let kind = text("--position-embedding-type") {
      set(Path.model.positionEmbeddingType, .string(kind.text), kind.option)
    } else if let fallback = defaultValue(of: "--position-embedding-type") {
      setUnlessDefault(Path.model.positionEmbeddingType, fallback)
    }
    addActivation()
    // Each kind of activation has its own switch.
    if let unfused = take(given["--swiglu"] != nil ? "--no-bias-swiglu-fusion" : "--no-bias-gelu-fusion") {
      set(Path.model.biasActivationFusion, false, unfused)
    } else if let unbiased = given["--disable-bias-linear"], given["--swiglu"] == nil {
      // validate_args turns it off.
      set(Path.model.biasActivationFusion, false, unbiased)
    } else {
      setUnlessDefault(Path.model.biasActivationFusion, true)
    }
    if let layers = text("--moe-layer-freq"), let value = Self.pattern(.string(layers.text)) {
      set(Path.model.moeLayerFrequency, value, layers.option)
    } else if given["--num-experts"] != nil {
      setUnlessDefault(Path.model.moeLayerFrequency, 1)
    }
    if let backend = text("--moe-flex-dispatcher-backend") {
      set(Path.model.moeFlexDispatcherBackend, .string(backend.text), backend.option)
    }
    if let layers = int("--cpu-offloading-num-layers"), layers.number > 0 {
      set(Path.model.cpuOffloading, true, layers.option)
      set(Path.model.cpuOffloadingNumLayers, .int(layers.number), layers.option)
    }
    if let rows = int("--padded-vocab-size") {
      set(Path.model.vocabSize, .int(rows.number), rows.option)
      set(Path.model.shouldPadVocab, false, rows.option)
    } else {
      setUnlessDefault(Path.model.shouldPadVocab, true)
    }
  }

  private mutating func addActivation() {
    for (option, name, isGated) in [
      ("--swiglu", "silu", true), ("--squared-relu", "squared_relu", false), ("--quick-geglu", "quick_gelu", true),
    ] where given[option] != nil {
      let given = take(option)
      set(Path.model.activationFunction, .string(name), given)
      set(Path.model.gatedLinearUnit, .bool(isGated), given)
      return
    }
    setUnlessDefault(Path.model.activationFunction, "gelu")
    setUnlessDefault(Path.model.gatedLinearUnit, false)
  }

  // MARK: Pipeline

  private mutating func addPipeline() {
    if let layout = text("--pipeline-model-parallel-layout") {
      set(Path.parallelism.pipelineModelParallelLayout, .string(layout.text), layout.option)
    }
    if let chunks = int("--num-virtual-stages-per-pipeline-rank") {
      set(Path.parallelism.virtualPipelineModelParallelSize, .int(chunks.number), chunks.option)
    } else if let layers = int("--num-layers-per-virtual-pipeline-stage") {
      let (all, stages) = (int("--num-layers")?.number ?? 0, int("--pipeline-model-parallel-size")?.number ?? 1)
      if layers.number > 0, stages > 0, all / stages % layers.number == 0 {
        set(
          Path.parallelism.virtualPipelineModelParallelSize, .int(all / stages / layers.number), layers.option)
      }
    }
    if let ramp = take("--rampup-batch-size"), ramp.values.allSatisfy({ $0.unknown == nil }) {
      set(Path.train.rampupBatchSize, .list(ramp.values.map { Self.value(of: $0.text, .int) }), ramp)
    }
    if let signal = text("--exit-signal"), let number = Self.signals[signal.text] {
      set(Path.train.exitSignal, .int(number), signal.option)
    }
    if given["--recompute-activations"] != nil {
      set(Path.recompute.recomputeGranularity, "selective", take("--recompute-activations"))
    }
  }

  /// By Linux's numbers.
  private static let signals = [
    "SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGUSR1": 10, "SIGUSR2": 12, "SIGTERM": 15,
  ]

  // MARK: Precision

  private mutating func addPrecision() {
    let (bf16, fp16) = (take("--bf16"), take("--fp16"))
    let (inFP32, inBF16) = (take("--accumulate-allreduce-grads-in-fp32"), take("--grad-reduce-in-bf16"))
    let format = bf16 != nil ? "bf16" : fp16 != nil ? "fp16" : "fp32"
    if bf16 == nil, fp16 == nil {
      set(Path.mixedPrecision.fp32, true, nil, remark: "neither --bf16 nor --fp16")
    }
    let chosen = bf16 ?? fp16
    set(Path.mixedPrecision.paramsDtype, .string(format), chosen)
    set(Path.mixedPrecision.pipelineDtype, .string(format), chosen)
    // bf16 accumulates in fp32 unless told otherwise, the others only when told to.
    let isInFP32 = inFP32 != nil || bf16 != nil && inBF16 == nil
    set(Path.mixedPrecision.gradReduceInFP32, .bool(isInFP32), inFP32 ?? inBF16)
  }

  // MARK: Optimizer

  private mutating func addOptimizer() {
    if let kind = text("--muon-coefficient-type"), has(Path.optimizer.muonCoefficientType) {
      set(Path.optimizer.muonCoefficientType, .string(kind.text), kind.option)
    }
    for (option, path) in [
      ("--start-weight-decay", Path.scheduler.startWeightDecay), ("--end-weight-decay", Path.scheduler.endWeightDecay),
    ] {
      if let decay = text(option), let number = Double(decay.text) { set(path, .float(number), decay.option) }
    }
    addWeightDecay()
    // validate_args makes the one of the other.
    if let condition = text("--no-weight-decay-cond-type"), condition.text == "apply_wd_to_qk_layernorm" {
      set(FieldPath("optimizer", condition.text), true, condition.option)
    }
    if let profile = take("--profile") {
      let usesPytorch = given["--use-pytorch-profiler"] != nil
      set(Path.profiling.useNsysProfiler, .bool(!usesPytorch), profile)
    }
  }

  private mutating func addWeightDecay() {
    let given = text("--weight-decay")
    guard let number = given.flatMap({ Double($0.text) }) ?? defaultValue(of: "--weight-decay").flatMap(Double.init)
    else { return }
    set(Path.optimizer.weightDecay, .float(number), given?.option)
    // Where it is constant, the schedule's ends are the optimizer's.
    guard (self.given["--weight-decay-incr-style"]?.values.first?.text ?? "constant") == "constant" else { return }
    set(Path.scheduler.startWeightDecay, .float(number), given?.option)
    set(Path.scheduler.endWeightDecay, .float(number), given?.option)
  }

  // MARK: Communication

  private mutating func addOverlap() {
    var distributed = take("--use-distributed-optimizer")
    let layerWise = Path.optimizer.useLayerWiseDistributedOptimizer
    if let whole = distributed, has(layerWise), given["--optimizer"]?.values.first?.text == "muon" {
      // With Muon it means whole matrices; how they lie in buffers changes rounding alone.
      set(layerWise, true, whole)
      _ = take("--no-use-layer-wise-param-layout")
      distributed = nil
    }
    for path in [Path.ddp.useDistributedOptimizer, Path.optimizer.useDistributedOptimizer] {
      if let distributed {
        set(path, true, distributed)
      } else if let off = switchedOff["--use-distributed-optimizer"] {
        set(path, false, off)
      } else {
        setUnlessDefault(path, false)
      }
    }
    let switches: [(String, [FieldPath])] = [
      ("--overlap-grad-reduce", [Path.ddp.overlapGradReduce]),
      ("--overlap-param-gather", [Path.ddp.overlapParamGather, Path.optimizer.overlapParamGather]),
      ("--tp-comm-overlap", [Path.model.tpCommOverlap]),
      ("--defer-embedding-wgrad-compute", [Path.model.deferEmbeddingWgradCompute]),
      ("--overlap-moe-expert-parallel-comm", [Path.model.overlapMoEExpertParallelComm]),
      ("--delay-wgrad-compute", [Path.model.delayWgradCompute]),
    ]
    for (option, paths) in switches {
      let said = flag(option)
      for path in paths where has(path) {
        if let said { set(path, .bool(said.isOn), said.option) } else { setUnlessDefault(path, false) }
      }
    }
    if let unaligned = take("--no-align-param-gather") {
      set(Path.ddp.alignParamGather, false, unaligned)
    } else {
      setUnlessDefault(Path.ddp.alignParamGather, true)
    }
    if let bucket = int("--ddp-bucket-size") { set(Path.ddp.bucketSize, .int(bucket.number), bucket.option) }
    if let limit = int("--wgrad-deferral-limit") {
      set(Path.model.wgradDeferralLimit, .int(limit.number), limit.option)
    }
    // Transfers are overlapped between virtual stages alone.
    let isInterleaved =
      given["--num-virtual-stages-per-pipeline-rank"] != nil || given["--num-layers-per-virtual-pipeline-stage"] != nil
      || given["--pipeline-model-parallel-layout"] != nil
    let unoverlapped = take("--no-overlap-p2p-communication")
    let overlaps = isInterleaved && unoverlapped == nil
    if let unoverlapped {
      set(Path.model.overlapP2PComm, false, unoverlapped)
    } else {
      setUnlessDefault(Path.model.overlapP2PComm, .bool(overlaps))
    }
    let isPipelined = (int("--pipeline-model-parallel-size")?.number ?? 1) > 1
    setUnlessDefault(Path.model.batchP2PComm, .bool(isPipelined && !overlaps))
  }

  // MARK: Checks

  private mutating func addChecks() {
    let path = FieldPath("rerun_state_machine", "rerun_mode")
    if let mode = text("--rerun-mode") {
      set(path, .string(mode.text), mode.option)
    } else if let fallback = defaultValue(of: "--rerun-mode") {
      setUnlessDefault(path, fallback)
    }
  }

  // MARK: Files

  /// Where no folder is named Megatron-LM uses none, and a launch config the run's.
  private mutating func addFolders() {
    for (option, path) in [
      ("--save", Path.checkpoint.save), ("--load", Path.checkpoint.load),
      ("--tensorboard-dir", Path.logger.tensorboardDir),
    ] where given[option] == nil { set(path, .null, nil, remark: "no \(option)") }
  }

  // MARK: Data

  private mutating func addData() {
    if let mock = take("--mock-data") {
      set(Path.dataset.kind, "mock", mock)
    } else if given["--data-path"] == nil, !saysAll {
      // Whatever the recipe or the program brings.
    } else {
      set(Path.dataset.kind, "indexed", nil, remark: "Megatron-LM reads .bin/.idx files")
    }
    addPaths("--data-path", Path.dataset.dataPaths)
    for (option, path) in [
      ("--train-data-path", Path.dataset.dataPaths), ("--valid-data-path", Path.dataset.validDataPaths),
      ("--test-data-path", Path.dataset.testDataPaths),
    ] {
      // get_blend_and_blend_per_split takes one or the other.
      if given["--data-path"] == nil { addPaths(option, path) } else { noteUnread(option, "beside `--data-path`") }
    }
    if let split = text("--split") {
      set(Path.dataset.split, .string(split.text), split.option)
    } else if given["--data-path"] != nil, given["--mock-data"] == nil {
      let fallback = defaultValue(of: "--split") ?? .null
      set(Path.dataset.split, fallback == .null ? "969, 30, 1" : fallback, nil)
    }
    for (option, path) in [
      ("--num-workers", Path.dataset.numWorkers),
      ("--num-dataset-builder-threads", Path.dataset.numDatasetBuilderThreads), ("--seed", Path.dataset.randomSeed),
    ] {
      if let number = int(option) {
        set(path, .int(number.number), number.option)
      } else if let fallback = defaultValue(of: option) {
        setUnlessDefault(path, fallback)
      }
    }
    if let kind = text("--dataloader-type") {
      set(Path.dataset.dataloaderType, .string(kind.text), kind.option)
    } else {
      setUnlessDefault(Path.dataset.dataloaderType, "single")
    }
    for (option, path) in [
      ("--reset-position-ids", Path.dataset.resetPositionIDs),
      ("--reset-attention-mask", Path.dataset.resetAttentionMask), ("--eod-mask-loss", Path.dataset.eodMaskLoss),
    ] {
      let given = take(option)
      if let given { set(path, true, given) } else { setUnlessDefault(path, false) }
    }
    if let cache = text("--data-cache-path") { set(Path.dataset.pathToCache, .string(cache.text), cache.option) }
  }

  /// Paths, or weights and paths in turn.
  private mutating func addPaths(_ option: String, _ path: FieldPath) {
    guard let given = take(option), !given.values.isEmpty else { return }
    let words = given.values.map { $0.spelled(in: sources) }
    let isBlend =
      words.count % 2 == 0 && stride(from: 0, to: words.count, by: 2).allSatisfy { Double(words[$0]) != nil }
    let items: [ConfigValue] =
      isBlend
      ? stride(from: 0, to: words.count, by: 2).map { index in
        ["path": .string(words[index + 1]), "weight": .float(Double(words[index]) ?? 0)]
      } : words.map { .string($0) }
    set(path, .list(items), given)
  }

  // MARK: Tokenizer

  private mutating func addTokenizer() {
    let kind = text("--tokenizer-type")
    if let kind {
      set(Path.tokenizer.tokenizerType, .string(kind.text), kind.option)
    } else if program == .megatronLM, given["--tokenizer-type"] == nil {
      set(Path.tokenizer.tokenizerType, "GPT2BPETokenizer", nil, remark: "pretrain_gpt.py's default")
    } else {
      // Another program may well have a default of its own.
      markUnknown(Path.tokenizer.tokenizerType)
    }
    if let entries = int("--vocab-size"), kind?.text == "NullTokenizer" {
      // Megatron-LM's NullTokenizer has one entry more than it is told, for the end of a document.
      set(Path.tokenizer.vocabSize, .int(entries.number + 1), entries.option)
    }
    for (option, path) in [
      ("--tokenizer-model", Path.tokenizer.tokenizerModel), ("--vocab-file", Path.tokenizer.vocabFile),
      ("--merge-file", Path.tokenizer.mergeFile), ("--tiktoken-pattern", Path.tokenizer.tiktokenPattern),
    ] {
      if let value = text(option) { set(path, .string(value.text), value.option) }
    }
    if let tokens = take("--tiktoken-special-tokens"), tokens.values.allSatisfy({ $0.unknown == nil }) {
      set(Path.tokenizer.specialTokens, .list(tokens.values.map { .string($0.text) }), tokens)
    }
    if let remote = take("--trust-remote-code") {
      set(Path.tokenizer.hfTokenizerKwargs, ["trust_remote_code": true], remote)
    }
  }
}
