import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Trainer
import Training

/// Finetuning runs of a model that is smaller than tiny: all weights, LoRA, DoRA.
@Suite struct FinetuningTests {
  typealias Overrides = [(FieldPath, ConfigValue)]
  private let fileSystem = POSIXFileSystem()

  private func config(_ scratch: TrainingRunTests.Scratch, _ name: String, _ overrides: Overrides = []) -> LaunchConfig
  {
    var layer = Layer(name: "test")
    let small: Overrides = [
      (Path.recipe.dir, .string(scratch.path)), (Path.recipe.name, .string(name)), (Path.model.numLayers, 2),
      (Path.model.hiddenSize, 32), (Path.model.ffnHiddenSize, 48), (Path.model.numAttentionHeads, 2),
      (Path.model.numMoEExperts, 4), (Path.model.moeRouterTopK, 2), (Path.model.moeFFNHiddenSize, 16),
      (Path.model.moeSharedExpertIntermediateSize, 16), (Path.model.moeLayerFrequency, [0, 1]),
      (Path.model.kvLoraRank, 16), (Path.model.seqLength, 16), (Path.train.trainIters, 6),
      (Path.train.globalBatchSize, 4), (Path.train.microBatchSize, 2), (Path.scheduler.lrWarmupIters, 1),
      (Path.dataset.kind, "mock"), (Path.validation.evalIters, 0), (Path.checkpoint.saveInterval, 3),
    ]
    for (path, value) in small + overrides { layer.assign(path, value, .program) }
    return .resolve([Recipe.moonlightTinyPretrain.layer(), layer])
  }

  /// Adapters on a base that ``makeBase(_:)`` made.
  private func adapters(
    _ scratch: TrainingRunTests.Scratch, scheme: String, targets: ConfigValue = ["linear_q_proj", "linear_fc1"],
    _ overrides: Overrides = []
  ) -> LaunchConfig {
    config(
      scratch, scheme,
      [
        (Path.recipe.mode, "peft"), (Path.peft.peftScheme, .string(scheme)), (Path.peft.dim, 4), (Path.peft.alpha, 8),
        (Path.peft.targetModules, targets), (Path.optimizer.lr, 0.02),
        (Path.checkpoint.pretrainedCheckpoint, .string("\(scratch.path)/base/checkpoints")),
      ] + overrides)
  }

  @discardableResult
  private func run(_ config: LaunchConfig) throws -> TrainingRun {
    let run = try TrainingRun(config, vocabSize: 320, threads: 1, observer: TrainingRunTests.Silent())
    _ = try run.run()
    return run
  }

  private func makeBase(_ scratch: TrainingRunTests.Scratch) throws { try run(config(scratch, "base")) }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  // MARK: Adapters

  @Test(arguments: ["lora", "dora"]) func aResumedAdapterRunIsTheUninterruptedOne(scheme: String) throws {
    let (whole, halves) = (TrainingRunTests.Scratch(), TrainingRunTests.Scratch())
    for scratch in [whole, halves] { try makeBase(scratch) }
    let dropout = (Path.peft.dropout, ConfigValue.float(0.2))
    let uninterrupted = try run(adapters(whole, scheme: scheme, [dropout]))
    try run(
      adapters(halves, scheme: scheme, [dropout, (Path.train.trainIters, 3), (Path.scheduler.lrDecayIters, 6)]))
    let resumed = try run(adapters(halves, scheme: scheme, [dropout]))
    #expect(resumed.history.map(\.loss) == uninterrupted.history.map(\.loss))
    let (first, second) = (try #require(uninterrupted.engine.adapters), try #require(resumed.engine.adapters))
    for tensor in first.tensors {
      let values = try first.withTensor(tensor.name) { Array($0) }
      #expect(try second.withTensor(tensor.name) { Array($0) } == values, "\(tensor.name)")
    }
  }

  @Test func aRunStartsFromAnAdapterWithoutAState() throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let trained = try run(adapters(scratch, scheme: "lora"))
    // What the peft library writes.
    let folder = "\(scratch.path)/lora/checkpoints/iter_0000006"
    for name in ["checksums.txt", "optimizer.safetensors", "trainer_state.json"] {
      try fileSystem.removeFile("\(folder)/\(name)")
    }
    let config = adapters(
      scratch, scheme: "lora", [(Path.recipe.name, "further"), (Path.checkpoint.load, .string(folder))])
    let further = try TrainingRun(config, vocabSize: 320, threads: 1, observer: TrainingRunTests.Silent())
    #expect(further.step == 0)
    let (from, to) = (try #require(trained.engine.adapters), try #require(further.engine.adapters))
    for tensor in from.tensors {
      let values = try from.withTensor(tensor.name) { Array($0) }
      #expect(try to.withTensor(tensor.name) { Array($0) } == values, "\(tensor.name)")
    }
  }

  @Test func aCheckpointOfAdaptersHoldsNoBase() throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    try run(adapters(scratch, scheme: "lora"))
    let files = try fileSystem.list("\(scratch.path)/lora/checkpoints/iter_0000006").sorted()
    #expect(
      files == [
        "adapter_config.json", "adapter_model.safetensors", "checksums.txt", "optimizer.safetensors",
        "trainer_state.json",
      ])
  }

  @Test(arguments: ["lora", "dora"]) func mergedWeightsAreThoseOfTheRun(scheme: String) throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let trained = try run(adapters(scratch, scheme: scheme))
    let target = "\(scratch.path)/merged"
    let source = try WeightSource("\(scratch.path)/\(scheme)/checkpoints", base: "\(scratch.path)/base/checkpoints")
    try WeightExport.run(from: source, to: target, as: nil, maximumShardBytes: 60_000)
    let merged = try ModelWeights(directory: target)
    #expect(fileSystem.kind("\(target)/\(ModelWeights.indexFileName)") == .file)
    for tensor in trained.engine.layout.tensors {
      let expected = try trained.engine.parameters.mergedValues(tensor.name)
      let found = try merged.file(of: tensor.name).floats(tensor.name, shape: tensor.shape)
      #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-6 }, "\(tensor.name)")
    }
  }

  @Test(
    arguments: [
      (["linear_q_proj"], ["q_proj"], 2), (["linear_fc1"], ["gate_proj", "up_proj"], 2 + 2 + 8),
      (["*.layers.0.*q_proj"], ["layers.0.self_attn.q_proj"], 1), (["mlp.down_proj"], ["mlp.down_proj"], 1),
      (
        ["*.experts.*down_proj"],
        ["experts.0.down_proj", "experts.1.down_proj", "experts.2.down_proj", "experts.3.down_proj"], 4
      ),
      (["o_proj", "linear_proj"], ["o_proj"], 2),
    ] as [([String], [String], Int)])
  func targetsAreMatricesUnderPeftsNames(targets: [String], names: [String], count: Int) throws {
    let config = adapters(TrainingRunTests.Scratch(), scheme: "lora", targets: .list(targets.map { .string($0) }))
    let configuration = try EngineConfiguration(config, vocabSize: 320, threads: 1)
    let settings = try #require(configuration.settings.adapters)
    #expect(settings.targets.count == count, "\(settings.targets)")
    let layout = try ParameterLayout(shape: configuration.settings.shape)
    #expect(AdapterConfig.targetModules(of: settings.matrices, in: layout) == names)
  }

  @Test func eachTargetSaysWhatItMatched() throws {
    let config = adapters(TrainingRunTests.Scratch(), scheme: "dora", targets: ["linear_kv_down_proj", "linear_proj"])
    let plan = try #require(try EngineConfiguration(config, vocabSize: 320, threads: 1).adapters)
    #expect(plan.targets.map(\.layers) == [2, 2])
    // Rank 4 on 32 inputs and 16 + 16 outputs, in two layers, with a magnitude for each output.
    #expect(plan.targets[0].parameters == 2 * (4 * (32 + 32) + 32))
    #expect(plan.parameterCount == plan.targets.reduce(0) { $0 + $1.parameters })
  }

  @Test(
    arguments: [
      ([(Path.peft.loraBInitMethod, "xavier")], "peft.lora_B_init_method"),
      ([(Path.peft.targetModules, .list(["output_layer"]))], "projections of decoder layers only"),
      ([(Path.peft.targetModules, .list(["nothing"]))], "`nothing` matches no linear"),
      (
        [(Path.peft.targetModules, .list(["linear_proj", "linear_qkv"]))],
        "`linear_qkv` matches no linear of this model; it has linear_fc1, linear_fc2, linear_kv_down_proj"
      ),
      ([(Path.checkpoint.pretrainedCheckpoint, nil)], "checkpoint.pretrained_checkpoint is not given"),
    ] as [(Overrides, String)])
  func whatAdaptersCannotBeIsSaid(overrides: Overrides, reason: String) throws {
    let scratch = TrainingRunTests.Scratch()
    let said = message { try run(adapters(scratch, scheme: "lora", overrides)) }
    #expect(said.contains(reason), "\(said)")
  }

  // MARK: All weights

  @Test func fullFinetuningStartsFromTheBase() throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let base = (Path.checkpoint.pretrainedCheckpoint, ConfigValue.string("\(scratch.path)/base/checkpoints"))
    let tuned = try run(config(scratch, "sft", [(Path.recipe.mode, "sft"), base]))
    let fresh = try run(config(scratch, "fresh"))
    #expect(tuned.history[0].loss < fresh.history[0].loss - 0.1)
    #expect(try ModelWeights(directory: "\(scratch.path)/sft/checkpoints/iter_0000006")["model.norm.weight"] != nil)
  }

  // MARK: Bases that do not fit

  @Test(
    arguments: [
      (Path.model.hiddenSize, 48, "model.hidden_size is 48, but the checkpoint's hidden_size is 32"),
      (Path.model.numMoEExperts, 8, "model.num_moe_experts is 8, but the checkpoint's n_routed_experts is 4"),
      (Path.model.qLoraRank, 8, "model.q_lora_rank is 8, but the checkpoint's q_lora_rank is null"),
      (Path.model.rotaryBase, 10_000.0, "model.rotary_base is 10000.0, but the checkpoint's rope_theta is 50000.0"),
      (
        Path.model.rotaryScalingFactor, 4.0,
        "model.rotary_scaling_factor is 4.0, but the checkpoint's rope_scaling.factor is null"
      ),
    ] as [(FieldPath, ConfigValue, String)])
  func aDifferentBaseIsRefusedByField(path: FieldPath, value: ConfigValue, line: String) throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let said = message { try run(adapters(scratch, scheme: "lora", targets: ["linear_proj"], [(path, value)])) }
    #expect(said.contains("iter_0000006/config.json: \(line)"), "\(said)")
  }

  @Test func aBaseThatIsNotThereIsNamed() throws {
    let scratch = TrainingRunTests.Scratch()
    try fileSystem.createDirectories("\(scratch.path)/empty")
    let missing = message { try run(adapters(scratch, scheme: "lora")) }
    #expect(
      missing.contains("checkpoint.pretrained_checkpoint: there is no directory \(scratch.path)/base"), "\(missing)")
    let place = (Path.checkpoint.pretrainedCheckpoint, ConfigValue.string("\(scratch.path)/empty"))
    let empty = message { try run(adapters(scratch, scheme: "lora", [place])) }
    #expect(empty.contains("\(scratch.path)/empty/config.json"), "\(empty)")
    try fileSystem.replaceFile("\(scratch.path)/empty/config.json", with: #"{"architectures": ["LlamaForCausalLM"]}"#)
    let other = message { try run(adapters(scratch, scheme: "lora", [place])) }
    #expect(other.contains("the architecture is LlamaForCausalLM, not DeepseekV3ForCausalLM"), "\(other)")
  }

  @Test func aMissingShardIsNamed() throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let folder = "\(scratch.path)/sharded"
    let files = try WeightExport.run(
      from: try WeightSource("\(scratch.path)/base/checkpoints"), to: folder, as: .float32, maximumShardBytes: 60_000)
    try fileSystem.removeFile("\(folder)/\(files[1])")
    let place = (Path.checkpoint.pretrainedCheckpoint, ConfigValue.string(folder))
    let said = message { try run(adapters(scratch, scheme: "lora", [place])) }
    #expect(said.contains("the shard \(files[1]) is missing"), "\(said)")
  }

  // MARK: Rows that cannot be learned from

  @Test(arguments: [
    ("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"a\"\n", "rows.jsonl:2"),
    ("{\"prompt\": \"a\", \"completion\": \"b\"}\n\n{\"prompt\": \"a\"}\n", "rows.jsonl:"),
    ("{\"prompt\": \"a\", \"completion\": \"0123456789abcdefghij\"}\n", "a sequence of 16 holds 17"),
  ])
  func aBadRowIsNamed(rows: String, place: String) throws {
    let scratch = TrainingRunTests.Scratch()
    try makeBase(scratch)
    let file = "\(scratch.path)/rows.jsonl"
    try fileSystem.replaceFile(file, with: rows)
    let said = message {
      try run(
        adapters(
          scratch, scheme: "lora",
          [(Path.dataset.kind, "sft"), (Path.dataset.dataPaths, .list([.string(file)])), (Path.dataset.split, nil)]))
    }
    #expect(said.contains(place), "\(said)")
    #expect(said.contains("rows.jsonl"), "\(said)")
  }
}
