import Foundation
import Testing

@testable import Training

/// Against megatron-core's OptimizerParamScheduler, step by step, the first included.
@Suite struct LearningRateScheduleTests {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Settings: Decodable {
      var initLr, maxLr, minLr: Double
      var lrWarmupSteps, lrDecaySteps: Int
      var lrDecayStyle: String
      var startWd, endWd: Double
      var wdIncrSteps: Int
      var wdIncrStyle: String
      var wsdDecaySteps: Int?
      var lrWsdDecayStyle: String?
    }

    var settings: Settings
    /// Learning rate and weight decay of each step.
    var values: [[Double]]

    var testDescription: String {
      "\(settings.lrDecayStyle) \(settings.lrWsdDecayStyle ?? "") after \(settings.lrWarmupSteps) steps of warm-up"
    }
  }

  static func cases() throws -> [Case] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      [Case].self, from: Data(contentsOf: EngineFixture.directory.appending(path: "schedules.json")))
  }

  @Test("rates and decays are Megatron's", arguments: try cases())
  func agrees(example: Case) throws {
    let s = example.settings
    let schedule = LearningRateSchedule(
      ScheduleSettings(
        maxLearningRate: s.maxLr, minLearningRate: s.minLr, initialLearningRate: s.initLr,
        warmupSteps: s.lrWarmupSteps, decaySteps: s.lrDecaySteps,
        decayStyle: try #require(.init(rawValue: s.lrDecayStyle)), wsdDecaySteps: s.wsdDecaySteps ?? 0,
        wsdDecayStyle: try #require(.init(rawValue: s.lrWsdDecayStyle ?? "linear")), startWeightDecay: s.startWd,
        endWeightDecay: s.endWd, weightDecaySteps: s.wdIncrSteps,
        weightDecayStyle: try #require(.init(rawValue: s.wdIncrStyle))))
    for (step, expected) in example.values.enumerated() {
      #expect(abs(schedule.learningRate(step) - expected[0]) <= 1e-15)
      #expect(abs(schedule.weightDecay(step) - expected[1]) <= 1e-15)
    }
  }
}
