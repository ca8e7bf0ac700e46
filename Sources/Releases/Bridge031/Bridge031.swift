extension ReleaseDescription {
  /// megatron-bridge 0.3.1 with megatron-core 0.16.1.
  static let bridge031 = ReleaseDescription(
    megatronBridge: "0.3.1",
    megatronCore: "0.16.1",
    pythonMinors: 10...12,
    containerImage: "nvcr.io/nvidia/nemo:26.02.01",
    state: "what moonlight was first held against",
    hasTransformerEngineExtra: false,
    classes: .bridge031,
    recipes: RecipeFunctions([
      "moonlight_16b_pretrain_config", "moonlight_16b_sft_config", "moonlight_16b_peft_config",
      "deepseek_v2_lite_pretrain_config", "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_config_32nodes",
      "kimi_k2_pretrain_config",
    ]),
    huggingFaceModels: .deepSeek,
    unsetExpertTensor: .followsTensor,
    rampUp: .applied,
    singleVirtualStage: .failsWithWholeBatches,
    recomputesPartialGroups: false,
    flexOverlapsSharedExperts: false,
    flashAttentionIsDeterministic: false,
    hierarchicalContextNeedsSizes: false,
    latentAttentionRefusesL2Norm: false,
    normsQueriesWithoutLatent: false,
    exportsAdapters: false,
    conversationModule: "megatron.bridge.data.datasets.sft",
    refusesMuonOnDistributedOptimizer: true,
    annealsThroughoutByDefault: false,
    asksForSharpGroupTooEarly: false,
    commandLineTakesTECrossEntropy: true,
    objectsInFiles: .any,
    fieldTable: { .bridge031 }, optionTable: { .bridge031 })
}

extension ContainerClasses {
  static let bridge031 = ContainerClasses(
    container: training("ConfigContainer"),
    attributes: [
      ContainerAttribute("rng"),
      ContainerAttribute("rerun_state_machine"),
      ContainerAttribute("train", sections: ["train", "validation"]),
      // The provider that the DeepSeek-V3 bridge makes for Moonlight, too. `MoonlightModelProvider16B` of the same
      // release is no choice: its defaults come from the base class and build a model without latent attention.
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
      "packed_sequence_size", "pad_seq_to_mult", "tokenizer_model_name", "packed_train_data_path",
      "packed_val_data_path", "packed_metadata_path", "pad_cu_seqlens",
    ]
  )

  private static func training(_ name: String) -> String { "megatron.bridge.training.config.\(name)" }
}
