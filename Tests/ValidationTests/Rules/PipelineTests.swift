import ConfigDocument
import Testing

@Suite("PIPE: pipeline stages and schedules")
struct PipelineTests {
  @Test(
    "even splits",
    arguments: [
      .error(
        "PIPE-01", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": .null],
        at: "parallelism.pipeline_model_parallel_size", "27 layers / PP 4 = 6.75"),
      .accepted(
        "PIPE-01", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": .null].merging(depth(28)) { $1 }),
      .error(
        "PIPE-02", on: .interleaved,
        ["parallelism.pipeline_model_parallel_layout": .null, "parallelism.virtual_pipeline_model_parallel_size": 3]
          .merging(depth(28)) { $1 },
        at: "parallelism.virtual_pipeline_model_parallel_size", "7 / VP 3 = 2.33"),
      .accepted(
        "PIPE-02", on: .interleaved,
        ["parallelism.pipeline_model_parallel_layout": .null].merging(depth(32)) { $1 }),
      .error(
        "PIPE-03", ["parallelism.virtual_pipeline_model_parallel_size": 2],
        at: "parallelism.virtual_pipeline_model_parallel_size", "but PP is 1"),
      .error(
        "PIPE-03", ["parallelism.virtual_pipeline_model_parallel_size": 1],
        at: "parallelism.virtual_pipeline_model_parallel_size", "VP 1"),
      .error(
        "PIPE-00", ["model.mtp_num_layers": 100_001], at: "model.mtp_num_layers",
        "100001 MTP layers are more than 100000"),
      .error(
        "PIPE-00", on: .interleaved,
        [
          "parallelism.pipeline_model_parallel_layout": .null,
          "parallelism.virtual_pipeline_model_parallel_size": 1025,
        ], at: "parallelism.pipeline_model_parallel_size", "PP 4 x VP 1025 makes more than 4096 stages"),
    ] as [ValidationCase])
  func even(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "uneven ends and counted ends",
    arguments: [
      .error(
        "PIPE-04", on: .pipeline, ["parallelism.num_layers_in_first_pipeline_stage": 7],
        at: "parallelism.pipeline_model_parallel_layout", "num_layers_in_first_pipeline_stage cannot be set as well"),
      .error(
        "PIPE-05", on: .pipeline, ends(first: 6, ["parallelism.account_for_loss_in_pipeline_split": true]),
        at: "parallelism.num_layers_in_first_pipeline_stage", "account_for_loss_in_pipeline_split"),
      .error(
        "PIPE-06", on: .pipeline, ends(first: 0), at: "parallelism.num_layers_in_first_pipeline_stage", "is 0"),
      .error(
        "PIPE-06", on: .pipeline, ends(first: 5, last: 9, ["parallelism.virtual_pipeline_model_parallel_size": 3]),
        at: "parallelism.num_layers_in_first_pipeline_stage", "5 / VP 3 = 1.67"),
      .error(
        "PIPE-07", on: .pipeline, ends(first: 7), at: "parallelism.num_layers_in_first_pipeline_stage",
        "27 layers - first 7 leaves 20 / 3 = 6.67"),
      .error(
        "PIPE-07", on: .pipeline, ends(first: 13, last: 13, ["parallelism.pipeline_model_parallel_size": 2]),
        at: "parallelism.num_layers_in_first_pipeline_stage", "leaves 1 layer for 0 stages"),
      .accepted("PIPE-07", on: .pipeline, ends(first: 6)),
      .accepted("PIPE-07", on: .pipeline, ends(first: 6, last: 7)),
      .accepted(
        "PIPE-07", on: .pipeline, ends(first: 6, last: 9, ["parallelism.virtual_pipeline_model_parallel_size": 3])),
      .error(
        "PIPE-08", on: .pipeline, ends(first: 30, last: 5), at: "parallelism.num_layers_in_first_pipeline_stage",
        "27 layers - first 30 - last 5 leaves -8 layers for 2 stages"),
      .error(
        "PIPE-10", on: .pipeline,
        ends(
          first: 14, last: 14,
          ["parallelism.pipeline_model_parallel_size": 2, "parallelism.virtual_pipeline_model_parallel_size": 2]
        )
        .merging(depth(28)) { $1 },
        at: "parallelism.num_layers_in_first_pipeline_stage", "which is 0"),
      .error(
        "PIPE-11", on: .pipeline,
        ends([
          "parallelism.account_for_embedding_in_pipeline_split": true,
          "parallelism.account_for_loss_in_pipeline_split": true,
        ]), at: "parallelism.account_for_embedding_in_pipeline_split",
        "27 layers + embedding + loss = 29 slots, and 29 / PP 4 = 7.25"),
      .error(
        "PIPE-11", on: .pipeline,
        ends([
          "parallelism.account_for_embedding_in_pipeline_split": true,
          "parallelism.virtual_pipeline_model_parallel_size": 2,
        ]), at: "parallelism.account_for_embedding_in_pipeline_split", "7 slots a rank, and 7 / VP 2 = 3.5"),
      .accepted("PIPE-11", on: .pipeline, ends(["parallelism.account_for_embedding_in_pipeline_split": true])),
    ] as [ValidationCase])
  func unevenStages(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "layouts",
    arguments: [
      .error(
        "PIPE-13", on: .pipeline, ["parallelism.pipeline_model_parallel_size": 8, "cluster.num_nodes": 8],
        at: "parallelism.pipeline_model_parallel_layout", "has 4 stages, and 4 / PP 8 = 0.5"),
      .error(
        "PIPE-13", on: .pipeline, ["parallelism.virtual_pipeline_model_parallel_size": 2],
        at: "parallelism.virtual_pipeline_model_parallel_size", "4 stages / PP 4 = VP 1"),
      .error(
        "PIPE-14", ["parallelism.pipeline_model_parallel_layout": "Et*14|t*13L"],
        at: "parallelism.pipeline_model_parallel_layout", "has 2 stages, but PP is 1"),
      .error(
        "PIPE-15", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "t*7|t*7|t*7|t*6L"],
        at: "parallelism.pipeline_model_parallel_layout", "begins with a decoder layer"),
      .error(
        "PIPE-15", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6"],
        at: "parallelism.pipeline_model_parallel_layout", "ends with a decoder layer"),
      .error(
        "PIPE-15", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "EEt*7|t*7|t*7|t*6L"],
        at: "parallelism.pipeline_model_parallel_layout", "holds 2 embeddings"),
      .error(
        "PIPE-15", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "|||"],
        at: "parallelism.pipeline_model_parallel_layout", "holds nothing"),
      .error(
        "PIPE-16", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*7L"],
        at: "parallelism.pipeline_model_parallel_layout", "7+7+7+7 = 28 decoder layers, 1 more than num_layers 27"),
      .error(
        "PIPE-16", on: .pipeline, ["model.mtp_num_layers": 1], at: "parallelism.pipeline_model_parallel_layout",
        "0 MTP layers, but mtp_num_layers is 1"),
      .error(
        "PIPE-17", on: .pipeline,
        ["model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": "Et*7|t*7m|t*7|t*6L"],
        at: "parallelism.pipeline_model_parallel_layout", "a decoder layer on stage 2 follows an MTP layer"),
      .error(
        "PIPE-18", on: .pipeline,
        [
          "parallelism.pipeline_model_parallel_layout": [["embedding", "encoder"], ["decoder"], ["decoder"], ["loss"]]
        ],
        at: "parallelism.pipeline_model_parallel_layout", "no encoder layers"),
      .note(
        "PIPE-19", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "|Et*9|t*9|t*9L"],
        at: "parallelism.pipeline_model_parallel_layout", "the embedding on stage 1, but Megatron builds it on stage 0"),
      .accepted("PIPE-19", on: .pipeline, [:]),
      .note(
        "PIPE-20", on: .pipeline,
        ["model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": "Et*9|t*9|t*9m|L"],
        at: "parallelism.pipeline_model_parallel_layout", "stand on stage 2"),
      .error(
        "PIPE-28", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6l"],
        at: "parallelism.pipeline_model_parallel_layout", "'l' is not a layer"),
      .error(
        "PIPE-28", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "8+7+x"],
        at: "parallelism.pipeline_model_parallel_layout", "numbers joined by '+'"),
      .error(
        "PIPE-29", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "7+7+7+7+5"],
        at: "parallelism.pipeline_model_parallel_layout", "add up to 33"),
      .accepted("PIPE-29", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "8+7+7+6"]),
      .accepted("PIPE-29", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "7+7+7+6"]),
      .accepted("PIPE-28", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "auto"]),
      .warning(
        "PIPE-30", on: .pipeline, [:], at: "parallelism.pipeline_model_parallel_layout",
        """
        rank 3 bears 9.6 layers' worth of work, the average rank 7.6: the pipeline works 80 % of the time, and could \
        about 96 %
        """
      ),
      .accepted("PIPE-30", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": "7+8+8+4"]),
      .accepted(
        "PIPE-30",
        [
          "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 2,
          "parallelism.pipeline_model_parallel_layout": "14+13",
        ]),
      .error(
        "PIPE-31", on: .sft,
        [
          "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 2,
          "recompute.recompute_granularity": .null,
          "parallelism.virtual_pipeline_model_parallel_size": 1, "parallelism.pipeline_model_parallel_layout": "14+13",
        ], at: "parallelism.virtual_pipeline_model_parallel_size", "no data iterator for one chunk"
      ).in(.bridge031),
    ] as [ValidationCase])
  func layouts(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "schedules",
    arguments: [
      .error(
        "PIPE-21", on: .interleaved, ["train.global_batch_size": 24], at: "train.global_batch_size",
        "24 / (micro 1 x 4 replicas) = 6 micro-batches in groups of 4 leave 2"),
      .error(
        "PIPE-21", on: .interleaved, ["train.global_batch_size": 8], at: "train.global_batch_size",
        "= 2 micro-batches, fewer than one group of 4"),
      .error(
        "PIPE-21", on: .interleaved, ["parallelism.microbatch_group_size_per_vp_stage": 3],
        at: "parallelism.microbatch_group_size_per_vp_stage", "at least PP 4"),
      .accepted("PIPE-21", on: .interleaved, ["train.global_batch_size": 32]),
      .accepted(
        "PIPE-21", on: .interleaved,
        ["train.global_batch_size": 40, "parallelism.microbatch_group_size_per_vp_stage": 6]),
      .accepted("PIPE-21", on: .pipeline, ["train.global_batch_size": 24]),
      .error(
        "PIPE-22", on: .pipeline, ["comm_overlap.overlap_p2p_comm": true], at: "comm_overlap.overlap_p2p_comm",
        "with PP 4 and no virtual stages"),
      .accepted("PIPE-22", ["comm_overlap.overlap_p2p_comm": true]),
      .error(
        "PIPE-22", on: .pipeline, ["comm_overlap": .null, "model.overlap_p2p_comm": true], at: "model.overlap_p2p_comm",
        "no virtual stages"),
      .error(
        "PIPE-23", on: .interleaved, ["comm_overlap.batch_p2p_comm": true], at: "comm_overlap.batch_p2p_comm",
        "both on"),
      .accepted("PIPE-23", on: .interleaved, [:]),
      .error(
        "PIPE-24", on: .pipeline, ["model.overlap_p2p_comm_warmup_flush": true],
        at: "model.overlap_p2p_comm_warmup_flush",
        "they are off and on after comm_overlap"),
      .accepted("PIPE-24", on: .interleaved, ["model.overlap_p2p_comm_warmup_flush": true]),
      .error(
        "PIPE-26", ["comm_overlap.defer_embedding_wgrad_compute": true, "comm_overlap.wgrad_deferral_limit": 0],
        at: "comm_overlap.defer_embedding_wgrad_compute", "but PP is 1"),
      .error(
        "PIPE-26", on: .pipeline, ["comm_overlap.defer_embedding_wgrad_compute": true],
        at: "comm_overlap.defer_embedding_wgrad_compute", "but it is -1"),
      .accepted(
        "PIPE-26", on: .pipeline,
        ["comm_overlap.defer_embedding_wgrad_compute": true, "comm_overlap.wgrad_deferral_limit": 0]),
    ] as [ValidationCase])
  func schedules(_ item: ValidationCase) throws { try item.check() }

  /// The faulty character of a layout, by its UTF-8 offsets in the text.
  @Test(arguments: [
    ("Et*7|t*7|t*7|t*6l", 16..<17), ("Et*7 |t*7|t*7|t*6L", 4..<5), ("Et*7|t*7|t*7|t*6", 13..<14),
    ("Et*7|t*7|t*7|Lt*6L", 17..<18), ("8+7+7+x", 6..<7),
  ])
  func faultyCharacter(_ text: String, _ excerpt: Range<Int>) throws {
    let findings = try GoodConfig.pipeline.findings(["parallelism.pipeline_model_parallel_layout": .string(text)])
    #expect(findings.compactMap(\.excerpt) == [excerpt])
  }
}

/// A model of so many layers, the first dense.
func depth(_ layers: Int) -> [String: ConfigValue] {
  ["model.num_layers": .int(layers), "model.moe_layer_freq": .list([0] + Array(repeating: 1, count: layers - 1))]
}

/// Uneven ends instead of a layout.
private func ends(first: Int? = nil, last: Int? = nil, _ more: [String: ConfigValue] = [:]) -> [String: ConfigValue] {
  [
    "parallelism.pipeline_model_parallel_layout": .null,
    "parallelism.num_layers_in_first_pipeline_stage": first.map(ConfigValue.int) ?? .null,
    "parallelism.num_layers_in_last_pipeline_stage": last.map(ConfigValue.int) ?? .null,
  ].merging(more) { $1 }
}

private func ends(_ more: [String: ConfigValue]) -> [String: ConfigValue] { ends(first: nil, last: nil, more) }
