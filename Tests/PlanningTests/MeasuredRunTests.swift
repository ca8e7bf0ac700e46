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

  private func estimate(_ run: Run) throws -> Estimate {
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
    let facts = RunFacts(.resolve(loaded.resolution.layers + [layer]))
    var assumptions = facts.config.assumptions
    assumptions.normalizesWholeQuery = !run.isPublished
    return try #require(facts.estimate(assumptions))
  }

  @Test func everyRunIsRead() { #expect(Self.runs.count == 21) }

  /// The peak within 3 %, and what a step has on top of what is there between steps within 5 % or 0.3 GiB.
  @Test(arguments: runs.filter { $0.peak != nil })
  func memory(run: Run) throws {
    let worst = try #require(try estimate(run).memory.worst)
    let peak = try #require(run.peak)
    let onTop = peak - (try #require(run.state))
    let estimated = (peak: worst.total / gibibyte, onTop: (worst.total - worst.betweenSteps) / gibibyte)
    #expect(abs(estimated.peak / peak - 1) <= 0.03, "\(estimated.peak) GiB for \(peak)")
    #expect(abs(estimated.onTop - onTop) <= max(0.05 * onTop, 0.3), "\(estimated.onTop) GiB for \(onTop)")
  }

  /// Within 17 % of the runs on one H200 (those of one config differ by 14 %), within 37 % of published ones.
  @Test(arguments: runs.filter { $0.outside == nil })
  func time(run: Run) throws {
    let seconds = try estimate(run).timing.secondsPerStep
    let tolerance = run.isPublished ? 0.37 : 0.17
    #expect(seconds >= run.seconds.lowerBound * (1 - tolerance), "\(seconds) s for \(run.seconds)")
    #expect(seconds <= run.seconds.upperBound * (1 + tolerance), "\(seconds) s for \(run.seconds)")
  }
}
