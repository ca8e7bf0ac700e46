/// How long and in which batches.
public final class TrainFields: SectionFields {
  public static let fields = TrainFields()
  public static let schema = SectionSchema("train", of: fields, "How long and in which batches.")

  public let trainIters = Field<Int?>(
    "train_iters", default: nil, in: .size, aliases: ["max_steps", "train_steps", "iterations", "steps"],
    "Optimizer steps; give this or `train_samples`.")
  public let trainSamples = Field<Int?>(
    "train_samples", default: nil, in: .samples, "Sequences in all; give this or `train_iters`.")
  public let globalBatchSize = Field<Int?>(
    "global_batch_size", default: nil, in: .count, aliases: ["gbs", "batch_size"],
    "Sequences a step, over all data-parallel replicas.")
  public let microBatchSize = Field<Int?>(
    "micro_batch_size", default: nil, in: .size, aliases: ["mbs", "per_device_train_batch_size"],
    "Sequences that go through the model at once on one replica.")
  public let rampupBatchSize = Field<[Int]?>(
    "rampup_batch_size", default: nil, in: .samples,
    "`[start, increment, samples]`: the batch grows from `start` by `increment` over so many samples.")
  public let decreaseBatchSizeIfNeeded = Field<Bool>(
    "decrease_batch_size_if_needed", default: false,
    "Rounds the global batch down to a multiple of micro batch times replicas.")
  public let manualGC = Field<Bool>("manual_gc", default: false, "Collects Python garbage on all ranks at once.")
  public let manualGCInterval = Field<Int>(
    "manual_gc_interval", default: 0, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647),
    "Steps between collections.")
  public let manualGCEval = Field<Bool>("manual_gc_eval", default: true, "Collects before and after evaluation.")
  public let exitInterval = Field<Int?>("exit_interval", default: nil, in: .size, "Stops after this many steps.")
  public let exitDurationInMins = Field<Int?>(
    "exit_duration_in_mins", default: nil, in: .size, "Stops after this many minutes.")
  public let exitSignalHandler = Field<Bool>(
    "exit_signal_handler", default: false, "Saves a checkpoint and stops when the job is asked to end.")
  public let exitSignal = Field<Int>(
    "exit_signal", default: 15, in: Bounds(lower: 1, upper: 64),
    "Number of the signal that `exit_signal_handler` waits for; 15 is SIGTERM, 12 SIGUSR2 on Linux.")
}
