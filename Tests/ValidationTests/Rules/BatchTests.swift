import Testing

@Suite("BATCH: batch sizes and ramp-up")
struct BatchTests {
  @Test(
    arguments: [
      .error("BATCH-01", ["train.global_batch_size": 2047], at: "train.global_batch_size", "2047 / (micro 1 x 8 = 8)"),
      .error(
        "BATCH-01", ["train.micro_batch_size": 3], at: "train.global_batch_size", "16 GPUs / (TP 2 x PP 1 x CP 1) = 8"),
      .error("BATCH-01", ["train.global_batch_size": 0], at: "train.global_batch_size", "0 / (micro 1 x 8 = 8)"),
      .error("BATCH-01", ["train.global_batch_size": 4], at: "train.global_batch_size", "4 / (micro 1"),
      .accepted("BATCH-01", ["train.global_batch_size": 8]),
      .accepted("BATCH-01", ["train.global_batch_size": 24, "train.micro_batch_size": 3]),
      .error("BATCH-03", ["train.global_batch_size": .null], at: "train.global_batch_size", "not given"),
      .error("BATCH-03", ["train.micro_batch_size": .null], at: "train.micro_batch_size", "not given"),
    ] as [ValidationCase])
  func constantBatch(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .note(
        "BATCH-02", ["train.global_batch_size": 100, "train.decrease_batch_size_if_needed": true],
        at: "train.global_batch_size", "global batch of 96"
      ).in(.bridge031),
      .error(
        "BATCH-02", ["train.global_batch_size": 7, "train.decrease_batch_size_if_needed": true],
        at: "train.global_batch_size", "7 rounded down to a multiple of micro 1 x 8 = 8 is 0", companions: ["EVAL-03"]),
      .accepted("BATCH-02", ["train.global_batch_size": 8, "train.decrease_batch_size_if_needed": true]),
      .accepted("BATCH-02", ["train.decrease_batch_size_if_needed": true]),
    ] as [ValidationCase])
  func roundedBatch(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .accepted("BATCH-04", ["train.rampup_batch_size": [256, 256, 100000]]),
      .error("BATCH-04", ["train.rampup_batch_size": [256, 256]], at: "train.rampup_batch_size", "2 numbers"),
      .error("BATCH-04", ["train.rampup_batch_size": [256, 0, 1000]], at: "train.rampup_batch_size", "never grows"),
      .error("BATCH-04", ["train.rampup_batch_size": [0, 256, 1000]], at: "train.rampup_batch_size", "start is 0"),
      .error(
        "BATCH-04", ["train.rampup_batch_size": [4096, 256, 1000]], at: "train.rampup_batch_size",
        "above the global batch of 2048"),
      .error(
        "BATCH-04", ["train.rampup_batch_size": [256, 100, 1000]], at: "train.rampup_batch_size",
        "from 256 to 2048 are 1792 sequences, no whole number of increments of 100"),
      .error(
        "BATCH-05", ["train.rampup_batch_size": [2048, 256, 1000]], at: "train.rampup_batch_size", "0 increments"),
      .error("BATCH-05", ["train.rampup_batch_size": [256, 256, 0]], at: "train.rampup_batch_size", "0 samples"),
      .error(
        "BATCH-06", ["train.rampup_batch_size": [12, 4, 100000]], at: "train.rampup_batch_size",
        "batch of 12 is no multiple of micro 1 x 8 replicas = 8"),
      .error("BATCH-06", ["train.rampup_batch_size": [4, 4, 100000]], at: "train.rampup_batch_size", "batch of 4"),
      .error(
        "BATCH-06", ["train.rampup_batch_size": [16, 12, 100000], "train.global_batch_size": 40],
        at: "train.rampup_batch_size", "batch of 28"),
      .accepted("BATCH-06", ["train.rampup_batch_size": [16, 24, 100000], "train.global_batch_size": 40]),
      .accepted(
        "BATCH-06",
        [
          "train.rampup_batch_size": [12, 4, 100000], "train.global_batch_size": 40,
          "train.decrease_batch_size_if_needed": true,
        ]),
      .error(
        "BATCH-06",
        [
          "train.rampup_batch_size": [4, 4, 100000], "train.global_batch_size": 40,
          "train.decrease_batch_size_if_needed": true,
        ],
        at: "train.rampup_batch_size", "first batch of 4"),
      .error(
        "BATCH-07",
        [
          "train.rampup_batch_size": [256, 256, 100000], "train.train_iters": .null, "train.train_samples": 2_048_000,
          "scheduler.lr_warmup_iters": 0,
        ], at: "train.rampup_batch_size", "needs `train_iters`"),
      .error(
        "BATCH-08", on: .interleaved, ["train.rampup_batch_size": [4, 4, 100000], "train.global_batch_size": 64],
        at: "train.rampup_batch_size", "makes 1 micro-batches, fewer than the group of 4", companions: ["PIPE-21"]),
      .accepted(
        "BATCH-08", on: .interleaved, ["train.rampup_batch_size": [16, 16, 100000], "train.global_batch_size": 64]),
    ] as [ValidationCase])
  func rampUp(_ item: ValidationCase) throws { try item.in(.bridge031).check() }
}
