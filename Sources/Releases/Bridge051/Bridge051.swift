extension ReleaseDescription {
  /// megatron-bridge 0.5.1 with megatron-core 0.18.2.
  static let bridge051 = ReleaseDescription(
    megatronBridge: "0.5.1",
    megatronCore: "0.18.2",
    pythonMinors: 12...12,
    containerImage: "nvcr.io/nvidia/nemo:26.06.01",
    state: "the last whose core builds Moonlight as released",
    hasTransformerEngineExtra: true,
    classes: .bridge051,
    recipes: RecipeFunctions([
      "moonlight_16b_pretrain_config", "moonlight_16b_sft_config", "moonlight_16b_peft_config",
      "deepseek_v2_lite_pretrain_config", "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_config_32nodes",
      "kimi_k2_pretrain_config",
    ]),
    huggingFaceModels: .deepSeekKimiAndGLM,
    unsetExpertTensor: .followsTensor,
    rampUp: .ignored,
    singleVirtualStage: .fails,
    recomputesPartialGroups: true,
    flexOverlapsSharedExperts: true,
    flashAttentionIsDeterministic: true,
    hierarchicalContextNeedsSizes: true,
    latentAttentionRefusesL2Norm: false,
    normsQueriesWithoutLatent: false,
    exportsAdapters: true,
    conversationModule: "megatron.bridge.data.datasets.sft",
    refusesMuonOnDistributedOptimizer: false,
    annealsThroughoutByDefault: true,
    asksForSharpGroupTooEarly: false,
    commandLineTakesTECrossEntropy: false,
    objectsInFiles: .listed,
    fieldTable: { .bridge051 }, optionTable: { .bridge051 })
}

extension ContainerClasses {
  static let bridge051 = ContainerClasses(
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
      ContainerAttribute("dataset", fieldsOf: ["dataset_pretrain", "dataset_finetune", "packed_sequence_specs"]),
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
        .files, training("FinetuningDatasetConfig"),
        lacks: [
          "dataset_name", "process_example_fn", "dataset_subset", "dataset_dict", "split", "download_mode",
          "val_proportion", "split_val_from_train", "delete_raw", "rewrite", "hf_kwargs", "hf_filter_lambda",
          "hf_filter_lambda_kwargs",
        ], objects: [packing]),
      huggingFace: .finetuning(
        .huggingFace, "megatron.bridge.data.builders.hf_dataset.HFDatasetConfig", objects: [packing],
        named: .functions(["squad": "megatron.bridge.data.hf_processors.squad.process_squad_example"]))
    ))

  private static let packing = (
    key: "packed_sequence_specs", className: "megatron.bridge.data.datasets.packed_sequence.PackedSequenceSpecs",
    fields: [
      "packed_sequence_size", "pad_seq_to_mult", "tokenizer_model_name", "num_tokenizer_workers",
      "packed_train_data_path",
      "packed_val_data_path", "packed_metadata_path", "pad_cu_seqlens",
    ]
  )

  private static func training(_ name: String) -> String { "megatron.bridge.training.config.\(name)" }
}
