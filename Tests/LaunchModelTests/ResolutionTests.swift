import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// Layers, origins, derivation.
@Suite struct ResolutionTests {
  private func load(_ text: String, set overrides: String...) -> Resolution {
    ConfigText(text).load(overrides: overrides).resolution
  }

  @Test func laterLayersWinFieldByField() {
    let resolution = load(
      """
      extends: moonlight_16b_pretrain_config
      train:
        global_batch_size: 1024
      """, set: "train.micro_batch_size=2")
    #expect(resolution.config.train.globalBatchSize == 1024)
    #expect(resolution.config.train.microBatchSize == 2)
    #expect(resolution.config.train.trainIters == 500_000)
    #expect(resolution.diagnostics.isEmpty)
  }

  @Test func everyValueKnowsWhereItComesFrom() {
    let resolution = load(
      """
      extends: moonlight_16b_pretrain_config
      train: {train_iters: 1000}
      """, set: "rng.seed=7")
    let config = resolution.config
    #expect(config.train.origin(of: \.trainIters).description == "config.yaml:2:22")
    #expect(config.rng.origin(of: \.seed).description == "--set rng.seed=7")
    #expect(
      config.model.origin(of: \.numLayers).description.hasPrefix(
        "recipe moonlight_16b_pretrain_config, MoonlightRecipes/"))
    #expect(config.ddp.origin(of: \.ncclUB).description == "default")
    #expect(
      config.scheduler.origin(of: \.lrDecayIters).description == "derived from train.train_iters: the whole run")
  }

  @Test func historyListsEveryLayerThatSpoke() {
    let resolution = load(
      """
      extends: moonlight_16b_pretrain_config
      rng: {seed: 5}
      """, set: "rng.seed=7")
    let values = resolution.history(of: Path.rng.seed).map(\.value)
    #expect(values == [.int(1234), .int(1234), .int(5), .int(7)])
  }

  @Test(arguments: [
    ("train.train_iters=1000", Path.scheduler.lrDecayIters, ConfigValue.int(1000)),
    ("parallelism.tensor_model_parallel_size=1", Path.parallelism.sequenceParallel, .bool(false)),
    ("parallelism.tensor_model_parallel_size=4", Path.parallelism.sequenceParallel, .bool(true)),
    ("model.seq_length=8192", Path.dataset.seqLength, .int(8192)),
    ("model.vocab_size=163842", Path.tokenizer.vocabSize, .int(163_842)),
    ("recipe.name=other", Path.checkpoint.save, .string("nemo_experiments/other/checkpoints")),
    ("recipe.dir=/results/", Path.logger.tensorboardDir, .string("/results/default/tb_logs")),
    ("checkpoint.save=/elsewhere", Path.checkpoint.load, .string("/elsewhere")),
    ("dataset.data_paths=[/data/a.jsonl]", Path.dataset.kind, .string("jsonl")),
    ("dataset.data_paths=[/data/a_text_document]", Path.dataset.kind, .string("indexed")),
    ("dataset.data_paths=[/data/a]", Path.dataset.split, .string("9999,8,2")),
  ])
  func derivedValuesFollowTheirSources(override: String, path: FieldPath, value: ConfigValue) {
    // Once over the recipe, and once over the file generated from it, which holds every derived value as text.
    for text in ["extends: moonlight_16b_pretrain_config", ConfigText.generated(.moonlight16BPretrain)] {
      let resolution = load(text, set: override)
      #expect(resolution.config.value(at: path)?.value == value)
      #expect(resolution.diagnostics.isEmpty)
    }
  }

  @Test func aWrittenValueWinsOverADerivedOne() {
    let resolution = load(
      """
      extends: moonlight_16b_pretrain_config
      scheduler: {lr_decay_iters: 400000}
      """, set: "train.train_iters=1000")
    #expect(resolution.config.scheduler.lrDecayIters == 400_000)
  }

  @Test(arguments: Array(RecipeBook.shipped.recipes.map(\.name)))
  func aGeneratedFileMeansTheSame(recipe: String) throws {
    let release = try #require(RecipeBook.shipped.recipe(named: recipe)).releases.preferred
    let made = LaunchConfig.resolve(
      try #require(RecipeBook.shipped.layers(ofRecipe: recipe, for: release)), for: release
    ).withCanonicalLayout()
    let text = ConfigText.emitted(made)
    let read = ConfigText(text).load().resolution
    #expect(read.diagnostics.isEmpty)
    #expect(read.config.tree == made.tree)
    #expect(read.config.fingerprint == made.fingerprint)
  }

  @Test func yamlAndJSONMeanTheSame() throws {
    let made = LaunchConfig.resolve([Recipe.moonlight16BFinetune.layer()])
    let json = try JSONEmitter().emit(.mapping(made.tree))
    let read = ConfigText(json, name: "config.json").load().resolution
    #expect(read.diagnostics.isEmpty)
    #expect(read.config.tree == made.tree)
  }

  @Test func nullTurnsASectionOff() {
    let resolution = load(
      """
      extends: moonlight_16b_finetune_config
      peft: null
      """)
    #expect(!resolution.config.peft.isPresent)
    #expect(resolution.config.tree["peft"] == .null)
  }

  @Test func aPrecisionNameStandsForTheSection() {
    let resolution = load(
      """
      extends: moonlight_16b_pretrain_config
      mixed_precision: bf16-with-mxfp8-mixed
      """)
    #expect(resolution.config.mixedPrecision.fp8Recipe == "mxfp8")
    #expect(resolution.config.mixedPrecision.gradReduceInFP32)
    #expect(resolution.diagnostics.isEmpty)
  }

  @Test func automaticLayoutFollowsThePipeline() {
    for text in ["extends: moonlight_16b_pretrain_config", ConfigText.generated(.moonlight16BPretrain)] {
      #expect(load(text).config.parallelism.pipelineModelParallelLayout == .none)
      let two = load(text, set: "parallelism.pipeline_model_parallel_size=2").config
      #expect(two.parallelism.pipelineModelParallelLayout == .text("Et*15|t*12L"))
      let four = load(ConfigText.emitted(two), set: "parallelism.pipeline_model_parallel_size=4").config
      #expect(four.parallelism.pipelineModelParallelLayout == .text("Et*7|t*8|t*8|t*4L"))
    }
  }
}
