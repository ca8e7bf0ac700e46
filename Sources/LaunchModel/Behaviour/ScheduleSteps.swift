#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The lengths of the schedules, as Megatron-Bridge hands them to Megatron's `OptimizerParamScheduler`: in samples,
/// since the scheduler is advanced by a global batch each step.
///
/// Source: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer._calculate_scheduler_steps`; 0.6.2 for `max_steps`.
public struct ScheduleSteps: Hashable, Sendable {
  /// Until the learning rate is at `min_lr`.
  public let decay: Int
  /// Until it is at its peak, after capping; a share of the decay need not be whole.
  public let warmup: Double
  /// What the warm-up was before it was capped to `decay - 1`.
  public let writtenWarmup: Double
  /// Until the weight decay is at its end value.
  public let weightDecayIncrease: Int
  /// The last phase of `WSD`; `nil` where it is not given.
  public let annealing: Int?
  /// Samples of one step; the unit of the fields that count steps.
  public let samplesPerStep: Int

  /// - Returns: `nil` where the length of the run or the global batch is not given, or where both lengths are.
  public init?(_ config: borrowing LaunchConfig) {
    let (train, scheduler) = (config.train, config.scheduler)
    guard let batch = train.globalBatchSize else { return nil }
    func samples(_ steps: Int) -> Int? {
      let (samples, overflow) = steps.multipliedReportingOverflow(by: batch)
      return overflow ? nil : samples
    }
    let plainWarmup: Int?
    switch (train.trainIters, train.trainSamples) {
    case (let iterations?, nil):
      // A part of a longer run has that run's schedule.
      let longer = scheduler.carried("max_steps").flatMap(Int.init)
      guard let decay = samples(longer ?? scheduler.lrDecayIters ?? iterations),
        let whole = samples(longer ?? iterations)
      else {
        return nil
      }
      self.decay = decay
      weightDecayIncrease = whole
      annealing = scheduler.lrWSDDecayIters.flatMap(samples)
      plainWarmup = samples(scheduler.lrWarmupIters)
    case (nil, let whole?):
      decay = scheduler.lrDecaySamples ?? whole
      weightDecayIncrease = whole
      annealing = scheduler.lrWSDDecaySamples
      plainWarmup = scheduler.lrWarmupSamples
    default: return nil
    }
    guard let plainWarmup else { return nil }
    samplesPerStep = batch
    var written = Double(plainWarmup)
    if let fraction = scheduler.lrWarmupFraction { written = fraction * Double(decay) }
    writtenWarmup = written
    warmup = written >= Double(decay) ? Double(decay) - 1 : written
  }

  /// Whether the warm-up was longer than the decay, and so cut.
  public var isWarmupCapped: Bool { writtenWarmup > warmup }

  /// What is left of the way from the peak to `min_lr` after so many samples, 1 to 0; `nil` within the warm-up, and for
  /// the styles that do not fall to `min_lr` at the end of the decay.
  ///
  /// Source: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `get_lr`.
  package func shareOfPeak(after samples: Int, _ style: LearningRateDecayStyle) -> Double? {
    let whole = Double(decay) - warmup
    guard whole > 0, Double(samples) > warmup else { return nil }
    let done = min((Double(samples) - warmup) / whole, 1)
    switch style {
    case .linear: return 1 - done
    case .cosine: return 0.5 * (1 + cos(.pi * done))
    case .constant, .inverseSquareRoot, .warmupStableDecay: return nil
    }
  }
}
