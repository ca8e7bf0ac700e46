import ConfigDocument
import LaunchModel

/// The schedule's lengths by unit, as far as they are given.
enum ScheduleFields {
  struct Length {
    let path: FieldPath
    let value: Int
    /// The field of the other unit; `nil` where Megatron does not compare them.
    let other: FieldPath?
    /// What the field holds when it says nothing.
    let resets: ConfigValue
  }

  static func inSteps(_ scheduler: Section<SchedulerFields>) -> [Length] {
    var result: [Length] = []
    if let value = scheduler.lrDecayIters {
      result.append(
        Length(path: Path.scheduler.lrDecayIters, value: value, other: Path.scheduler.lrDecaySamples, resets: .null))
    }
    if scheduler.lrWarmupIters != 0 {
      result.append(
        Length(
          path: Path.scheduler.lrWarmupIters, value: scheduler.lrWarmupIters, other: Path.scheduler.lrWarmupSamples,
          resets: 0))
    }
    if let value = scheduler.lrWSDDecayIters {
      result.append(Length(path: Path.scheduler.lrWSDDecayIters, value: value, other: nil, resets: .null))
    }
    return result
  }

  static func inSamples(_ scheduler: Section<SchedulerFields>) -> [Length] {
    var result: [Length] = []
    if let value = scheduler.lrDecaySamples {
      result.append(
        Length(path: Path.scheduler.lrDecaySamples, value: value, other: Path.scheduler.lrDecayIters, resets: .null))
    }
    if scheduler.lrWarmupSamples != 0 {
      result.append(
        Length(
          path: Path.scheduler.lrWarmupSamples, value: scheduler.lrWarmupSamples, other: Path.scheduler.lrWarmupIters,
          resets: 0))
    }
    if let value = scheduler.lrWSDDecaySamples {
      result.append(Length(path: Path.scheduler.lrWSDDecaySamples, value: value, other: nil, resets: .null))
    }
    return result
  }
}
