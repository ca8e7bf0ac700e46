/// How the learning rate and the weight decay move.
public struct SchedulerFields: SectionFields {
  public static let fields = SchedulerFields()
  public static let schema = SectionSchema(
    "scheduler", fields.declarations, "How the learning rate and the weight decay move.")
  let declarations: [FieldDeclaration]

  public let lrDecayStyle: Field<LearningRateDecayStyle>
  public let lrWarmupInit: Field<Double>
  public let lrWarmupIters: Field<Int>
  public let lrWarmupSamples: Field<Int>
  public let lrWarmupFraction: Field<Double?>
  public let lrDecayIters: Field<Int?>
  public let lrDecaySamples: Field<Int?>
  public let lrWSDDecayStyle: Field<AnnealingStyle>
  public let lrWSDDecayIters: Field<Int?>
  public let lrWSDDecaySamples: Field<Int?>
  public let startWeightDecay: Field<Double?>
  public let endWeightDecay: Field<Double?>
  public let weightDecayIncrStyle: Field<WeightDecayIncrement>
  public let useCheckpointOptParamScheduler: Field<Bool>
  public let overrideOptParamScheduler: Field<Bool>

  private init() {
    var list = FieldList()
    lrDecayStyle = list.add("lr_decay_style", default: .linear, aliases: ["lr_scheduler_type"], "Shape of the decay.")
    lrWarmupInit = list.add("lr_warmup_init", default: 0, in: .nonNegative, "Learning rate of the first step.")
    lrWarmupIters = list.add(
      "lr_warmup_iters", default: 0, in: .count, aliases: ["lr_warmup_steps", "warmup_steps", "warmup_iters"],
      "Steps until the learning rate is at its peak.")
    lrWarmupSamples = list.add("lr_warmup_samples", default: 0, in: .samples, "The same in samples.")
    lrWarmupFraction = list.add(
      "lr_warmup_fraction", default: nil, in: .nonNegative, aliases: ["warmup_ratio"],
      "The same as a share of the decay.")
    lrDecayIters = list.add(
      "lr_decay_iters", default: nil, in: .size, aliases: ["lr_decay_steps"],
      "Steps until the learning rate is at `min_lr`; `null` takes `train_iters`.")
    lrDecaySamples = list.add("lr_decay_samples", default: nil, in: .samples, "The same in samples.")
    lrWSDDecayStyle = list.add("lr_wsd_decay_style", default: .exponential, "Shape of the last phase of `WSD`.")
    lrWSDDecayIters = list.add("lr_wsd_decay_iters", default: nil, in: .count, "Steps of the last phase of `WSD`.")
    lrWSDDecaySamples = list.add("lr_wsd_decay_samples", default: nil, in: .samples, "The same in samples.")
    startWeightDecay = list.add("start_weight_decay", default: nil, in: .nonNegative, "Weight decay of the first step.")
    endWeightDecay = list.add("end_weight_decay", default: nil, in: .nonNegative, "Weight decay of the last step.")
    weightDecayIncrStyle = list.add("weight_decay_incr_style", default: .constant, "Path between the two.")
    useCheckpointOptParamScheduler = list.add(
      "use_checkpoint_opt_param_scheduler", default: false, "On resuming, the checkpoint's schedule wins.")
    overrideOptParamScheduler = list.add(
      "override_opt_param_scheduler", default: false, "On resuming, this file's schedule wins.")
    declarations = list.declarations
  }
}
