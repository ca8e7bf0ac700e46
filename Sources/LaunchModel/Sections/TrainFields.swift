/// How long and in which batches.
public struct TrainFields: SectionFields {
  public static let fields = TrainFields()
  public static let schema = SectionSchema("train", fields.declarations, "How long and in which batches.")
  let declarations: [FieldDeclaration]

  public let trainIters: Field<Int?>
  public let trainSamples: Field<Int?>
  public let globalBatchSize: Field<Int?>
  public let microBatchSize: Field<Int?>
  public let rampupBatchSize: Field<[Int]?>
  public let decreaseBatchSizeIfNeeded: Field<Bool>
  public let manualGC: Field<Bool>
  public let manualGCInterval: Field<Int>
  public let manualGCEval: Field<SwitchOrNumber>
  public let exitInterval: Field<Int?>
  public let exitDurationInMins: Field<Int?>
  public let exitSignalHandler: Field<Bool>
  public let exitSignal: Field<Int>

  private init() {
    var list = FieldList()
    trainIters = list.add(
      "train_iters", default: nil, in: .size, aliases: ["max_steps", "train_steps", "iterations", "steps"],
      "Optimizer steps; give this or `train_samples`.")
    trainSamples = list.add(
      "train_samples", default: nil, in: .samples, "Sequences in all; give this or `train_iters`.")
    globalBatchSize = list.add(
      "global_batch_size", default: nil, in: .count, aliases: ["gbs", "batch_size"],
      "Sequences a step, over all data-parallel replicas.")
    microBatchSize = list.add(
      "micro_batch_size", default: nil, in: .size, aliases: ["mbs", "per_device_train_batch_size"],
      "Sequences that go through the model at once on one replica.")
    rampupBatchSize = list.add(
      "rampup_batch_size", default: nil, in: .samples,
      "`[start, increment, samples]`: the batch grows from `start` by `increment` over so many samples.")
    decreaseBatchSizeIfNeeded = list.add(
      "decrease_batch_size_if_needed", default: false,
      "Rounds the global batch down to a multiple of micro batch times replicas.")
    manualGC = list.add("manual_gc", default: false, "Collects Python garbage on all ranks at once.")
    manualGCInterval = list.add(
      "manual_gc_interval", default: 0, in: Bounds(lower: -2_147_483_648, upper: 2_147_483_647),
      "Steps between collections.")
    manualGCEval = list.add(
      "manual_gc_eval", default: .bool(true),
      "Collects before and after evaluation. Megatron-Bridge's recipes give it the interval, which means true.")
    exitInterval = list.add("exit_interval", default: nil, in: .size, "Stops after this many steps.")
    exitDurationInMins = list.add("exit_duration_in_mins", default: nil, in: .size, "Stops after this many minutes.")
    exitSignalHandler = list.add(
      "exit_signal_handler", default: false, "Saves a checkpoint and stops when the job is asked to end.")
    exitSignal = list.add(
      "exit_signal", default: 15, in: Bounds(lower: 1, upper: 64),
      "Number of the signal that `exit_signal_handler` waits for; 15 is SIGTERM, 12 SIGUSR2 on Linux.")
    declarations = list.declarations
  }
}
