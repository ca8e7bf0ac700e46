import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import Importers

@Suite("slime, ms-swift, verl and overrides of Megatron-Bridge")
struct OtherProgramTests {
  private static let recipe = "moonlight_16b_pretrain_config"

  private func read(_ text: String, on recipe: String? = nil, name: String = "run.sh") -> ImportedConfig {
    ImportedConfig(DocumentReader.read(text: text, name: name), for: .bridge062, on: recipe)
  }

  /// `CODE line:column message`.
  private func found(_ config: ImportedConfig) -> [String] {
    config.document.diagnostics.map { diagnostic in
      let start = diagnostic.location?.start
      return "\(diagnostic.code) \(start?.line ?? 0):\(start?.column ?? 0) \(diagnostic.message)"
    }
  }

  private func value(_ path: String, _ config: ImportedConfig) -> ConfigValue? {
    let keys = path.split(separator: ".").map(String.init)
    return config.document.root?[keys[0]]?[keys[1]]?.plainValue
  }

  // MARK: slime

  private static let slime = """
    CKPT_ARGS=(--hf-checkpoint $BASE/Moonlight --save-interval 20)
    ROLLOUT_ARGS=(--num-rollout 30 --rollout-batch-size 128 --n-samples-per-prompt 8 --num-steps-per-rollout 4)
    export NCCL_NVLS_ENABLE=0
    ray job submit --address="http://127.0.0.1:8265" -- python3 train.py \\
      --actor-num-nodes 2 --actor-num-gpus-per-node 8 --num-layers 27 --tensor-model-parallel-size 4 \\
      ${CKPT_ARGS[@]} ${ROLLOUT_ARGS[@]}
    """

  @Test(
    "slime says how long it trains, on what",
    arguments: [
      ("cluster.num_nodes", 2), ("cluster.gpus_per_node", 8), ("model.num_layers", 27),
      ("train.global_batch_size", 256),
      ("train.train_iters", 120), ("train.micro_batch_size", 1), ("optimizer.lr", 1e-6), ("dataset.kind", "mock"),
      ("mixed_precision.bf16", true), ("checkpoint.save_interval", 20),
      ("tokenizer.tokenizer_model", "$BASE/Moonlight"),
      ("parallelism.tensor_model_parallel_size", 4), ("env_vars.NCCL_NVLS_ENABLE", "0"),
    ] as [(String, ConfigValue)])
  func slime(path: String, expected: ConfigValue) {
    let config = read(Self.slime)
    #expect(value(path, config) == expected)
    #expect(found(config).map { $0.prefix(7) } == ["ARGS-07"])
  }

  @Test("How long slime trains on epochs nobody knows")
  func epochs() {
    let config = read(Self.slime.replacing("--num-rollout", with: "--num-epoch"))
    #expect(config.unknown.contains(Path.train.trainIters))
  }

  @Test("A slip in an option of Megatron's is told in slime's scripts, too")
  func slip() {
    let config = read(Self.slime.replacing("--tensor-model-parallel-size", with: "--tensor-model-paralel-size"))
    #expect(
      found(config).first
        == "ARGS-01 5:67 neither slime nor the Megatron-LM of megatron-core 0.19.2 is known to have "
        + "`--tensor-model-paralel-size`")
    #expect(config.document.diagnostics.first?.help == "did you mean `--tensor-model-parallel-size`?")
  }

  // MARK: MindSpeed

  private static let mindSpeed = """
    MLA="--multi-latent-attention --qk-nope-head-dim 128 --qk-rope-head-dim 64 --kv-lora-rank 512 --v-head-dim 128"
    MOE="--num-experts 64 --moe-ffn-hidden-size 1408 --n-shared-experts 2 --first-k-dense-replace 1 --moe-layer-freq 1 \\
      --moe-permutation-async-comm --moe-router-load-balancing-type pai_megatron_aux_loss --moe-token-dispatcher-type alltoall_seq"
    ROPE="--beta-fast 32 --beta-slow 1 --rope-scaling-factor 40 --rope-scaling-mscale 0.707 \\
      --rope-scaling-original-max-position-embeddings 4096 --rope-scaling-type yarn"
    msrun --worker_num 16 --local_worker_num 8 pretrain_gpt.py $MLA $MOE $ROPE --num-layers 4 --noop-layers 3 \\
      --tokenizer-type PretrainedFromHF --tokenizer-name-or-path $TOKENIZER --use-fused-swiglu --use-fused-rmsnorm --bf16
    """

  @Test(
    "MindSpeed's options say what Megatron's do by other names",
    arguments: [
      ("model.qk_head_dim", 128), ("model.qk_pos_emb_head_dim", 64), ("model.moe_layer_freq", [0, 1, 1]),
      ("model.num_layers", 3), ("model.moe_shared_expert_intermediate_size", 2816), ("model.rope_type", "yarn"),
      ("model.rotary_scaling_factor", 40.0), ("model.mscale", 0.707), ("model.beta_fast", 32.0),
      ("model.original_max_position_embeddings", 4096), ("model.moe_token_dispatcher_type", "alltoall"),
      ("tokenizer.tokenizer_type", "HuggingFaceTokenizer"), ("tokenizer.tokenizer_model", "$TOKENIZER"),
      ("cluster.num_nodes", 2), ("cluster.gpus_per_node", 8),
    ] as [(String, ConfigValue)])
  func mindSpeed(path: String, expected: ConfigValue) {
    #expect(value(path, read(Self.mindSpeed)) == expected)
  }

  @Test("What is MindSpeed's own is one note")
  func ownOfMindSpeed() {
    #expect(
      found(read(Self.mindSpeed)) == [
        "ARGS-07 3:3 `--moe-permutation-async-comm`, `--moe-router-load-balancing-type pai_megatron_aux_loss`, "
          + "`--use-fused-swiglu` and 1 more are not Megatron's but MindSpeed's own, and left out"
      ])
    #expect(value("model.rope_type", read("python posttrain_gpt.py --multi-latent-attention --stage sft")) == "rope")
  }

  @Test(
    "A slip in MindSpeed's scripts is told",
    arguments: [
      (
        "--num-layer 2",
        "ARGS-01 1:44 neither MindSpeed nor the Megatron-LM of megatron-core 0.19.2 is known to have `--num-layer`"
      ),
      (
        "--some-newer-thing 2",
        "ARGS-01 1:44 neither MindSpeed nor the Megatron-LM of megatron-core 0.19.2 is known to have `--some-newer-thing`"
      ),
      ("--lr fast", "ARGS-02 1:49 `--lr` takes a number, not `fast`"),
    ])
  func faultsOfMindSpeed(text: String, expected: String) {
    #expect(found(read("python pretrain_gpt.py --use-fused-rmsnorm \(text)")).first == expected)
  }

  // MARK: ms-swift

  private static let swift = """
    PYTORCH_CUDA_ALLOC_CONF='expandable_segments:True' \\
    NPROC_PER_NODE=8 CUDA_VISIBLE_DEVICES=0,1,2,3,4,5,6,7 \\
    megatron sft \\
        --model moonshotai/Moonlight-16B-A3B-Instruct --dataset 'a/b#500' --task_type causal_lm \\
        --pipeline_model_parallel_size 2 --moe_permute_fusion false --no_save_optim true \\
        --lr 1e-5 --output_dir out --moe_router_topk 6 --sequence_parallel true --apply_rope_fusion true
    """

  @Test(
    "ms-swift's options are Megatron's with underscores",
    arguments: [
      ("recipe.mode", "sft"), ("cluster.gpus_per_node", 8), ("parallelism.pipeline_model_parallel_size", 2),
      ("model.moe_permute_fusion", false), ("checkpoint.save_optim", false), ("optimizer.lr", 1e-5),
      ("checkpoint.save", "out"), ("model.moe_router_topk", 6), ("parallelism.sequence_parallel", true),
      ("model.apply_rope_fusion", true), ("train.global_batch_size", 16),
      ("checkpoint.pretrained_checkpoint", "moonshotai/Moonlight-16B-A3B-Instruct"),
      ("env_vars.PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True"), ("env_vars.CUDA_VISIBLE_DEVICES", nil),
      ("model.num_layers", nil), ("cluster.num_nodes", 1), ("dataset.dataset_name", "a/b"),
      ("ddp.average_in_collective", false), ("model.calculate_per_token_loss", true),
    ] as [(String, ConfigValue?)])
  func swift(path: String, expected: ConfigValue?) {
    let config = read(Self.swift, on: Self.recipe)
    #expect(value(path, config) == expected)
    #expect(config.document.root?["extends"]?.scalar?.text == Self.recipe)
    #expect(found(config).map { $0.prefix(7) } == ["ARGS-07"])
  }

  @Test("ms-swift has options of its own by Megatron's names")
  func ownOfSwift() {
    let config = read("megatron sft --loss_scale hermes --num_labels 2", on: Self.recipe)
    #expect(found(config).map { $0.prefix(7) } == ["ARGS-07"])
  }

  @Test(
    "What is wrong in a command of ms-swift is told at its place",
    arguments: [
      (
        "--moe_router_topkk 6",
        "ARGS-01 1:14 neither ms-swift nor the Megatron-LM of megatron-core 0.19.2 is known to have `--moe_router_topkk`"
      ),
      ("--sequence_parallel maybe", "ARGS-02 1:34 `--sequence_parallel` takes true or false, not `maybe`"),
      ("--micro_batch_size two", "ARGS-02 1:33 `--micro-batch-size` takes a whole number, not `two`"),
      ("--lr 1 --lr 2", "ARGS-04 1:21 `--lr` is given twice, and the last one counts"),
      ("--lr $LR", "ARGS-03 1:19 only a running shell knows what `$LR` is; it is left out"),
    ])
  func faultsOfSwift(text: String, expected: String) {
    #expect(found(read("megatron sft \(text)", on: Self.recipe)) == [expected])
  }

  @Test(
    "A part of a config needs a recipe",
    arguments: [
      "megatron sft --lr 1", "python -m verl.trainer.main_ppo trainer.nnodes=1", "train.train_iters=1",
    ])
  func withoutRecipe(text: String) {
    #expect(read(text).document.diagnostics.map(\.code) == [FieldRule.extends.code])
    #expect(read(text, on: Self.recipe).document.diagnostics.map(\.code) == [])
  }

  @Test("What ms-swift calls none is null, whatever the recipe has")
  func none() {
    let config = read("megatron sft --recompute_granularity none --lr 1e-5", on: Self.recipe)
    #expect(value("recompute.recompute_granularity", config) == .null)
    #expect(!config.document.diagnostics.contains { $0.severity == .error })
  }

  // MARK: verl

  @Test(
    "verl's overrides of the trained model are read",
    arguments: [
      ("actor_rollout_ref.actor.megatron.tensor_model_parallel_size=2", "parallelism.tensor_model_parallel_size", 2),
      (
        "+actor_rollout_ref.actor.megatron.override_transformer_config.recompute_granularity=full",
        "recompute.recompute_granularity", "full"
      ),
      ("actor_rollout_ref.actor.optim.lr=1e-6", "optimizer.lr", 1e-6),
      ("actor_rollout_ref.actor.optim.lr_warmup_steps=10", "scheduler.lr_warmup_iters", 10),
      ("actor_rollout_ref.actor.optim.lr_warmup_steps=-1", "scheduler.lr_warmup_iters", 0),
      ("actor_rollout_ref.actor.optim.lr_warmup_steps_ratio=0.1", "scheduler.lr_warmup_iters", nil),
      ("actor_rollout_ref.actor.optim.weight_decay=0.2", "scheduler.start_weight_decay", 0.2),
      ("actor_rollout_ref.actor.optim.betas=[0.9,0.95]", "scheduler.end_weight_decay", 0.01),
      ("trainer.total_training_steps=-1", "train.train_iters", nil),
      ("trainer.nnodes=3", "cluster.num_nodes", 3), ("trainer.save_freq=-1", "checkpoint.save_interval", nil),
      ("trainer.save_freq=20", "checkpoint.save_interval", 20), ("trainer.nnodes=3", "optimizer.min_lr", 0),
      ("actor_rollout_ref.actor.ppo_mini_batch_size=64 actor_rollout_ref.rollout.n=5", "train.global_batch_size", 320),
      ("actor_rollout_ref.ref.megatron.tensor_model_parallel_size=4", "parallelism.tensor_model_parallel_size", 1),
    ] as [(String, String, ConfigValue?)])
  func verl(words: String, path: String, expected: ConfigValue?) {
    let config = read("python3 -m verl.trainer.main_ppo --config-path=config \(words)", on: Self.recipe)
    #expect(value(path, config) == expected)
    #expect(!config.document.diagnostics.contains { $0.severity == .error })
  }

  @Test("Another entry point of verl is known by its overrides")
  func entryPoint() {
    let asynchronous = read(
      "python -m verl.experimental.fully_async_policy.fully_async_main actor_rollout_ref.actor.optim.lr=1e-6",
      on: Self.recipe)
    #expect(value("optimizer.lr", asynchronous) == 1e-6)
    let config = read("python ../verl_entrypoint.py actor_rollout_ref.actor.optim.lr=1e-6", on: Self.recipe)
    #expect(value("optimizer.lr", config) == 1e-6)
  }

  @Test("A slip below what is read is an error, and what is verl's own one note")
  func faultsOfVerl() {
    let config = read(
      """
      python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo data.train_files=$HOME/a \\
        actor_rollout_ref.actor.megatron.tensor_model_paralel_size=2 trainer.nnodes=$N
      """, on: Self.recipe)
    #expect(
      found(config) == [
        "ARGS-01 2:3 neither verl nor megatron-core 0.19.2 is known to have `tensor_model_paralel_size` here",
        "ARGS-03 2:79 only a running shell knows what `$N` is; it is left out",
        "ARGS-07 1:34 `algorithm.adv_estimator`, `data.train_files` are not Megatron's but verl's own, and left out",
      ])
  }

  // MARK: Overrides of Megatron-Bridge

  @Test(
    "Overrides go by the names of a ConfigContainer",
    arguments: [
      ("train.train_iters=100", "train.train_iters", 100),
      ("model.tensor_model_parallel_size=2", "parallelism.tensor_model_parallel_size", 2),
      ("++model.recompute_granularity=full", "recompute.recompute_granularity", "full"),
      ("optimizer.lr=1e-5", "optimizer.lr", 1e-5), ("model.moe_layer_freq=[0,1]", "model.moe_layer_freq", [0, 1]),
      (
        "python run_recipe.py --recipe moonlight_16b_pretrain_config train.global_batch_size=8",
        "train.global_batch_size", 8
      ),
    ] as [(String, String, ConfigValue)])
  func overrides(words: String, path: String, expected: ConfigValue) {
    let config = read(words, on: words.contains("--recipe") ? nil : Self.recipe)
    #expect(value(path, config) == expected)
    #expect(config.document.root?["extends"]?.scalar?.text == Self.recipe)
    #expect(found(config) == [])
  }

  @Test(
    "What Hydra refuses is refused",
    arguments: [
      (
        "model.tensor_model_parallel_sise=2",
        "FIELD-01 1:1 `model` of megatron-bridge 0.6.2 has no `tensor_model_parallel_sise`, and Hydra refuses it"
      ),
      (
        "mdoel.num_layers=2 model.seq_length=1", "ARGS-08 1:1 a ConfigContainer of megatron-bridge 0.6.2 has no `mdoel`"
      ),
      (
        "~model.seq_length",
        "ARGS-08 1:2 `~model.seq_length` changes nothing: Megatron-Bridge keeps the recipe's value of what overrides delete"
      ),
      (
        "+model.mine=1",
        "ARGS-08 1:2 `model.mine` is not checked: the class of `model` has no such field"
      ),
      ("train.train_iters=1 word", "ARGS-08 1:21 `word` is no override"),
      (
        "train.train_iters=1 train.train_iters=2",
        "ARGS-04 1:21 `train.train_iters` is given twice, and the last one counts"
      ),
    ])
  func refusedOverrides(words: String, expected: String) {
    #expect(found(read(words, on: Self.recipe)) == [expected])
  }

  @Test("A file of sections is one of overrides, and is spelled so")
  func overrideFile() {
    let text = """
      train: {train_iters: 100}
      model: {tensor_model_parallel_size: 2, seq_lenght: 4096}
      optimizer: {lr: 3e-4}
      cluster: {num_nodes: 2}
      """
    let config = read(text, on: Self.recipe, name: "overrides.yaml")
    #expect(value("parallelism.tensor_model_parallel_size", config) == 2)
    #expect(value("cluster.num_nodes", config) == 2)
    #expect(value("optimizer.lr", config) == 3e-4)
    #expect(config.spelling.name(of: Path.parallelism.tensorModelParallelSize) == "model.tensor_model_parallel_size")
    #expect(found(config) == ["FIELD-01 2:40 `model` of megatron-bridge 0.6.2 has no `seq_lenght`"])
    #expect(config.document.diagnostics.first?.help == "did you mean `seq_length`?")
  }

  @Test(
    "Without a recipe only what can be nothing else is taken for overrides",
    arguments: [
      ("model: {tensor_model_parallel_size: 2}", true), ("model: {seq_length: 2}", false),
      ("extends: a\nmodel: {tensor_model_parallel_size: 2}", false), ("train: {train_iters: 1}", false),
      ("_target_: a.ConfigContainer\nmodel: {tensor_model_parallel_size: 2}", false), ("a = b. c=d", false),
    ])
  func recognition(text: String, isOne: Bool) {
    #expect(ImportedConfig.recognises(DocumentReader.read(text: text, name: "a.yaml")) == isOne)
  }

  @Test(
    "Overrides are laid over what their release means by the recipe's name",
    arguments: [
      (.bridge062, "moonlight_16b_sft_config", "moonlight_16b_sft_8gpu_h100_bf16_tp1_config"),
      (.bridge062, "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_1024gpu_h100_bf16_config"),
      (.bridge051, "moonlight_16b_sft_config", "megatron.bridge.recipes.moonlight.moonlight_16b_sft_config"),
      (.bridge031, "moonlight_16b_peft_config", "megatron.bridge.recipes.moonlight.moonlight_16b_peft_config"),
      (.bridge051, "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_config"),
      (.bridge062, "moonlight_tiny_pretrain_config", "moonlight_tiny_pretrain_config"),
    ] as [(Release, String, String)])
  func meaning(release: Release, name: String, meant: String) {
    let naming: BridgeRecipeNames = { RecipeBook.shipped.name(ofBridgeRecipe: $0, in: $1) }
    for (text, file, recipe) in [
      ("run_recipe.py --recipe \(name) train.train_iters=8", "run.sh", nil),
      ("train:\n  train_iters: 8\n", "overrides.yaml", name),
    ] {
      let document = DocumentReader.read(text: text, name: file)
      let config = ImportedConfig(document, for: release, on: recipe, naming: naming)
      #expect(config.document.root?["extends"]?.scalar?.text == meant)
      #expect(found(config).contains { $0.contains("means by it: `\(meant)`") } == (meant != name))
    }
    // What a launch config alone has is laid over its own recipe.
    let native = DocumentReader.read(text: "cluster:\n  num_nodes: 8\n", name: "part.yaml")
    let config = ImportedConfig(native, for: release, on: name, naming: naming)
    #expect(config.document.root?["extends"]?.scalar?.text == name)
  }

  @Test("Overrides on a recipe are a config without an error")
  func onRecipe() {
    let loader = ConfigLoader(recipes: RecipeBook.shipped, release: .bridge062) { _ in [] }
    for text in ["train.train_iters=100 train.global_batch_size=32", Self.swift] {
      let imported = read(text, on: Self.recipe)
      let loaded = loader.load(imported.document, path: "run.sh", spelling: imported.spelling)
      #expect(loaded.resolution.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
      #expect(loaded.resolution.config.model.numLayers == 27)
    }
  }
}
