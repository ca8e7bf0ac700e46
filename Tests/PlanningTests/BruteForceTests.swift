import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing
import Topology
import Validation

@testable import Planning

/// The planner against plain loops that put every choice through all rules, on cases small enough for that.
@Suite struct BruteForceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let worldSize: Int
    var gpusPerNode = 8
    var memoryGiB = 80.0
    var marginGiB = 2.4
    let base: LaunchConfig

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "4 GPUs", worldSize: 4, base: PlanBases.small()),
    Case(
      name: "4 GPUs that hold half of the choices", worldSize: 4, memoryGiB: 6.716, marginGiB: 0.5,
      base: PlanBases.small()),
    Case(name: "6 GPUs", worldSize: 6, base: PlanBases.small(layers: 3, globalBatch: 6)),
    Case(name: "8 GPUs in nodes of 4", worldSize: 8, gpusPerNode: 4, base: PlanBases.small(layers: 5, globalBatch: 4)),
    Case(
      name: "16 GPUs, replicas last", worldSize: 16,
      base: PlanBases.small(layers: 2, globalBatch: 2, [(Path.dist.useTPPPDPMapping, true)])),
    Case(
      name: "8 GPUs, dense", worldSize: 8,
      base: PlanBases.small(
        globalBatch: 4,
        [
          (Path.model.numMoEExperts, .null), (Path.model.moeFFNHiddenSize, .null),
          (Path.model.moeRouterGroupTopK, .null), (Path.model.moeRouterNumGroups, .null),
          (Path.model.moeSharedExpertIntermediateSize, .null), (Path.model.moeSharedExpertOverlap, false),
        ])),
    Case(
      name: "4 GPUs, flexible dispatcher", worldSize: 4,
      base: PlanBases.small(
        [(Path.model.moeTokenDispatcherType, "flex"), (Path.model.moeSharedExpertOverlap, false)])),
    Case(
      name: "4 GPUs, adapters", worldSize: 4,
      base: PlanBases.base(
        .moonlightTinyFinetune, peft: .lora,
        [(Path.train.globalBatchSize, 4), (Path.checkpoint.pretrainedCheckpoint, "/weights")])),
    Case(name: "7 GPUs", worldSize: 7, base: PlanBases.small(layers: 7, globalBatch: 8)),
  ]

  @Test(arguments: cases)
  func searchFindsWhatBruteForceFinds(item: Case) throws {
    let request = PlanRequest(
      base: item.base, worldSize: item.worldSize, gpusPerNode: item.gpusPerNode, gpuMemoryGiB: item.memoryGiB,
      marginGiB: item.marginGiB)
    var planner = try #require(Planner(request, limit: 100_000))
    let errors = planner.baseErrors.map(\.message)
    #expect(errors == [])
    let result = planner.search()
    let expected = try Self.bruteForce(request)

    #expect(!expected.fitting.isEmpty)
    #expect(result.legal == expected.legal)
    #expect(result.fitting == expected.fitting.count)
    let found = Set(result.rows.map(\.choice))
    #expect(found.count == result.rows.count)
    let wanted = Set(expected.fitting.map(\.choice))
    #expect(wanted.subtracting(found).map(\.description) == [])
    #expect(found.subtracting(wanted).map(\.description) == [])

    // Each alone has the same price, and they come in its order.
    let prices = Dictionary(uniqueKeysWithValues: expected.fitting.map { ($0.choice, $0) })
    for row in result.rows {
      guard let price = prices[row.choice] else { continue }
      #expect(abs(row.time.total - price.seconds) <= 1e-9 * price.seconds, "\(row.choice.description)")
      #expect(abs(row.memoryGiB - price.gibibytes) <= 1e-9 * price.gibibytes, "\(row.choice.description)")
    }
    #expect(result.rows.isInOrder)
    #expect(result.rows.map(\.rank) == Array(1...result.rows.count))

    // Every choice is legal or fell by one rule; those too large fell by the memory.
    let fallen = result.rejections.reduce(0) { $0 + ($1.code == "MEM-01" ? 0 : $1.count) }
    #expect(result.legal + fallen == result.considered)
    #expect(result.legal - result.fitting == result.rejections.first { $0.code == "MEM-01" }?.count ?? 0)
  }

  struct Price: Sendable {
    let choice: PlanChoice
    let seconds: Double
    let gibibytes: Double
  }

  /// What all rules and models say of a choice by itself.
  private enum Verdict: Sendable {
    case illegal, tooLarge
    case fits(Price)
  }

  /// All rules on every config.
  static func bruteForce(_ request: PlanRequest) throws -> (legal: Int, fitting: [Price]) {
    let prices = try #require(PlanPrices(request))
    let verdicts = try choices(request).concurrentMap { choice, layout in
      Result { try verdict(on: choice, layout: layout, request, prices) }
    }
    var legal = 0
    var fitting: [Price] = []
    for verdict in verdicts {
      switch try verdict.get() {
      case .illegal: break
      case .tooLarge: legal += 1
      case .fits(let price):
        legal += 1
        fitting.append(price)
      }
    }
    return (legal, fitting)
  }

  /// - Parameter prices: of the request, as `StepTime(of:_:)` makes them for one config.
  private static func verdict(
    on choice: PlanChoice, layout: String?, _ request: PlanRequest, _ prices: PlanPrices
  ) throws -> Verdict {
    let run = RunFacts(choice.config(request, layout: layout))
    guard Validator.firstError(run) == nil else { return .illegal }
    let memory = try #require(run.memory(request.assumptions)).worstTotal / gibibyte
    guard memory <= request.usableGiB else { return .tooLarge }
    let time = try #require(prices.row(of: run, memory: memory)).time
    return .fits(Price(choice: choice, seconds: time.total, gibibytes: memory))
  }

  /// Divisors for every size, one loop inside the other.
  private static func choices(_ request: PlanRequest) throws -> [(choice: PlanChoice, layout: String?)] {
    let sizes = (1...request.worldSize).filter { request.worldSize % $0 == 0 }
    let batch = request.base.train.globalBatchSize ?? 1
    let layers = request.base.model.numLayers
    let hasExperts = request.base.model.numMoEExperts != nil
    var choices: [(choice: PlanChoice, layout: String?)] = []
    for pipeline in sizes where pipeline <= layers {
      for chunks in 1...max(layers / pipeline, 1) where pipeline > 1 || chunks == 1 {
        let layout = try layout(request.base, pipeline, chunks)
        for tensor in sizes {
          for context in sizes where request.worldSize % (tensor * context * pipeline) == 0 {
            for expert in hasExperts ? sizes : [1] {
              for expertTensor in hasExperts ? sizes : [1]
              where request.worldSize % (expert * expertTensor * pipeline) == 0 {
                for micro in 1...batch where batch % micro == 0 {
                  for recompute in RecomputeChoice.searched {
                    let choice = PlanChoice(
                      tensor: tensor, pipeline: pipeline, virtualPipeline: chunks > 1 ? chunks : nil, context: context,
                      expert: expert, expertTensor: expertTensor, microBatchSize: micro, recompute: recompute)
                    choices.append((choice, layout))
                  }
                }
              }
            }
          }
        }
      }
    }
    return choices
  }

  private static func layout(_ base: LaunchConfig, _ pipeline: Int, _ chunks: Int) throws -> String? {
    guard pipeline > 1 else { return nil }
    var config = base
    config.parallelism.pipelineModelParallelSize = pipeline
    config.parallelism.virtualPipelineModelParallelSize = chunks > 1 ? chunks : nil
    return try config.balancedLayout()?.layout.megatronString
  }
}
