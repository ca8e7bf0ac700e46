import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@Suite("What is written over a recipe displaces its alternative")
struct DisplacementTests {
  private func config(_ text: String, set overrides: String...) -> LaunchConfig {
    ConfigText("extends: moonlight_16b_pretrain_config\n" + text).load(overrides: overrides).resolution.config
  }

  @Test("a stage count of one's own means that no layout is derived")
  func ends() {
    let counted = config(
      "parallelism: {pipeline_model_parallel_size: 2, num_layers_in_last_pipeline_stage: 13}")
    #expect(counted.parallelism.pipelineModelParallelLayout == .none)
    let accounted = config(
      "parallelism: {pipeline_model_parallel_size: 4, account_for_loss_in_pipeline_split: true}")
    #expect(accounted.parallelism.pipelineModelParallelLayout == .none)
    let switchedOff = config(
      "parallelism: {pipeline_model_parallel_size: 4, account_for_loss_in_pipeline_split: false}")
    #expect(switchedOff.parallelism.pipelineModelParallelLayout != .none)
    let flagged = config(
      "parallelism: {pipeline_model_parallel_size: 2}", set: "parallelism.num_layers_in_first_pipeline_stage=14")
    #expect(flagged.parallelism.pipelineModelParallelLayout == .none)
  }

  @Test("epochs make room for themselves")
  func epochs() {
    let config = ConfigText("extends: moonlight_16b_finetune_config\ntrain: {num_epochs: 2}").load().resolution.config
    #expect(config.train.trainIters == nil && config.train.trainSamples == nil)
    let contradicting = ConfigText(
      "extends: moonlight_16b_finetune_config\ntrain: {num_epochs: 2, train_iters: 10}"
    ).load().resolution.config
    #expect(contradicting.train.trainIters == 10)
  }

  @Test("a layout that a recipe has written makes room for that of other stages")
  func stages() {
    let recipe = "extends: moonlight_16b_sft_8gpu_h100_bf16_config\nsoftware: {megatron_bridge: 0.6.2}\n"
    func layout(_ text: String) -> PipelineLayoutText {
      ConfigText(recipe + text).load().resolution.config.parallelism.pipelineModelParallelLayout
    }
    #expect(layout("") == .text("Et*14|t*13L"))
    #expect(layout("parallelism: {pipeline_model_parallel_size: 1}") == .none)
    #expect(layout("parallelism: {pipeline_model_parallel_size: 4}") == .text("Et*7|t*8|t*8|t*4L"))
    #expect(
      layout("parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: Et*13|t*14L}")
        == .text("Et*13|t*14L"))
  }

  @Test("rows that a recipe has written are padded to a multiple of another TP")
  func rows() {
    func rows(_ recipe: String, _ tensor: Int) -> Int? {
      ConfigText(
        """
        extends: \(recipe)
        software: {megatron_bridge: 0.6.2}
        parallelism: {tensor_model_parallel_size: \(tensor)}
        """
      ).load().resolution.config.model.vocabSize
    }
    #expect(rows("moonlight_16b_finetune_config", 1) == 163_842)
    #expect(rows("moonlight_16b_finetune_config", 4) == 163_844)
    #expect(rows("moonlight_16b_sft_8gpu_h100_bf16_config", 8) == 163_848)
    #expect(rows("moonlight_16b_pretrain_config", 8) == 163_840)
    #expect(
      config("model: {vocab_size: 163841}\nparallelism: {tensor_model_parallel_size: 4}").model.vocabSize == 163_841)
  }

  @Test("both written are both kept")
  func contradictions() {
    let config = config(
      """
      parallelism:
        pipeline_model_parallel_size: 2
        num_layers_in_last_pipeline_stage: 13
        pipeline_model_parallel_layout: Et*14|t*13L
      scheduler: {lr_warmup_fraction: 0.05, lr_warmup_iters: 10}
      """)
    #expect(config.parallelism.pipelineModelParallelLayout != .none)
    #expect(config.parallelism.numLayersInLastPipelineStage == 13)
    #expect(config.scheduler.lrWarmupIters == 10)
    #expect(config.scheduler.lrWarmupFraction == 0.05)
  }

  @Test("a share of the schedule, or a number of steps")
  func warmup() {
    #expect(config("scheduler: {lr_warmup_fraction: 0.05}").scheduler.lrWarmupIters == 0)
    #expect(config("scheduler: {lr_warmup_fraction: null}").scheduler.lrWarmupIters == 2000)
  }

  @Test("a run counted in samples counts its recipe's warm-up in samples")
  func samples() {
    let config = config("train: {train_samples: 2048000, global_batch_size: 1024}")
    #expect(config.train.trainIters == nil)
    #expect(config.scheduler.lrWarmupIters == 0)
    #expect(config.scheduler.lrWarmupSamples == 2000 * 1024)
    #expect(config.scheduler.lrDecaySamples == 2_048_000)
    #expect(
      config.scheduler.origin(of: \.lrWarmupSamples).description
        == "derived from train.global_batch_size: the recipe's 2000 steps")
  }

  @Test("excluded modules take the place of targets")
  func adapters() {
    let config = ConfigText(
      "extends: moonlight_16b_finetune_config\npeft: {exclude_modules: [linear_proj]}"
    ).load().resolution.config
    #expect(config.peft.targetModules == [])
    #expect(config.peft.excludeModules == ["linear_proj"])
  }

  @Test("the pattern of experts is as long as the model")
  func layers() {
    let config = config("model: {num_layers: 12}")
    #expect(config.model.moeLayerFrequency == .many([0] + Array(repeating: 1, count: 11)))
    let written = self.config("model: {num_layers: 3, moe_layer_freq: [0, 0, 1]}")
    #expect(written.model.moeLayerFrequency == .many([0, 0, 1]))
  }

  @Test(
    "the description says what the config does",
    arguments: [
      ("", "Pretraining with AdamW on 16 GPUs."),
      ("cluster: {num_nodes: 1, gpus_per_node: 8}", "Pretraining with AdamW on 8 GPUs."),
      ("optimizer: {optimizer: dist_muon}", "Pretraining with Muon on 16 GPUs."),
      ("recipe: {description: Mine}", "Mine"),
    ])
  func description(_ text: String, _ description: String) {
    #expect(config(text).recipe.description == description)
  }
}
