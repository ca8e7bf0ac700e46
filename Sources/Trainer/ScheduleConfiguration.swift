package import LaunchModel
package import Training

extension ScheduleSettings {
  /// The schedule of a config, counted in samples. `nil` without a peak learning rate.
  package init?(_ config: LaunchConfig, _ steps: ScheduleSteps) {
    let (optimizer, scheduler) = (config.optimizer, config.scheduler)
    guard let peak = optimizer.lr, let style = DecayStyle(rawValue: scheduler.lrDecayStyle.rawValue),
      let annealing = WSDDecayStyle(rawValue: scheduler.lrWSDDecayStyle.rawValue),
      let increase = WeightDecayStyle(rawValue: scheduler.weightDecayIncrStyle.rawValue)
    else { return nil }
    self.init(
      maxLearningRate: peak, minLearningRate: optimizer.minLR ?? 0, initialLearningRate: scheduler.lrWarmupInit,
      warmupSteps: Int(steps.warmup), decaySteps: steps.decay, decayStyle: style,
      wsdDecaySteps: steps.annealing ?? 0, wsdDecayStyle: annealing,
      startWeightDecay: scheduler.startWeightDecay ?? optimizer.weightDecay,
      endWeightDecay: scheduler.endWeightDecay ?? optimizer.weightDecay,
      weightDecaySteps: steps.weightDecayIncrease, weightDecayStyle: increase)
  }
}
