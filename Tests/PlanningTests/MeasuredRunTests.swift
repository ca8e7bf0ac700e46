import ConfigDocument
import Estimation
import Foundation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Validation

/// Memory and time of real runs (Fixtures/estimation/measured) against the estimates of their configs.
@Suite struct MeasuredRunTests {
  /// One run: a config with settings on top, and what was seen of it.
  struct Run: Sendable, CustomTestStringConvertible {
    let number: Int
    let fields: ConfigMapping

    var config: String { fields["config"].flatMap(String.init) ?? "" }
    var state: Double? { fields["state_gib"].flatMap(Double.init) }
    var peak: Double? { fields["peak_gib"].flatMap(Double.init) }
    var isOnTwoGPUs: Bool { config.hasPrefix("bridge-2-gpus") }
    /// Why the time is not met.
    var outside: String? { fields["outside"].flatMap(String.init) }
    var isPublished: Bool { config.hasPrefix("published") }
    var testDescription: String { "\(number): \(config)" }

    /// The fastest and the slowest that was seen.
    var seconds: ClosedRange<Double> {
      if case .list(let both)? = fields["seconds"] {
        let numbers = both.compactMap { Double($0) }
        return (numbers.min() ?? 0)...(numbers.max() ?? 0)
      }
      let seconds = fields["seconds"].flatMap(Double.init) ?? 0
      return seconds...seconds
    }
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/estimation/measured").path

  static let runs: [Run] = {
    let text = (try? String(contentsOfFile: folder + "/runs.json", encoding: .utf8)) ?? ""
    guard case .list(let rows)? = DocumentReader.read(text: text, name: "runs.json", format: .json).root?.plainValue
    else { return [] }
    return rows.enumerated().compactMap { number, row in
      guard case .mapping(let fields) = row else { return nil }
      return Run(number: number, fields: fields)
    }
  }()

  /// Runs of 671 billion parameters that others have published fit: their optimizers are in host memory.
  @Test(arguments: ["published-671b-96gpu.yaml", "published-671b-128gpu.yaml"])
  func publishedRunsFit(config: String) throws {
    let facts = try facts(Run(number: 0, fields: ["config": .string(config)]))
    #expect(facts.architecture.numLayers == 61)
    let memory = try #require(facts.memory())
    #expect(memory.worstTotal / gibibyte <= facts.config.cluster.gpuMemoryGiB)
    #expect((memory.worst?.host ?? 0) / gibibyte > 10)
    var onGPU = facts.config
    onGPU.optimizer.optimizerCPUOffload = false
    #expect(try #require(RunFacts(onGPU).memory()).worstTotal > memory.worstTotal)
  }

  private func facts(_ run: Run) throws -> RunFacts {
    var layer = Layer(name: "run")
    if case .mapping(let set)? = run.fields["set"] {
      for entry in set.entries {
        let parts = entry.key.split(separator: ".", maxSplits: 1).map(String.init)
        layer.assign(FieldPath(parts[0], parts[1]), entry.value, .program)
      }
    }
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { path in
      Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    let loaded = try loader.load(Self.folder + "/" + run.config)
    #expect(loaded.resolution.diagnostics.isEmpty)
    return RunFacts(.resolve(loaded.resolution.layers + [layer]))
  }

  /// - Parameter asBuilt: with the norm that megatron-core built in the runs that no exported launch started.
  private func estimate(_ run: Run, asBuilt: Bool = true) throws -> Estimate {
    let facts = try facts(run)
    var assumptions = facts.config.assumptions
    assumptions.normalizesWholeQuery = asBuilt && !run.isPublished && !run.config.hasPrefix("bridge")
    return try #require(facts.estimate(assumptions))
  }

  @Test func everyRunIsRead() { #expect(Self.runs.count == 34) }

  /// The peak within 3 %, and what a step has on top of what is there between steps within 5 % or 0.3 GiB: where the
  /// optimizer's step is the peak, nothing is.
  @Test(arguments: runs.filter { $0.peak != nil })
  func memory(run: Run) throws {
    let worst = try #require(try estimate(run).memory.worst)
    let peak = try #require(run.peak)
    let onTop = run.state.map { peak - $0 } ?? 0
    let estimated = (peak: worst.total / gibibyte, onTop: (worst.total - worst.betweenSteps) / gibibyte)
    #expect(abs(estimated.peak / peak - 1) <= 0.03, "\(estimated.peak) GiB for \(peak)")
    #expect(abs(estimated.onTop - onTop) <= max(0.05 * onTop, 0.3), "\(estimated.onTop) GiB for \(onTop)")
  }

  /// Within 15 % of the runs on one H200 (those of one config differ by 14 %, one launch on two machines by 31 %), within
  /// 25 % of those on two, which nothing was fitted to, within 35 % of published ones.
  @Test(arguments: runs.filter { $0.outside == nil })
  func time(run: Run) throws {
    let seconds = try estimate(run).timing.secondsPerStep
    let tolerance = run.isPublished ? 0.35 : run.isOnTwoGPUs ? 0.25 : 0.15
    #expect(seconds >= run.seconds.lowerBound * (1 - tolerance), "\(seconds) s for \(run.seconds)")
    #expect(seconds <= run.seconds.upperBound * (1 + tolerance), "\(seconds) s for \(run.seconds)")
  }

  /// A kind of support that estimates of times state, and the runs that it rests on.
  enum StatedTimes: CaseIterable {
    case measured, measuredOnTwo, published, assumed

    var range: ClosedRange<Double> {
      switch self {
      case .measured: Support.measuredTimes
      case .measuredOnTwo: Support.measuredTimesOfTwo
      case .published: Support.publishedTimes
      case .assumed: Support.assumedTimes
      }
    }

    func restsOn(_ run: Run) -> Bool {
      switch self {
      case .measured: !run.isPublished && !run.isOnTwoGPUs
      case .measuredOnTwo: run.isOnTwoGPUs
      case .published: run.isPublished && run.outside == nil
      case .assumed: run.isPublished
      }
    }
  }

  /// What estimates say of their own support is what these runs show: the least and the most of them, and nothing wider.
  @Test(arguments: StatedTimes.allCases)
  func supportOfTimes(of times: StatedTimes) throws {
    let stated = times.range
    let seen = try Self.runs.filter(times.restsOn).map { run in
      (run.seconds.lowerBound + run.seconds.upperBound) / 2 / (try estimate(run, asBuilt: false).timing.secondsPerStep)
    }
    let (least, most) = (try #require(seen.min()), try #require(seen.max()))
    #expect(stated.lowerBound <= least && stated.lowerBound > least - 0.02, "\(least)")
    #expect(stated.upperBound >= most && stated.upperBound < most + 0.05, "\(most)")
  }

  @Test func supportOfPeaks() throws {
    let seen = try Self.runs.filter { $0.peak != nil }.map { run in
      try #require(run.peak) / (try #require(try estimate(run, asBuilt: false).memory.worst).total / gibibyte)
    }
    let (least, most) = (try #require(seen.min()), try #require(seen.max()))
    #expect(Support.measuredMemory.lowerBound <= least && Support.measuredMemory.lowerBound > least - 0.01, "\(least)")
    #expect(Support.measuredMemory.upperBound >= most && Support.measuredMemory.upperBound < most + 0.01, "\(most)")
  }

  @Test func sizesThatDoNotMultiplyAreBeyondTheKnownRuns() {
    var config = LaunchConfig()
    config.train.microBatchSize = .max
    config.model.seqLength = .max
    let support = Support.time(config, worldSize: 1, Assumptions())
    #expect(support.beyond.contains { $0.hasSuffix("tokens a micro-batch") })
  }

  @Test(arguments: runs)
  func supportIsOfItsKind(run: Run) throws {
    let facts = try facts(run)
    let support = Support.time(facts.config, worldSize: facts.worldSize, facts.config.assumptions)
    #expect(support.origin == (run.isPublished ? (run.outside == nil ? .published : .assumed) : .measured))
    if run.outside != nil, run.isPublished { #expect(support.beyond == ["TP 2", "CP 2"]) }
  }
}
