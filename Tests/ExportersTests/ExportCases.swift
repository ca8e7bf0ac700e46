import Exporters
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
  /// Whether Megatron-LM's arguments can say it: YaRN with other numbers than the class's they cannot.
  var fitsMegatronLM: Bool { isPretraining && name != "kimi-k2-muon" }
  var testDescription: String { name }

  init(
    _ name: String, _ recipe: Recipe, model: ModelPreset? = nil, peft: PEFTScheme?? = nil, _ settings: [String] = []
  ) {
    self.name = name
    var choices = recipe.defaults
    if let model { choices.model = model }
    if let peft { choices.peft = peft }
    let set = Overrides(settings).reading(for: .current)
    #expect(set.diagnostics.isEmpty, "\(name): \(set.diagnostics.map(\.message))")
    config = LaunchConfig.resolve([recipe.layer(choices), set.layer]).withCanonicalLayout()
  }

  /// Settings that every Slurm script needs.
  func onCluster(_ settings: [String] = []) -> LaunchConfig {
    config.with(["cluster.account=llm", "cluster.container_image=nvcr.io#nvidia/nemo:25.11"] + settings)
  }

  /// The config for Megatron-Bridge, without the line that changes whenever a launch config gets a new field.
  var bridgeText: String {
    BridgeConfig.yaml(of: config).value.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("# fingerprint") }.joined(separator: "\n")
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
      [
        "cluster.num_nodes=4", "parallelism.pipeline_model_parallel_size=4",
        "parallelism.pipeline_model_parallel_layout=8+7+7+6",
      ]),
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
    ExportCase(
      "deepseek-v3-mtp", .moonlight16BPretrain, model: .deepSeekV3,
      [
        "cluster.num_nodes=64", "parallelism.pipeline_model_parallel_size=8",
        "parallelism.pipeline_model_parallel_layout=Et*7|t*8|t*8|t*8|t*8|t*8|t*8|t*6mL",
        "parallelism.expert_model_parallel_size=32", "model.mtp_num_layers=1", "model.mtp_loss_scaling_factor=0.3",
      ]),
    ExportCase(
      "kimi-k2-muon", .moonlight16BPretrainMuon, model: .kimiK2,
      [
        "cluster.num_nodes=64", "parallelism.pipeline_model_parallel_size=8",
        "parallelism.pipeline_model_parallel_layout=Et*7|t*8|t*8|t*8|t*8|t*8|t*8|t*6L",
        "parallelism.expert_model_parallel_size=32",
      ]),
    ExportCase(
      "fp8", .moonlight16BPretrain,
      [
        "mixed_precision.fp8=hybrid", "mixed_precision.fp8_recipe=blockwise",
        "mixed_precision.first_last_layers_bf16=true",
        "mixed_precision.num_layers_at_start_in_bf16=1", "mixed_precision.num_layers_at_end_in_bf16=1",
        "model.moe_router_padding_for_fp8=true",
      ]),
    ExportCase(
      "overlapped-experts", .moonlight16BPretrain,
      [
        "parallelism.tensor_model_parallel_size=1", "parallelism.sequence_parallel=false",
        "recompute.recompute_granularity=null", "recompute.recompute_modules=null",
        "model.moe_shared_expert_overlap=false", "comm_overlap.overlap_moe_expert_parallel_comm=true",
        "comm_overlap.delay_wgrad_compute=true", "train.exit_signal_handler=true", "train.exit_signal=10",
      ]),
  ]

  static func named(_ name: String) throws -> ExportCase { try #require(all.first { $0.name == name }) }
}

extension LaunchConfig {
  /// Everything that somebody has set, as one layer; what follows from it is left to be derived anew.
  var layer: Layer {
    var layer = Layer(name: "base")
    for section in Self.sections {
      let storage = self[keyPath: section.storage]
      guard storage.isPresent else {
        layer.assign(FieldPath(section.schema.name, ""), .null, .program)
        continue
      }
      for field in section.schema.fields {
        if case .derived = storage.origins[field.index] {
          let path = FieldPath(section.schema.name, field.name)
          if path == Path.parallelism.pipelineModelParallelLayout {
            layer.assign(path, PipelineLayoutText.automatic.configValue, .program)
          }
          continue
        }
        if case .schemaDefault = storage.origins[field.index] { continue }
        layer.assign(FieldPath(section.schema.name, field.name), storage.values[field.index], .program)
      }
      for value in storage.carried { layer.assign(FieldPath(section.schema.name, value.name), value.value, .program) }
    }
    return layer
  }

  /// The same config with some fields changed.
  func with(_ settings: [String]) -> LaunchConfig {
    let set = Overrides(settings).reading(for: .current)
    #expect(set.diagnostics.isEmpty, "\(set.diagnostics.map(\.message))")
    return LaunchConfig.resolve([layer, set.layer]).withCanonicalLayout()
  }
}
