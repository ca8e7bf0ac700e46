/// A global batch that grows while the run goes on: Megatron's `rampup_batch_size`.
///
/// Source: megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
public struct BatchRampUp: Hashable, Sendable {
  /// Sequences of the first step.
  public let start: Int
  public let increment: Int
  /// Samples over which the batch grows.
  public let samples: Int
  /// The batch in the end: `global_batch_size`.
  public let target: Int
  /// How often it grows.
  public let steps: Int

  /// - Returns: `nil` where Megatron would not make this ramp-up: other than three numbers, nothing to grow by, a start
  ///   that no whole number of increments leads from to the target, or nothing to grow over.
  public init?(_ values: [Int], target: Int) {
    guard values.count == 3, values[0] > 0, values[1] > 0, values[2] > 0, target > values[0],
      (target - values[0]) % values[1] == 0
    else { return nil }
    (start, increment, samples) = (values[0], values[1], values[2])
    self.target = target
    steps = (target - values[0]) / values[1]
  }

  /// The global batch once so many samples have been trained on.
  public func size(afterSamples consumed: Int) -> Int {
    guard consumed <= samples else { return target }
    return start + min(Int(Double(consumed) / (Double(samples) / Double(steps))), steps) * increment
  }

  /// The first size, in order, that is not a multiple of a replica's share; `nil` where all are.
  ///
  /// A ramp-up over fewer samples than it has increments skips sizes; then only those that occur count.
  public func firstSize(notMultipleOf share: Int) -> Int? {
    guard share > 0, start % share == 0 else { return start }
    guard increment % share != 0 else { return nil }
    guard samples < steps else { return start + increment }
    for consumed in 1...min(samples, 100_000) {
      let size = size(afterSamples: consumed)
      if size % share != 0 { return size }
    }
    return nil
  }
}

extension LaunchConfig {
  /// Whether every step has the whole batch: no ramp-up is written, or the release passes over it.
  public var isWithoutRampUp: Bool { train.rampupBatchSize == nil || release.rampUp == .ignored }

  /// The ramp-up, if one is written and well formed, and the release grows the batch.
  public var batchRampUp: BatchRampUp? {
    guard release.rampUp == .applied, let values = train.rampupBatchSize, let target = train.globalBatchSize else {
      return nil
    }
    return BatchRampUp(values, target: target)
  }
}

extension BatchRampUp {
  /// Samples that so many steps take, from the first on.
  public func samples(inSteps steps: Int) -> Int {
    var (consumed, left) = (0, steps)
    // Whole stretches of one size at a time: two turns take each.
    for _ in 0...min(2 * min(self.steps, 1 << 20) + 2, 1 << 20) where left > 0 && consumed <= samples {
      let size = size(afterSamples: consumed)
      var count = 1
      let stretch = Int(Double(samples) / Double(self.steps))
      if stretch > size {
        // Stays below the end of the stretch; the loop takes the last steps one by one.
        let end = Int(Double((size - start) / increment + 1) * Double(samples) / Double(self.steps))
        count = max((min(end, samples) - consumed) / size, 1)
      }
      count = min(count, left)
      consumed += count * size
      left -= count
    }
    let (rest, overflow) = left.multipliedReportingOverflow(by: target)
    return overflow ? Int.max : consumed.addingReportingOverflow(rest).overflow ? Int.max : consumed + rest
  }
}
