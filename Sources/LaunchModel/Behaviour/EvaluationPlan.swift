/// How much is evaluated, as Megatron-Bridge counts it.
///
/// Source: megatron-bridge 0.3.1 `data/loaders.py`, `get_train_valid_test_num_samples`; `training/eval.py`.
public struct EvaluationPlan: Hashable, Sendable {
  /// Evaluations in the whole run: one at each interval, and one at the end.
  public let evaluations: Int
  /// Batches of one evaluation, each as large as the global batch.
  public let batches: Int
  /// Micro-batches of one of them on a replica, rounded down.
  public let microbatches: Int

  /// - Returns: `nil` where Megatron could not count: no interval, no batch, no length.
  public init?(_ config: borrowing LaunchConfig, dataParallelSize: Int) {
    let train = config.train
    guard let interval = config.validation.evalInterval, interval > 0, let global = train.globalBatchSize,
      let micro = train.microBatchSize, let steps = train.trainSteps
    else { return nil }
    let (share, overflow) = micro.multipliedReportingOverflow(by: dataParallelSize)
    guard !overflow, share > 0 else { return nil }
    evaluations = steps / interval + 1
    batches = config.validation.evalIters
    microbatches = global / share
  }
}

extension Section<TrainFields> {
  /// Optimizer steps of the run: `train_iters`, or `train_samples` in whole global batches. `nil` unless exactly one
  /// of the two is given.
  public var trainSteps: Int? {
    switch (self.trainIters, self.trainSamples) {
    case (let steps?, nil): steps
    case (nil, let samples?): self.globalBatchSize.flatMap { $0 > 0 ? samples / $0 : nil }
    default: nil
    }
  }
}
