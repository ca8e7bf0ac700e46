import ConfigDocument
import LaunchModel
import Releases
import Testing

@testable import Validation

/// What this package says that Megatron makes of a config, held against what it did make of it.
@Suite("Agreement with Megatron: what becomes of settings")
struct BehaviourAgreementTests {
  @Test("the learning rate's decay and warm-up are Megatron's", arguments: AgreementFixture.judged)
  func schedules(_ release: Release) {
    var compared = 0
    var differences: [String] = []
    for outcome in AgreementFixture[release].ofAccepted where !outcome.item.isHole && outcome.errors.isEmpty {
      let item = outcome.item
      guard let theirs = item.schedule, theirs.count == 2, let ours = outcome.schedule else { continue }
      compared += 1
      if Double(ours.decay) != theirs[0] || ours.warmup != theirs[1] {
        differences.append("\(item.id): Megatron \(theirs), here \(ours.decay), \(ours.warmup)")
      }
    }
    #expect(compared > 500)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test("the overlap settings in force are Megatron's", arguments: AgreementFixture.judged)
  func overlap(_ release: Release) {
    var compared = 0
    var differences: [String] = []
    for outcome in AgreementFixture[release].ofAccepted where !outcome.item.isHole && outcome.errors.isEmpty {
      let (item, effective) = (outcome.item, outcome.overlap)
      let ours: [String: ConfigValue] = [
        "model.overlap_p2p_comm": .bool(effective.overlapP2PComm),
        "model.batch_p2p_comm": .bool(effective.batchP2PComm),
        "model.tp_comm_overlap": .bool(effective.tpCommOverlap),
        "ddp.overlap_grad_reduce": .bool(effective.overlapGradReduce),
        "ddp.overlap_param_gather": .bool(effective.overlapParamGather),
        "ddp.align_param_gather": .bool(effective.alignParamGather),
        "ddp.use_distributed_optimizer": .bool(effective.useDistributedOptimizer),
        "ddp.bucket_size": effective.bucketSize.map { .int($0) } ?? .null,
      ]
      for (path, value) in ours {
        guard let theirs = item.replaced[path] else { continue }
        compared += 1
        if theirs != value { differences.append("\(item.id): \(path) is \(theirs) in Megatron, \(value) here") }
      }
    }
    #expect(compared > 500)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  /// A ramp-up's trajectory, step by step, as the calculator and the loop make it.
  @Test(arguments: [
    (values: [256, 256, 100_000], target: 2048), (values: [16, 8, 1000], target: 1024),
    (values: [8, 8, 5], target: 64),
    (values: [1024, 1024, 1], target: 2048), (values: [100, 50, 12_345], target: 1000),
  ])
  func rampUpCountsSamples(_ item: (values: [Int], target: Int)) throws {
    let ramp = try #require(BatchRampUp(item.values, target: item.target))
    var consumed = 0
    for step in 0..<200 {
      #expect(ramp.samples(inSteps: step) == consumed, "after \(step) steps")
      consumed += ramp.size(afterSamples: consumed)
    }
  }
}
