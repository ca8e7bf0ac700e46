#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Megatron-Core's `OptimizerParamScheduler` (0.16.1): learning rate and weight decay as functions of what was done
/// before a step. Steps may be iterations or, as Megatron counts them, samples; all counts are in the same unit.
package struct ScheduleSettings: Sendable, Equatable {
  package enum DecayStyle: String, Sendable, CaseIterable {
    case constant
    case linear
    case cosine
    case inverseSquareRoot = "inverse-square-root"
    case wsd = "WSD"
  }

  package enum WSDDecayStyle: String, Sendable, CaseIterable {
    case linear
    case cosine
    case exponential
    case minusSqrt = "minus_sqrt"
  }

  package enum WeightDecayStyle: String, Sendable, CaseIterable {
    case constant
    case linear
    case cosine
  }

  package var maxLearningRate: Double
  package var minLearningRate: Double
  /// `lr_warmup_init`
  package var initialLearningRate: Double
  package var warmupSteps: Int
  package var decaySteps: Int
  package var decayStyle: DecayStyle
  package var wsdDecaySteps: Int
  package var wsdDecayStyle: WSDDecayStyle
  package var startWeightDecay: Double
  package var endWeightDecay: Double
  package var weightDecaySteps: Int
  package var weightDecayStyle: WeightDecayStyle

  package init(
    maxLearningRate: Double, minLearningRate: Double = 0, initialLearningRate: Double = 0, warmupSteps: Int = 0,
    decaySteps: Int, decayStyle: DecayStyle, wsdDecaySteps: Int = 0, wsdDecayStyle: WSDDecayStyle = .exponential,
    startWeightDecay: Double = 0, endWeightDecay: Double = 0, weightDecaySteps: Int = 1,
    weightDecayStyle: WeightDecayStyle = .constant
  ) {
    self.maxLearningRate = maxLearningRate
    self.minLearningRate = minLearningRate
    self.initialLearningRate = initialLearningRate
    self.warmupSteps = warmupSteps
    self.decaySteps = decaySteps
    self.decayStyle = decayStyle
    self.wsdDecaySteps = wsdDecaySteps
    self.wsdDecayStyle = wsdDecayStyle
    self.startWeightDecay = startWeightDecay
    self.endWeightDecay = endWeightDecay
    self.weightDecaySteps = weightDecaySteps
    self.weightDecayStyle = weightDecayStyle
  }
}

/// The values of a schedule. It has no state: a resumed run asks for the step it is at.
package struct LearningRateSchedule: Sendable, Equatable {
  package let settings: ScheduleSettings

  package init(_ settings: ScheduleSettings) { self.settings = settings }

  /// The learning rate of the step before which `done` steps were made: the first step's is `learningRate(0)`.
  package func learningRate(_ done: Int) -> Double {
    let s = settings
    let step = max(done, 0)
    if s.warmupSteps > 0, step <= s.warmupSteps {
      return s.initialLearningRate
        + (s.maxLearningRate - s.initialLearningRate) * Double(step) / Double(s.warmupSteps)
    }
    if s.decayStyle == .constant { return s.maxLearningRate }
    if step > s.decaySteps { return s.minLearningRate }
    if s.decayStyle == .inverseSquareRoot {
      let rate = s.maxLearningRate * Double(max(s.warmupSteps, 1)).squareRoot() / Double(max(step, 1)).squareRoot()
      return max(s.minLearningRate, rate)
    }
    return s.minLearningRate + coefficient(step) * (s.maxLearningRate - s.minLearningRate)
  }

  private func coefficient(_ step: Int) -> Double {
    let s = settings
    // Megatron demands decay steps > warm-up steps; equal ones would divide by zero.
    let ratio = Double(step - s.warmupSteps) / Double(max(s.decaySteps - s.warmupSteps, 1))
    switch s.decayStyle {
    case .constant, .inverseSquareRoot: return 1
    case .linear: return 1 - ratio
    case .cosine: return 0.5 * (cos(.pi * ratio) + 1)
    case .wsd:
      let start = s.decaySteps - s.wsdDecaySteps
      guard step > start else { return 1 }
      let ratio = Double(step - start) / Double(s.wsdDecaySteps)
      switch s.wsdDecayStyle {
      case .linear: return 1 - ratio
      case .cosine: return 0.5 * (cos(.pi * ratio) + 1)
      case .exponential: return 2 * pow(0.5, ratio) - 1
      case .minusSqrt: return 1 - ratio.squareRoot()
      }
    }
  }

  /// The weight decay of the step before which `done` steps were made.
  package func weightDecay(_ done: Int) -> Double {
    let s = settings
    let step = max(done, 0)
    guard step <= s.weightDecaySteps, s.weightDecayStyle != .constant else { return s.endWeightDecay }
    let ratio = Double(step) / Double(max(s.weightDecaySteps, 1))
    let coefficient = s.weightDecayStyle == .linear ? ratio : 0.5 * (cos(.pi * (1 - ratio)) + 1)
    return s.startWeightDecay + coefficient * (s.endWeightDecay - s.startWeightDecay)
  }
}
