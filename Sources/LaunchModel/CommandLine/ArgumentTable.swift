package import Releases

/// How a field of ours is said on the command line of Megatron-LM (`megatron/training/arguments.py`).
package enum ArgumentForm {
  /// The value behind the option; left out where it is null.
  case value(String)
  /// A whole number behind the option, whatever type ours has.
  case whole(String)
  /// All values behind the option.
  case list(String)
  /// The option alone where the field is true; its absence says false.
  case whenTrue(String)
  /// The option alone where the field is false.
  case whenFalse(String)
  /// Layers as an expression that Megatron-LM evaluates, `([0]*1+[1]*26)`.
  case pattern(String)
  /// Numbers in one word, `1,2`.
  case tuple(String)
  /// Worked out together with other fields, in `DerivedArguments.swift`.
  case special
  /// Megatron-LM has no such option and does what the field's default says.
  case missing
}

/// How each field of a config is said, declared or carried, but for the sections that are read as a whole.
///
/// An option that sets what the class calls the field says the field: the release's own parser tells of them. Here stands
/// what is said in other ways.
package enum ArgumentTable {
  /// The form in a release; `nil` where neither this table nor the release's parser has an option for the field.
  package static func form(_ path: FieldPath, in release: Release) -> ArgumentForm? {
    if let form = forms[path] ?? CarriedArguments.form(path) { return release.has(form) ? form : .missing }
    guard let name = release.ownName(of: path.field, in: path.section) else { return .missing }
    return release.options.option(setting: name).map(ArgumentForm.init)
  }

  private static let forms: [FieldPath: ArgumentForm] = {
    var forms: [FieldPath: ArgumentForm] = [:]
    for (section, names) in specials {
      for name in names { forms[FieldPath(section, name)] = .special }
    }
    for (section, names) in missing {
      for name in names { forms[FieldPath(section, name)] = .missing }
    }
    return forms.merging(others) { $1 }
  }()

  private static let specials: [(String, [String])] = [
    (
      "model",
      [
        "vocab_size", "should_pad_vocab", "num_query_groups", "position_embedding_type", "activation_func",
        "gated_linear_unit", "moe_layer_freq", "moe_flex_dispatcher_backend", "bias_activation_fusion",
        "tp_comm_overlap",
        "overlap_p2p_comm", "batch_p2p_comm", "fp16", "bf16", "original_max_position_embeddings", "beta_fast",
        "beta_slow",
        "defer_embedding_wgrad_compute", "wgrad_deferral_limit", "cpu_offloading", "cpu_offloading_num_layers",
        "use_te_rng_tracker", "overlap_moe_expert_parallel_comm", "delay_wgrad_compute",
      ]
    ),
    ("parallelism", ["virtual_pipeline_model_parallel_size", "pipeline_model_parallel_layout", "pipeline_dtype"]),
    ("train", ["rampup_batch_size", "exit_signal"]),
    (
      "optimizer",
      [
        "weight_decay", "use_distributed_optimizer", "use_layer_wise_distributed_optimizer", "overlap_param_gather",
        "muon_coefficient_type",
      ]
    ),
    ("scheduler", ["start_weight_decay", "end_weight_decay"]),
    (
      "ddp",
      [
        "use_distributed_optimizer", "grad_reduce_in_fp32", "overlap_grad_reduce", "overlap_param_gather",
        "align_param_gather", "bucket_size",
      ]
    ),
    (
      "mixed_precision",
      [
        "fp32", "params_dtype", "pipeline_dtype", "grad_reduce_in_fp32",
      ]
    ),
    (
      "comm_overlap",
      [
        "tp_comm_overlap", "overlap_p2p_comm", "batch_p2p_comm", "overlap_grad_reduce", "overlap_param_gather",
        "align_param_gather", "bucket_size", "defer_embedding_wgrad_compute", "wgrad_deferral_limit",
        "overlap_moe_expert_parallel_comm", "delay_wgrad_compute",
      ]
    ),
    ("profiling", ["use_nsys_profiler"]),
  ]

  private static let missing: [(String, [String])] = [
    (
      "model",
      ["moe_router_topk_limited_devices", "variable_seq_lengths"]
    ),
    ("optimizer", ["decoupled_weight_decay", "store_param_remainders"]),
    ("mixed_precision", ["autocast_dtype", "autocast_enabled", "fp8_param"]),
    ("checkpoint", ["most_recent_k"]),
    ("logger", ["mlflow_experiment", "mlflow_run_name"]),
    ("dist", ["use_decentralized_pg"]),
  ]

  private static let others: [FieldPath: ArgumentForm] = [
    Path.model.numMoEExperts: .value("--num-experts"),
    // Not among the fields of the newer releases' providers, which take it from the length of sequences.
    Path.model.maxPositionEmbeddings: .value("--max-position-embeddings"),
    Path.model.rotaryBase: .whole("--rotary-base"),
    Path.model.shareEmbeddingsAndOutputWeights: .whenFalse("--untie-embeddings-and-output-weights"),
    Path.model.persistLayerNorm: .whenFalse("--no-persist-layer-norm"),
    Path.parallelism.numLayersInFirstPipelineStage: .value("--decoder-first-pipeline-num-layers"),
    Path.parallelism.numLayersInLastPipelineStage: .value("--decoder-last-pipeline-num-layers"),
    Path.ddp.averageInCollective: .whenTrue("--ddp-average-in-collective"),
    Path.ddp.checkForNanInGrad: .whenFalse("--no-check-for-nan-in-loss-and-grad"),
    Path.ddp.reduceScatterWithFP32Accumulation: .whenTrue("--ddp-reduce-scatter-with-fp32-accumulation"),
    Path.checkpoint.saveOptim: .whenFalse("--no-save-optim"),
    Path.checkpoint.saveRNG: .whenFalse("--no-save-rng"),
    Path.checkpoint.loadOptim: .whenFalse("--no-load-optim"),
    Path.checkpoint.loadRNG: .whenFalse("--no-load-rng"),
    Path.checkpoint.fullyParallelSave: .whenFalse("--no-ckpt-fully-parallel-save"),
    Path.checkpoint.fullyParallelLoad: .whenTrue("--ckpt-fully-parallel-load"),
    Path.dist.useGlooProcessGroups: .whenFalse("--disable-gloo-process-groups"),
    Path.dist.enableMegatronCoreExperimental: .whenTrue("--enable-experimental"),
  ]
}

extension ArgumentForm {
  /// How an option says the field that it sets.
  fileprivate init(_ option: CommandLineOption) {
    if let value = option.sets {
      self = value ? .whenTrue(option.name) : .whenFalse(option.name)
    } else if option.isLayerPattern {
      self = .pattern(option.name)
    } else if option.isTuple {
      self = .tuple(option.name)
    } else {
      self = option.takes.count == 1...1 ? .value(option.name) : .list(option.name)
    }
  }

  /// The option that it is said with.
  package var option: String? {
    switch self {
    case .value(let option), .whole(let option), .list(let option), .whenTrue(let option), .whenFalse(let option),
      .pattern(let option), .tuple(let option):
      option
    case .special, .missing: nil
    }
  }
}

extension Release {
  fileprivate func has(_ form: ArgumentForm) -> Bool { form.option.map { options[$0] != nil } ?? true }
}
