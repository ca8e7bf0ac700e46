import LaunchModel

/// Which parts of verl's configuration are fields of Megatron-Core, for the model that is trained.
///
/// Source: verl `verl/trainer/config/ppo_megatron_trainer.yaml`, `actor/megatron_actor.yaml`, `engine/megatron.yaml`
/// and `sft_trainer_engine.yaml`.
enum VerlArguments {
  /// Mappings whose keys are names of fields.
  static let holders = ["actor_rollout_ref.actor.", ""].flatMap { actor in
    [
      "megatron.override_transformer_config.", "megatron.override_ddp_config.", "megatron.override_mcore_model_config.",
      "megatron.", "engine.override_transformer_config.", "engine.override_ddp_config.", "engine.",
      "optim.override_optimizer_config.", "optim.",
    ].map { actor + $0 }
  }

  /// Fields of other names.
  static let names = [
    "lr_warmup_steps": "lr_warmup_iters", "lr_decay_steps": "lr_decay_iters",
    "lr_wsd_decay_steps": "lr_wsd_decay_iters",
    "lr_warmup_steps_ratio": "lr_warmup_fraction",
  ]

  /// What stands beside fields in these mappings.
  static let own: Set<String> = [
    "param_offload", "grad_offload", "optimizer_offload", "use_dist_checkpointing", "dist_checkpointing_path",
    "dist_checkpointing_prefix", "dist_ckpt_optim_fully_reshardable", "use_mbridge", "vanilla_mbridge",
    "use_remove_padding", "betas",
    "forward_only", "dtype", "load_weight", "total_training_steps", "lr_warmup_init", "load_checkpoint_path",
    "_target_", "override_mcore_model_config", "override_transformer_config", "override_ddp_config", "extra", "seed",
    "strategy", "use_checkpoint_opt_param_scheduler", "dynamic_context_parallel", "max_seqlen_per_dp_cp_rank",
  ]

  private static let saveInterval = "trainer.save_freq"
  private static let totalSteps = "trainer.total_training_steps"

  /// Whether a number of steps that is not positive means none.
  static func counts(_ name: String) -> Bool {
    name == saveInterval || name == totalSteps || name.hasSuffix("optim.lr_warmup_steps")
  }

  /// Fields that stand elsewhere.
  static func field(_ name: String) -> FieldPath? { places[name] }

  private static let places: [String: FieldPath] = [
    "trainer.n_gpus_per_node": Path.cluster.gpusPerNode, "trainer.nnodes": Path.cluster.numNodes,
    "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu": Path.train.microBatchSize,
    "data.micro_batch_size_per_gpu": Path.train.microBatchSize,
    "actor_rollout_ref.actor.megatron.seed": Path.rng.seed,
    saveInterval: Path.checkpoint.saveInterval,
    totalSteps: Path.train.trainIters,
  ]
}
