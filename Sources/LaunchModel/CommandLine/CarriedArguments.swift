/// What is to be known of fields that are carried, having no property here, on the command line of Megatron-LM.
package enum CarriedArguments {
  /// The form of those that no option of their own says.
  static func form(_ path: FieldPath) -> ArgumentForm? {
    path.section == Path.mixedPrecision.whole.section ? nil : forms[path.field]
  }

  /// Fields of the model without an option that change nothing of what is trained.
  package static let harmless: Set<FieldPath> = [
    FieldPath("model", "hf_model_id"), FieldPath("model", "deallocate_pipeline_outputs"),
    FieldPath("model", "inference_sampling_seed"), FieldPath("model", "parallel_output"),
    FieldPath("model", "cuda_graph_use_single_mempool"), FieldPath("model", "cuda_graph_retain_backward_graph"),
  ]

  private static let forms: [String: ArgumentForm] = [
    // Overwritten by the fields of `mixed_precision` of the same names, in Megatron-Bridge, too.
    "bf16": .special, "fp16": .special, "fp8_param_gather": .special, "reuse_grad_buf_for_mxfp8_param_ag": .special,
    // Worked out in `DerivedArguments.swift`.
    "rerun_mode": .special,
    // The vocabulary's rows are the model's.
    "padded_vocab_size": .special, "pad_vocab_size": .special,
    // The launcher's.
    "local_rank": .missing,
  ]
}
