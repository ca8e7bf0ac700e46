import Testing

@Suite("SEQ and CP: sequences and context parallelism")
struct SequenceTests {
  @Test(
    "sequences",
    arguments: [
      .error(
        "SEQ-01", ["parallelism.tensor_model_parallel_size": 1, "parallelism.sequence_parallel": true],
        at: "parallelism.sequence_parallel", "but TP is 1"
      ).in(.bridge031),
      .accepted("SEQ-01", ["parallelism.tensor_model_parallel_size": 1]),
      .error(
        "SEQ-02", ["parallelism.sequence_parallel": false], at: "parallelism.sequence_parallel",
        "TP 2 need sequence_parallel"),
      .accepted("SEQ-02", denseModel.merging(["parallelism.sequence_parallel": false]) { $1 }),
      .error("SEQ-03", ["dataset.seq_length": 2048], at: "dataset.seq_length", "is 2048, but model.seq_length is 4096"),
      .accepted("SEQ-03", ["model.seq_length": 8192]),
      .error("SEQ-04", ["model.seq_length": 4097], at: "model.seq_length", "4097 / TP 2 = 2048.5"),
      .error(
        "SEQ-04",
        [
          "model.seq_length": 4104, "parallelism.context_parallel_size": 2, "parallelism.tensor_model_parallel_size": 8,
        ],
        at: "model.seq_length", "seq_length 4104 / CP 2 = 2052 and 2052 / TP 8 = 256.5"),
      .accepted("SEQ-04", ["model.seq_length": 4098]),
      .accepted("SEQ-04", on: .sft, ["model.seq_length": 4097]),
    ] as [ValidationCase])
  func sequences(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "context parallelism",
    arguments: [
      .error(
        "CP-01", ["model.seq_length": 4098, "parallelism.context_parallel_size": 2], at: "model.seq_length",
        "4098 / (2 x CP 2) = 1024.5"),
      .accepted("CP-01", ["model.seq_length": 4100, "parallelism.context_parallel_size": 2]),
      .error(
        "CP-02", on: .sft, ["parallelism.context_parallel_size": 2], at: "model.calculate_per_token_loss",
        "calculate_per_token_loss on and ddp.average_in_collective off"),
      .error(
        "CP-02", on: .sft, ["parallelism.context_parallel_size": 2, "model.calculate_per_token_loss": true],
        at: "ddp.average_in_collective", "needs ddp.average_in_collective off"),
      .accepted(
        "CP-02", on: .sft,
        [
          "parallelism.context_parallel_size": 2, "model.calculate_per_token_loss": true,
          "ddp.average_in_collective": false,
        ]),
      .accepted("CP-02", ["parallelism.context_parallel_size": 2]),
      .error(
        "CP-03", ["parallelism.context_parallel_size": 2, "parallelism.cp_comm_type": ["p2p", "p2p"]],
        at: "parallelism.cp_comm_type", "lists 2 communications, but the model has 27 layers"),
      .accepted("CP-03", ["parallelism.cp_comm_type": ["p2p", "p2p"]]),
      .error("CP-04", ["model.calculate_per_token_loss": true], at: "ddp.average_in_collective", "must be off"),
      .accepted("CP-04", ["model.calculate_per_token_loss": true, "ddp.average_in_collective": false]),
      .error(
        "CP-06", on: .sft, ["dataset.packed_sequence_size": 4096, "dataset.pad_seq_to_mult": 0],
        at: "dataset.pad_seq_to_mult", "is 0"),
      .warning(
        "CP-06", on: .sft,
        [
          "dataset.packed_sequence_size": 4096, "parallelism.context_parallel_size": 2,
          "model.calculate_per_token_loss": true, "ddp.average_in_collective": false,
        ], at: "dataset.pad_seq_to_mult", "no multiple of 2 x CP 2 = 4"),
      .accepted("CP-06", on: .sft, ["dataset.packed_sequence_size": 4096]),
      .warning(
        "CP-07", ["parallelism.context_parallel_size": 2, "parallelism.cp_comm_type": "ring"],
        at: "parallelism.cp_comm_type", "`ring`"),
      .warning(
        "CP-07",
        [
          "parallelism.context_parallel_size": 16, "parallelism.cp_comm_type": "a2a", "cluster.num_nodes": 4,
        ], at: "parallelism.cp_comm_type", "16 heads / (TP 2 x CP 16) = 0.5"),
      .accepted("CP-07", ["parallelism.context_parallel_size": 2, "parallelism.cp_comm_type": "a2a"]),
    ] as [ValidationCase])
  func context(_ item: ValidationCase) throws { try item.check() }
}
