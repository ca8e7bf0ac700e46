/// Values that are fine by themselves and wrong beside the others.
enum CrossFieldMutations {
  /// A field of a pretraining config, a value for it, and the families of rules that must speak of it.
  private static let changes: [(path: String, value: String, codes: [String])] = [
    ("parallelism.tensor_model_parallel_size", "3", ["GPU-01", "DIM-01", "SEQ"]),
    ("parallelism.tensor_model_parallel_size", "5", ["GPU-01", "DIM-01"]),
    ("parallelism.tensor_model_parallel_size", "32", ["GPU-01", "DIM-01"]),
    ("parallelism.tensor_model_parallel_size", "1", ["SEQ"]),
    ("parallelism.pipeline_model_parallel_size", "3", ["GPU-01", "PIPE"]),
    ("parallelism.pipeline_model_parallel_size", "2", ["PIPE"]),
    ("parallelism.pipeline_model_parallel_size", "64", ["GPU-01", "PIPE"]),
    ("parallelism.expert_model_parallel_size", "7", ["GPU-02", "MOE"]),
    ("parallelism.expert_model_parallel_size", "128", ["GPU-02", "MOE"]),
    ("parallelism.expert_model_parallel_size", "3", ["GPU-02", "MOE"]),
    ("parallelism.context_parallel_size", "3", ["GPU-01", "CP"]),
    ("parallelism.context_parallel_size", "16", ["GPU-01"]),
    ("parallelism.sequence_parallel", "false", ["SEQ"]),
    ("parallelism.virtual_pipeline_model_parallel_size", "2", ["PIPE"]),
    ("train.global_batch_size", "2047", ["BATCH"]),
    ("train.global_batch_size", "3", ["BATCH"]),
    ("train.micro_batch_size", "7", ["BATCH"]),
    ("train.micro_batch_size", "4096", ["BATCH"]),
    ("train.train_samples", "1000000", ["TRAIN"]),
    ("model.num_attention_heads", "15", ["DIM-01", "DIM"]),
    ("model.num_moe_experts", "60", ["MOE", "GPU"]),
    ("model.num_moe_experts", "2", ["MOE"]),
    ("model.moe_router_topk", "65", ["MOE"]),
    ("model.moe_router_score_function", "softmax", ["MOE"]),
    ("model.ffn_hidden_size", "11265", ["DIM"]),
    ("model.vocab_size", "163841", ["VOCAB"]),
    ("model.qk_pos_emb_head_dim", "63", ["MLA"]),
    ("model.seq_length", "4095", ["SEQ"]),
    ("optimizer.min_lr", "1.0", ["OPT"]),
    ("scheduler.lr_warmup_iters", "600000", ["SCHED"]),
    ("scheduler.lr_warmup_fraction", "0.1", ["SCHED"]),
    ("dataset.split", "\"1,x,1\"", ["DATA"]),
    ("recompute.recompute_method", "uniform", ["RECOMP"]),
    ("cluster.num_nodes", "3", ["GPU", "BATCH"]),
    ("cluster.gpus_per_node", "7", ["GPU"]),
  ]

  /// The changes that the file has a line for.
  static func mutations(of file: GoodFile) -> [Mutation] {
    changes.compactMap { change in
      let parts = change.path.split(separator: ".").map(String.init)
      guard let field = file.fields.first(where: { $0.section == parts[0] && $0.key == parts[1] }) else { return nil }
      let comma = file.isJSON && file.lines[field.index].hasSuffix(",") ? "," : ""
      let isBare =
        Double(change.value) != nil || ["true", "false"].contains(change.value) || change.value.hasPrefix("\"")
      let word = file.isJSON && !isBare ? "\"\(change.value)\"" : change.value
      let line = file.isJSON ? "    \"\(field.key)\": \(word)\(comma)" : "  \(field.key): \(word)"
      return Mutation(
        name: "\(change.path) = \(change.value) in \(file.name)", file: file.name,
        text: file.replacing(field.index, with: line), line: field.index + 1,
        columns: field.valueColumn...field.valueColumn, codes: change.codes)
    }
  }
}
