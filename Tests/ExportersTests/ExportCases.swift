import Exporters
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

/// A config that is exported in the tests and, by Tests/Reference/bridge_exports.py, loaded by the real packages.
struct ExportCase: Sendable, CustomTestStringConvertible {
  let name: String
  let config: LaunchConfig
  var release: Release { config.release }
  /// Where its files are, below those of all exports.
  var folder: String { "\(release.megatronBridge)/\(name)" }
  /// Whether Megatron-LM can run it.
  var isPretraining: Bool { config.recipe.mode == .pretrain }
  /// Whether Megatron-LM's arguments can say it: YaRN with other numbers than the class's they cannot.
  var fitsMegatronLM: Bool { isPretraining && name != "kimi-k2-muon" }
  var testDescription: String { folder }

  /// A run of a recipe, for any release.
  private struct Run: Sendable {
    let name: String
    let recipe: Recipe
    let model: ModelPreset?
    let peft: PEFTScheme??
    let settings: [String]

    init(
      _ name: String, _ recipe: Recipe, model: ModelPreset? = nil, peft: PEFTScheme?? = nil, _ settings: [String] = []
    ) {
      (self.name, self.recipe, self.model, self.peft, self.settings) = (name, recipe, model, peft, settings)
    }
  }

  private init(_ run: Run, for release: Release) {
    name = run.name
    let (recipe, model, peft, settings) = (run.recipe, run.model, run.peft, run.settings)
    var choices = recipe.defaults
    if let model { choices.model = model }
    if let peft { choices.peft = peft }
    choices.release = release
    let set = Overrides(settings).reading(for: release)
    #expect(set.diagnostics.isEmpty, "\(name): \(set.diagnostics.map(\.message))")
    config = LaunchConfig.resolve([recipe.layer(choices), set.layer], for: release).withCanonicalLayout()
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
  static let all = Release.all.flatMap { release in runs.map { ExportCase($0, for: release) } }

  private static let runs: [Run] = [
    Run("pretrain", .moonlight16BPretrain),
    Run("pretrain-muon", .moonlight16BPretrainMuon),
    Run("lora", .moonlight16BFinetune, peft: .lora, [weights]),
    Run("dora", .moonlight16BFinetune, peft: .dora, [weights]),
    Run("sft", .moonlight16BFinetune, peft: .some(nil), [weights]),
    Run("tiny-pretrain", .moonlightTinyPretrain, [tokens]),
    Run("tiny-lora", .moonlightTinyFinetune, peft: .lora, [weights, tokens]),

    Run("pp2", .moonlight16BPretrain, ["parallelism.pipeline_model_parallel_size=2"]),
    Run(
      "pp4-counts", .moonlight16BPretrain,
      [
        "cluster.num_nodes=4", "parallelism.pipeline_model_parallel_size=4",
        "parallelism.pipeline_model_parallel_layout=8+7+7+6",
      ]),
    Run(
      "pp4-vp2", .moonlight16BPretrain,
      [
        "cluster.num_nodes=4", "parallelism.pipeline_model_parallel_size=4",
        "parallelism.virtual_pipeline_model_parallel_size=2",
      ]),
    Run(
      "layout-implies-vp", .moonlight16BPretrain,
      [
        "parallelism.pipeline_model_parallel_size=2", "parallelism.pipeline_model_parallel_layout=Et*7|t*7|t*7|t*6L",
      ]),
    Run(
      "deepep", .moonlight16BPretrain,
      [
        "model.moe_token_dispatcher_type=flex", "model.moe_enable_deepep=true", "model.moe_shared_expert_overlap=false",
        "model.apply_rope_fusion=true", "dist.enable_megatron_core_experimental=true",
      ]),
    Run(
      "blend", .moonlight16BPretrain,
      [
        #"dataset.data_paths=[{path: /data/a, weight: 0.7}, {path: "/data/b c.bin", weight: 1e-5}]"#,
        "dataset.kind=indexed", "dataset.split=\"99,1,0\"", "dataset.path_to_cache=/cache",
      ]),
    Run(
      "blend-per-split", .moonlight16BPretrain,
      [
        "dataset.kind=indexed", "dataset.data_paths=[/data/a, /data/b]", "dataset.valid_data_paths=[/data/v]",
        "dataset.mmap_bin_files=false",
      ]),
    Run("jsonl", .moonlight16BPretrain, ["dataset.data_paths=[/data/pile.jsonl]"]),
    Run(
      "packed", .moonlight16BFinetune, peft: .lora,
      [weights, "dataset.packed_sequence_size=4096", "dataset.pad_seq_to_mult=4", "dataset.rewrite=false"]),
    Run(
      "examples-folder", .moonlight16BFinetune, peft: .lora,
      [weights, "dataset.data_paths=[/data/sft]", "dataset.max_train_samples=1000", "dataset.answer_only_loss=false"]),
    Run(
      "examples-files", .moonlight16BFinetune, peft: .some(nil),
      [weights, "dataset.data_paths=[/data/a.jsonl, /data/b.jsonl]", "dataset.do_test=false"]),
    Run(
      "samples", .moonlight16BPretrain,
      [
        "train.train_iters=null", "train.train_samples=1000000", "scheduler.lr_warmup_iters=0",
        "scheduler.lr_warmup_samples=2048", "scheduler.lr_decay_style=WSD", "scheduler.lr_wsd_decay_samples=100000",
      ]),
    Run(
      "hostile-texts", .moonlight16BPretrain,
      [
        #"recipe.name="it's $(touch x) ${oc.env:HOME} \\${a} \"1e-5\" ünï""#, "logger.wandb_project=\"1e-5\"",
        "logger.wandb_exp_name=\"null\"", "logger.wandb_entity=\"${b}\"", "env_vars.NAME=\"`x` 'y'\"",
      ]),
    Run(
      "carried", .moonlight16BPretrain,
      [
        "model.moe_router_fusion=true", "model.window_size=null", "logger.memory_keys={a: b}",
        "train.iterations_to_skip=[3, 5]", "optimizer.loss_scale=null", "checkpoint.dist_ckpt_strictness=log_all",
        "comm_overlap.tp_comm_bootstrap_backend=gloo", "rerun_state_machine.check_for_nan_in_loss=false",
        "profiling.use_pytorch_profiler=true", "ddp.check_for_large_grads=true",
      ]),
    Run(
      "requeue", .moonlight16BPretrain,
      ["cluster.requeue=true", "cluster.time_limit=\"4:00:00\"", "recompute.recompute_modules=[core_attn, moe_act]"]),
    Run("deepseek-v2-lite", .moonlight16BPretrain, model: .deepSeekV2Lite),
    Run(
      "deepseek-v3-mtp", .moonlight16BPretrain, model: .deepSeekV3,
      [
        "cluster.num_nodes=64", "parallelism.pipeline_model_parallel_size=8",
        "parallelism.pipeline_model_parallel_layout=Et*7|t*8|t*8|t*8|t*8|t*8|t*8|t*6mL",
        "parallelism.expert_model_parallel_size=32", "model.mtp_num_layers=1", "model.mtp_loss_scaling_factor=0.3",
      ]),
    Run(
      "kimi-k2-muon", .moonlight16BPretrainMuon, model: .kimiK2,
      [
        "cluster.num_nodes=64", "parallelism.pipeline_model_parallel_size=8",
        "parallelism.pipeline_model_parallel_layout=Et*7|t*8|t*8|t*8|t*8|t*8|t*8|t*6L",
        "parallelism.expert_model_parallel_size=32",
      ]),
    Run(
      "fp8", .moonlight16BPretrain,
      [
        "mixed_precision.fp8=hybrid", "mixed_precision.fp8_recipe=blockwise",
        "mixed_precision.first_last_layers_bf16=true",
        "mixed_precision.num_layers_at_start_in_bf16=1", "mixed_precision.num_layers_at_end_in_bf16=1",
        "model.moe_router_padding_for_fp8=true",
      ]),
    Run(
      "overlapped-experts", .moonlight16BPretrain,
      [
        "parallelism.tensor_model_parallel_size=1", "parallelism.sequence_parallel=false",
        "recompute.recompute_granularity=null", "recompute.recompute_modules=null",
        "model.moe_shared_expert_overlap=false", "comm_overlap.overlap_moe_expert_parallel_comm=true",
        "comm_overlap.delay_wgrad_compute=true", "train.exit_signal_handler=true", "train.exit_signal=10",
      ]),
  ]

  static func named(_ name: String, for release: Release = .current) throws -> ExportCase {
    try #require(all.first { $0.name == name && $0.release == release })
  }
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
        layer.assign(FieldPath(section.schema.name, field.name), storage.value(of: field), .program)
      }
      for value in storage.carried { layer.assign(FieldPath(section.schema.name, value.name), value.value, .program) }
    }
    return layer
  }

  /// The same config with some fields changed.
  func with(_ settings: [String]) -> LaunchConfig {
    let set = Overrides(settings).reading(for: release)
    #expect(set.diagnostics.isEmpty, "\(set.diagnostics.map(\.message))")
    return LaunchConfig.resolve([layer, set.layer], for: release).withCanonicalLayout()
  }
}
