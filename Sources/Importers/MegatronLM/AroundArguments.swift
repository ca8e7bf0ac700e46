import ConfigDocument
import LaunchModel
import Releases

// What stands around the arguments: the launcher, the environment, and what the program brings.
extension ImportedFields {
  /// torchrun's own options.
  mutating func addLauncher(_ words: [LocatedText]) {
    let fields = [
      ("nproc-per-node", Path.cluster.gpusPerNode), ("nnodes", Path.cluster.numNodes),
      // MindSpore's msrun.
      ("local-worker-num", Path.cluster.gpusPerNode),
    ]
    var workers: (count: Int, name: LocatedText)?
    var index = 0
    var given: [FieldPath: LocatedText] = [:]
    while index < words.count {
      var name = words[index]
      var value = index + 1 < words.count ? words[index + 1] : nil
      if let sign = words[index].bytes.firstIndex(of: UInt8(ascii: "=")) {
        (name, value) = (words[index].prefix(sign), words[index].dropFirst(sign + 1))
      }
      index += 1
      let dashed = String(name.text.drop { $0 == "-" }.map { $0 == "_" ? "-" : $0 })
      if dashed == "worker-num", let count = value.flatMap({ Int($0.text) }) { workers = (count, name) }
      guard name.text.hasPrefix("--"), let field = fields.first(where: { $0.0 == dashed })?.1, let value else {
        continue
      }
      given[field] = name
      guard value.unknown == nil, let count = Int(value.text) else { continue }
      set(field, .int(count), from: name)
    }
    let here = entries[Path.cluster.gpusPerNode.section]?.first { $0.key == Path.cluster.gpusPerNode.field }?.value
      .plainValue
    if let workers, case .int(let count)? = here, count > 0, workers.count % count == 0 {
      set(Path.cluster.numNodes, .int(workers.count / count), from: workers.name)
    } else if let perNode = given[Path.cluster.gpusPerNode], given[Path.cluster.numNodes] == nil {
      set(Path.cluster.numNodes, 1, from: perNode, remark: "torchrun's default")
    }
  }

  mutating func addEnvironment(_ variables: [(name: String, value: LocatedText)]) {
    for variable in variables {
      let line = sources.line(of: variable.value.range)
      switch variable.name {
      case "NPROC_PER_NODE", "NNODES":
        guard case .swift = program, let count = Int(variable.value.text) else { continue }
        set(
          variable.name == "NNODES" ? Path.cluster.numNodes : Path.cluster.gpusPerNode, .int(count),
          from: variable.value, remark: "\(variable.name), \(line)")
      default:
        set(
          FieldPath("env_vars", variable.name), .string(variable.value.text), from: variable.value, remark: line)
      }
    }
  }

  /// Fields that go by their own names.
  mutating func addNamed(_ values: [NamedValue]) {
    for value in values {
      let root = DocumentReader.read(text: value.value.text, name: "", format: .yaml).root
      guard let root else { continue }
      addOverrides([
        OverriddenValue(
          path: value.path, name: value.name, value: root.placed(at: sources.rangeInMain(value.value.range)))
      ])
    }
  }

  mutating func addOverrides(_ values: [OverriddenValue]) {
    for value in values {
      write(
        value.path, key: sources.rangeInMain(value.name.range), value.value,
        comment: "\(value.name.text), \(sources.line(of: value.name.range))")
    }
  }

  // MARK: What programs bring

  mutating func addOtherPrograms() {
    switch program {
    case .mindSpeed: addMindSpeed()
    case .slime: addSlime()
    case .swift(let mode): addSwift(mode)
    case .verl: addVerl()
    case .megatronLM, .extended, .bridge: break
    }
  }

  private func number(_ name: String) -> (number: Int, name: LocatedText)? {
    guard let (name, values) = own[name], let value = values.first, value.unknown == nil, let number = Int(value.text)
    else { return nil }
    return (number, name)
  }

  /// Source: slime 0.3.1 `slime/utils/arguments.py` and `slime/backends/megatron_utils/arguments.py`.
  private mutating func addSlime() {
    for (name, path) in [
      ("actor_num_nodes", Path.cluster.numNodes), ("actor_num_gpus_per_node", Path.cluster.gpusPerNode),
    ] {
      if let (count, name) = number(name) { set(path, .int(count), from: name) }
    }
    let steps = number("num_steps_per_rollout")?.number
    let samples = number("rollout_batch_size").map { $0.number &* (number("n_samples_per_prompt")?.number ?? 1) }
    if let steps, steps > 0, let samples, let word = own["num_steps_per_rollout"]?.name {
      set(
        Path.train.globalBatchSize, .int(samples / steps), from: word,
        remark: "--rollout-batch-size times --n-samples-per-prompt in --num-steps-per-rollout steps")
    }
    let batch = given["--global-batch-size"].flatMap { $0.values.first.flatMap { Int($0.text) } }
    let perRollout = steps ?? batch.flatMap { batch in samples.map { $0 / max(batch, 1) } }
    if own["num_rollout"] == nil, own["num_epoch"] != nil { markUnknown(Path.train.trainIters) }
    if given["--train-iters"] == nil, given["--train-samples"] == nil, let rollouts = number("num_rollout"),
      let perRollout
    {
      set(
        Path.train.trainIters, .int(rollouts.number &* perRollout), from: rollouts.name,
        remark: "--num-rollout times \(perRollout) steps of a rollout")
    }
    let remark = "slime's default"
    if given["--lr"] == nil { replace(Path.optimizer.lr, 1e-6, remark: remark) }
    if given["--micro-batch-size"] == nil { replace(Path.train.microBatchSize, 1, remark: remark) }
    if given["--seq-length"] == nil { replace(Path.model.seqLength, 4096, remark: remark) }
    if given["--fp16"] == nil {
      for path in [Path.mixedPrecision.bf16] { replace(path, true, remark: "slime trains in bf16") }
      replace(Path.mixedPrecision.fp32, false, remark: "slime trains in bf16")
      for path in [Path.mixedPrecision.paramsDtype, Path.mixedPrecision.pipelineDtype] {
        replace(path, "bf16", remark: "slime trains in bf16")
      }
    }
    for path in [Path.ddp.useDistributedOptimizer, Path.optimizer.useDistributedOptimizer] {
      replace(path, true, remark: "slime always has it")
    }
    if given["--ckpt-fully-parallel-load"] == nil {
      replace(Path.checkpoint.fullyParallelLoad, true, remark: "slime always has it")
    }
    replace(Path.dataset.kind, "mock", remark: "slime brings the data")
    if given["--tokenizer-type"] == nil, let model = own["hf_checkpoint"]?.values.first {
      let path = model.spelled(in: sources)
      set(Path.tokenizer.tokenizerType, "HuggingFaceTokenizer", from: model, remark: "--hf-checkpoint")
      set(Path.tokenizer.tokenizerModel, .string(path), from: model, remark: "--hf-checkpoint")
    }
  }

  private mutating func addSwift(_ mode: TrainingMode) {
    for (option, value) in SwiftArguments.defaults where given[option] == nil {
      guard let path = field(of: option), let known = release.options[option] else { continue }
      assume(path, Self.value(of: value, known.takes.kind), remark: "ms-swift's default")
    }
    assume(Path.cluster.numNodes, 1, remark: "without NNODES")
    let isLoRA = ["train_type", "tuner_type"].contains { own[$0]?.values.first?.text == "lora" }
    assume(
      Path.recipe.mode, .string((mode == .sft && isLoRA ? .peft : mode).rawValue), remark: "what `megatron` is told")
    if isLoRA {
      assume(Path.peft.peftScheme, "lora", remark: "ms-swift's train_type")
      assume(Path.peft.dim, .int(number("lora_rank")?.number ?? 8), remark: "lora_rank")
      assume(Path.peft.alpha, .int(number("lora_alpha")?.number ?? 32), remark: "lora_alpha")
    }
    if mode != .pretrain, let data = own["dataset"]?.values.first {
      // Behind a `#` stands how many rows are drawn.
      let name = data.spelled(in: sources).split(separator: "#").first.map(String.init) ?? ""
      set(Path.dataset.datasetName, .string(name), from: data, remark: "--dataset")
    }
    let isOfTokens = own["rlhf_type"] == nil && (own["task_type"]?.values.first?.text ?? "causal_lm") == "causal_lm"
    assume(Path.model.calculatePerTokenLoss, .bool(isOfTokens), remark: "ms-swift's default")
    assume(Path.ddp.averageInCollective, false, remark: "ms-swift's default")
    if let model = own["model"]?.values.first, model.unknown == nil, given["--load"] == nil, mode != .pretrain {
      set(Path.checkpoint.pretrainedCheckpoint, .string(model.text), from: model, remark: "--model")
    }
  }

  private mutating func addVerl() {
    if let prompts = number("actor_rollout_ref.actor.ppo_mini_batch_size") {
      let samples = number("actor_rollout_ref.rollout.n")?.number ?? 1
      set(
        Path.train.globalBatchSize, .int(prompts.number &* samples), from: prompts.name,
        remark: "ppo_mini_batch_size times rollout.n")
    }
    if let batch = number("data.train_batch_size"), !isSet(Path.train.globalBatchSize) {
      set(Path.train.globalBatchSize, .int(batch.number), from: batch.name)
    }
    for path in [
      Path.parallelism.tensorModelParallelSize, Path.parallelism.pipelineModelParallelSize,
      Path.parallelism.contextParallelSize, Path.parallelism.expertModelParallelSize,
    ] { assume(path, 1, remark: "verl's default") }
    assume(Path.parallelism.sequenceParallel, true, remark: "verl's default")
    assume(Path.optimizer.minLR, 0, remark: "verl's default")
    if !isSet(Path.scheduler.lrWarmupFraction) { assume(Path.scheduler.lrWarmupIters, 0, remark: "verl's default") }
    assume(Path.optimizer.weightDecay, 0.01, remark: "verl's default")
    let decay = Path.optimizer.weightDecay
    guard let constant = entries[decay.section]?.first(where: { $0.key == decay.field })?.value else { return }
    for path in [Path.scheduler.startWeightDecay, Path.scheduler.endWeightDecay] {
      write(path, key: constant.range, constant, comment: "verl's scheduler has optim.weight_decay at both ends")
    }
    assume(Path.scheduler.lrDecayStyle, "constant", remark: "verl's default")
  }

  /// Sets what the program decides, whatever Megatron-LM's default is.
  private mutating func replace(_ path: FieldPath, _ value: ConfigValue, remark: String) {
    guard saysAll else { return }
    set(path, value, nil, remark: remark)
  }

  private func field(of option: String) -> FieldPath? {
    let spelling = ArgumentSpelling(release, namesGPUs: false)
    return option == "--weight-decay" ? Path.optimizer.weightDecay : spelling.path(ofKeys: [option])
  }
}
