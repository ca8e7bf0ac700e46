import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// A config that is exported in the tests and, by Tests/Reference/bridge_exports.py, loaded by the real packages.
struct ExportCase: Sendable, CustomTestStringConvertible {
  let name: String
  let config: LaunchConfig
  /// Whether Megatron-LM can run it.
  var isPretraining: Bool { config.recipe.mode == .pretrain }
  var testDescription: String { name }

  init(
    _ name: String, _ recipe: Recipe, model: ModelPreset? = nil, peft: PEFTScheme?? = nil, _ settings: [String] = []
  ) {
    self.name = name
    var choices = recipe.defaults
    if let model { choices.model = model }
    if let peft { choices.peft = peft }
    let overrides = Overrides(settings)
    #expect(overrides.diagnostics.isEmpty, "\(name): \(overrides.diagnostics.map(\.message))")
    config = LaunchConfig.resolve([recipe.layer(choices), overrides.layer]).withCanonicalLayout()
  }

  /// Settings that every Slurm script needs.
  func onCluster(_ settings: [String] = []) -> LaunchConfig {
    config.with(["cluster.account=llm", "cluster.container_image=nvcr.io#nvidia/nemo:25.11"] + settings)
  }

  private static let weights = "checkpoint.pretrained_checkpoint=/checkpoints/moonlight"
  private static let tokens = "tokenizer.tokenizer_type=NullTokenizer"

  /// Every shipped recipe with each of its adapters, and variants of layout, data and features.
  static let all: [ExportCase] = [
    ExportCase("pretrain", .moonlight16BPretrain),
    ExportCase("pretrain-muon", .moonlight16BPretrainMuon),
    ExportCase("lora", .moonlight16BFinetune, peft: .lora, [weights]),
    ExportCase("dora", .moonlight16BFinetune, peft: .dora, [weights]),
    ExportCase("sft", .moonlight16BFinetune, peft: .some(nil), [weights]),
    ExportCase("tiny-pretrain", .moonlightTinyPretrain, [tokens]),
    ExportCase("tiny-lora", .moonlightTinyFinetune, peft: .lora, [weights, tokens]),

    ExportCase("pp2", .moonlight16BPretrain, ["parallelism.pipeline_model_parallel_size=2"]),
    ExportCase(
      "pp4-counts", .moonlight16BPretrain,
      ["cluster.num_nodes=4", "parallelism.pipeline_model_parallel_size=4", "parallelism.pipeline_model_parallel_layout=8+7+7+6"]),
    ExportCase(
      "pp4-vp2", .moonlight16BPretrain,
      [
        "cluster.num_nodes=4", "parallelism.pipeline_model_parallel_size=4",
        "parallelism.virtual_pipeline_model_parallel_size=2",
      ]),
    ExportCase(
      "layout-implies-vp", .moonlight16BPretrain,
      [
        "parallelism.pipeline_model_parallel_size=2", "parallelism.pipeline_model_parallel_layout=Et*7|t*7|t*7|t*6L",
      ]),
    ExportCase(
      "deepep", .moonlight16BPretrain,
      [
        "model.moe_token_dispatcher_type=flex", "model.moe_enable_deepep=true", "model.moe_shared_expert_overlap=false",
        "model.apply_rope_fusion=true", "dist.enable_megatron_core_experimental=true",
      ]),
    ExportCase(
      "blend", .moonlight16BPretrain,
      [
        #"dataset.data_paths=[{path: /data/a, weight: 0.7}, {path: "/data/b c.bin", weight: 1e-5}]"#,
        "dataset.kind=indexed", "dataset.split=\"99,1,0\"", "dataset.path_to_cache=/cache",
      ]),
    ExportCase(
      "blend-per-split", .moonlight16BPretrain,
      [
        "dataset.kind=indexed", "dataset.data_paths=[/data/a, /data/b]", "dataset.valid_data_paths=[/data/v]",
        "dataset.mmap_bin_files=false",
      ]),
    ExportCase("jsonl", .moonlight16BPretrain, ["dataset.data_paths=[/data/pile.jsonl]"]),
    ExportCase(
      "packed", .moonlight16BFinetune, peft: .lora,
      [weights, "dataset.packed_sequence_size=4096", "dataset.pad_seq_to_mult=4", "dataset.rewrite=false"]),
    ExportCase(
      "examples-folder", .moonlight16BFinetune, peft: .lora,
      [weights, "dataset.data_paths=[/data/sft]", "dataset.max_train_samples=1000", "dataset.answer_only_loss=false"]),
    ExportCase(
      "examples-files", .moonlight16BFinetune, peft: .some(nil),
      [weights, "dataset.data_paths=[/data/a.jsonl, /data/b.jsonl]", "dataset.do_test=false"]),
    ExportCase(
      "samples", .moonlight16BPretrain,
      [
        "train.train_iters=null", "train.train_samples=1000000", "scheduler.lr_warmup_iters=0",
        "scheduler.lr_warmup_samples=2048", "scheduler.lr_decay_style=WSD", "scheduler.lr_wsd_decay_samples=100000",
      ]),
    ExportCase(
      "hostile-texts", .moonlight16BPretrain,
      [
        #"recipe.name="it's $(touch x) ${oc.env:HOME} \\${a} \"1e-5\" ünï""#, "logger.wandb_project=\"1e-5\"",
        "logger.wandb_exp_name=\"null\"", "logger.wandb_entity=\"${b}\"", "env_vars.NAME=\"`x` 'y'\"",
      ]),
    ExportCase(
      "carried", .moonlight16BPretrain,
      [
        "model.moe_router_fusion=true", "model.window_size=null", "logger.memory_keys={a: b}",
        "train.iterations_to_skip=[3, 5]", "optimizer.loss_scale=null", "checkpoint.dist_ckpt_strictness=log_all",
        "comm_overlap.tp_comm_bootstrap_backend=gloo", "rerun_state_machine.check_for_nan_in_loss=false",
        "profiling.use_pytorch_profiler=true", "ddp.check_for_large_grads=true",
      ]),
    ExportCase(
      "requeue", .moonlight16BPretrain,
      ["cluster.requeue=true", "cluster.time_limit=\"4:00:00\"", "recompute.recompute_modules=[core_attn, moe_act]"]),
    ExportCase("deepseek-v2-lite", .moonlight16BPretrain, model: .deepSeekV2Lite),
  ]

  static func named(_ name: String) throws -> ExportCase { try #require(all.first { $0.name == name }) }
}

extension LaunchConfig {
  /// The same config with some fields changed, what follows from them derived anew.
  func with(_ settings: [String]) -> LaunchConfig {
    var layer = Layer(name: "base")
    for section in Self.sections {
      let storage = self[keyPath: section.storage]
      guard storage.isPresent else {
        layer.assign(FieldPath(section.schema.name, ""), .null, .program)
        continue
      }
      for field in section.schema.fields {
        if case .derived = storage.origins[field.index] { continue }
        layer.assign(FieldPath(section.schema.name, field.name), storage.values[field.index], .program)
      }
      for value in storage.carried { layer.assign(FieldPath(section.schema.name, value.name), value.value, .program) }
    }
    return LaunchConfig.resolve([layer, Overrides(settings).layer]).withCanonicalLayout()
  }
}
