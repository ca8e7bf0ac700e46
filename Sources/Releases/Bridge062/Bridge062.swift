extension ReleaseDescription {
  /// megatron-bridge 0.6.2 with megatron-core 0.19.2.
  static let bridge062 = ReleaseDescription(
    megatronBridge: "0.6.2",
    megatronCore: "0.19.2",
    pythonMinors: 12...12,
    // `docs/versions1.json` at v0.6.0 ends with 0.6.0, whose container is of 26.08.
    containerImage: nil,
    state: "current",
    hasTransformerEngineExtra: true,
    classes: .bridge062,
    recipes: .bridge062,
    huggingFaceModels: .deepSeekKimiAndGLM,
    unsetExpertTensor: .one,
    rampUp: .ignored,
    singleVirtualStage: .fails,
    recomputesPartialGroups: true,
    flexOverlapsSharedExperts: true,
    flashAttentionIsDeterministic: true,
    hierarchicalContextNeedsSizes: true,
    latentAttentionRefusesL2Norm: true,
    normsQueriesWithoutLatent: true,
    exportsAdapters: true,
    conversationModule: "megatron.bridge.data.datasets.gpt_sft",
    refusesMuonOnDistributedOptimizer: false,
    annealsThroughoutByDefault: true,
    asksForSharpGroupTooEarly: true,
    commandLineTakesTECrossEntropy: false,
    objectsInFiles: .listed,
    fieldTable: { .bridge062 }, optionTable: { .bridge062 })
}

extension RecipeFunctions {
  /// `recipes/moonlight/moonlight_16b.py` and its like, which name the functions of `h100/`.
  static let bridge062 = RecipeFunctions(
    [
      "moonlight_16b_pretrain_8gpu_h100_bf16_config", "moonlight_16b_pretrain_16gpu_h100_bf16_config",
      "moonlight_16b_sft_8gpu_h100_bf16_config", "moonlight_16b_sft_8gpu_h100_bf16_8k_config",
      "moonlight_16b_sft_8gpu_h100_bf16_tp1_config", "moonlight_16b_peft_2gpu_h100_bf16_config",
      "moonlight_16b_peft_4gpu_h100_bf16_config", "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config",
      "deepseek_v3_pretrain_1024gpu_h100_bf16_config", "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config",
      "kimi_k2_pretrain_512gpu_h100_bf16_config",
    ],
    shortNames: [
      ("moonlight_16b_pretrain_config", "moonlight_16b_pretrain_16gpu_h100_bf16_config"),
      ("moonlight_16b_sft_config", "moonlight_16b_sft_8gpu_h100_bf16_tp1_config"),
      ("moonlight_16b_sft_8k_config", "moonlight_16b_sft_8gpu_h100_bf16_8k_config"),
      ("moonlight_16b_peft_config", "moonlight_16b_peft_4gpu_h100_bf16_config"),
      ("deepseek_v2_lite_pretrain_config", "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config"),
      ("deepseek_v3_pretrain_config", "deepseek_v3_pretrain_1024gpu_h100_bf16_config"),
      ("deepseek_v3_pretrain_config_32nodes", "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config"),
      ("kimi_k2_pretrain_config", "kimi_k2_pretrain_512gpu_h100_bf16_config"),
    ])
}

extension ContainerClasses {
  static let bridge062 = ContainerClasses(
    container: training("ConfigContainer"),
    attributes: [
      ContainerAttribute("rng", sameAs: [training("RNGConfig")]),
      ContainerAttribute("rerun_state_machine"),
      ContainerAttribute("train"),
      ContainerAttribute("validation", sameAs: [training("ValidationConfig")]),
      ContainerAttribute("model", sections: ["model", "parallelism", "recompute"]),
      ContainerAttribute("optimizer", sameAs: ["megatron.core.optimizer.optimizer_config.OptimizerConfig"]),
      ContainerAttribute(
        "ddp", sameAs: ["megatron.core.distributed.distributed_data_parallel_config.DistributedDataParallelConfig"]),
      ContainerAttribute("scheduler"),
      ContainerAttribute("logger"),
      ContainerAttribute("tokenizer"),
      ContainerAttribute("checkpoint"),
      ContainerAttribute("dist"),
      ContainerAttribute("profiling"),
      ContainerAttribute("comm_overlap"),
      ContainerAttribute("mixed_precision"),
      ContainerAttribute(
        "dataset", fieldsOf: ["dataset_pretrain", "dataset_finetune", "packed_sequence_specs", "hf_dataset_source"]),
      ContainerAttribute("peft", fieldsOf: ["peft_lora", "peft_dora"]),
    ],
    plainModelProviders: [
      "megatron.bridge.models.mla_provider.", "megatron.bridge.models.deepseek.", "megatron.bridge.models.kimi.",
      "megatron.bridge.models.gpt_provider.GPTModelProvider",
    ],
    blockSpec: "megatron.core.models.gpt.gpt_layer_specs.get_gpt_decoder_block_spec",
    adapters: AdapterClasses(lora: "megatron.bridge.peft.lora.LoRA", dora: "megatron.bridge.peft.dora.DoRA"),
    datasets: DatasetClasses(
      tokens: .pretraining(.tokens, training("GPTDatasetConfig")),
      mockTokens: .pretraining(.mockTokens, training("MockGPTDatasetConfig")),
      files: .finetuning(
        .files, examples, sameAs: ["megatron.bridge.data.builders.gpt_sft.FinetuningDatasetConfig"],
        objects: [packing] + sources, renames: ["val_proportion": "hf_validation_proportion"],
        packingSwitch: "enable_offline_packing"),
      huggingFace: .finetuning(
        .huggingFace, examples, objects: [packing] + sources, renames: ["val_proportion": "hf_validation_proportion"],
        named: named, packingSwitch: "enable_offline_packing")
    ))

  /// `_HF_DATASET_PRESETS` of `megatron/bridge/data/sources/hf.py`, of those the text ones.
  private static let named = NamedDatasets.sources(
    [
      "gsm8k": ["train", "test"], "openmathinstruct2": ["train", "train_1M", "train_2M", "train_5M"],
      "openmathinstruct2_thinking": ["train", "train_1M", "train_2M", "train_5M"],
      "squad": ["train", "validation"], "tulu3": ["train"],
    ], chat: "megatron.bridge.data.sft_processing.ChatSFTPreprocessingConfig",
    examples: "megatron.bridge.data.sft_processing.PromptCompletionSFTPreprocessingConfig")

  private static let examples = "megatron.bridge.data.builders.gpt_sft.GPTSFTDatasetConfig"

  private static let packing = (
    key: "offline_packing_specs", className: "megatron.bridge.data.packing.config.PackedSequenceSpecs",
    fields: [
      "packed_sequence_size", "pad_seq_to_mult", "max_single_sequence_length", "tokenizer_model_name",
      "num_tokenizer_workers", "packed_train_data_path", "packed_val_data_path", "packed_metadata_path",
      "pad_cu_seqlens",
    ]
  )

  private static let sources = [
    (
      key: "hf_dataset", className: source,
      fields: [
        "dataset_name", "split", "path_or_dataset", "subset", "load_kwargs", "schema_adapter", "adapter_kwargs",
      ]
    ),
    (key: "hf_validation_dataset", className: source, fields: []),
    (key: "hf_test_dataset", className: source, fields: []),
  ]

  private static let source = "megatron.bridge.data.sources.hf.HFDatasetSourceConfig"

  private static func training(_ name: String) -> String { "megatron.bridge.training.config.\(name)" }
}
