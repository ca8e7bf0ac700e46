/// How the learning rate and the weight decay move.
public final class SchedulerFields: SectionFields {
  public static let fields = SchedulerFields()
  public static let schema = SectionSchema(
    "scheduler", of: fields, "How the learning rate and the weight decay move.")

  public let lrDecayStyle = Field<LearningRateDecayStyle>(
    "lr_decay_style", default: .linear, aliases: ["lr_scheduler_type"], "Shape of the decay.")
  public let lrWarmupInit = Field<Double>(
    "lr_warmup_init", default: 0, in: .nonNegative, "Learning rate of the first step.")
  public let lrWarmupIters = Field<Int>(
    "lr_warmup_iters", default: 0, in: .count, aliases: ["lr_warmup_steps", "warmup_steps", "warmup_iters"],
    "Steps until the learning rate is at its peak.")
  public let lrWarmupSamples = Field<Int>(
    "lr_warmup_samples", default: 0, in: .samples, "The same in samples.")
  public let lrWarmupFraction = Field<Double?>(
    "lr_warmup_fraction", default: nil, in: .nonNegative, aliases: ["warmup_ratio"],
    "The same as a share of the decay.")
  public let lrDecayIters = Field<Int?>(
    "lr_decay_iters", default: nil, in: .size, aliases: ["lr_decay_steps"],
    "Steps until the learning rate is at `min_lr`; `null` takes `train_iters`.")
  public let lrDecaySamples = Field<Int?>(
    "lr_decay_samples", default: nil, in: .samples, "The same in samples.")
  public let lrWSDDecayStyle = Field<AnnealingStyle>(
    "lr_wsd_decay_style", default: .exponential, "Shape of the last phase of `WSD`.")
  public let lrWSDDecayIters = Field<Int?>(
    "lr_wsd_decay_iters", default: nil, in: .count, "Steps of the last phase of `WSD`.")
  public let lrWSDDecaySamples = Field<Int?>(
    "lr_wsd_decay_samples", default: nil, in: .samples, "The same in samples.")
  public let startWeightDecay = Field<Double?>(
    "start_weight_decay", default: nil, in: .nonNegative, "Weight decay of the first step.")
  public let endWeightDecay = Field<Double?>(
    "end_weight_decay", default: nil, in: .nonNegative, "Weight decay of the last step.")
  public let weightDecayIncrStyle = Field<WeightDecayIncrement>(
    "weight_decay_incr_style", default: .constant, "Path between the two.")
  public let useCheckpointOptParamScheduler = Field<Bool>(
    "use_checkpoint_opt_param_scheduler", default: false, "On resuming, the checkpoint's schedule wins.")
  public let overrideOptParamScheduler = Field<Bool>(
    "override_opt_param_scheduler", default: false, "On resuming, this file's schedule wins.")
}
