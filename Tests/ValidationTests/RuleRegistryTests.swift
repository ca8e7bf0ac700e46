import Diagnostics
import Foundation
import LaunchModel
import Releases
import Testing

@testable import Validation

@Suite("The registry of rules")
struct RuleRegistryTests {
  @Test("every rule has a code of its own")
  func codesAreUnique() {
    let codes = RuleRegistry.rules.map { $0.code.rawValue }
    #expect(Set(codes).count == codes.count)
  }

  @Test("codes are a family and two digits, titles begin small and end without a stop")
  func namesAreRegular() {
    for rule in RuleRegistry.rules {
      let parts = rule.code.rawValue.split(separator: "-")
      #expect(parts.count == 2 && parts[1].count == 2 && parts[0].allSatisfy(\.isUppercase), "\(rule.code)")
      #expect(!rule.title.isEmpty && rule.title.last != ".", "\(rule.code) \(rule.title)")
    }
  }

  @Test("the reference holds the rules and no others, in the same order")
  func referenceIsOfTheseRules() {
    #expect(ruleReferenceTable.map(\.code) == RuleRegistry.rules.map { $0.code.rawValue })
    #expect(ruleReferenceTable.map(\.title) == RuleRegistry.rules.map { $0.title })
  }

  @Test("every rule has a case in the tables of Tests/ValidationTests/Rules")
  func rulesAreTested() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rules")
    let tables = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    for rule in RuleRegistry.rules {
      #expect(tables.contains("\"\(rule.code.rawValue)\""), "\(rule.code): \(rule.title)")
    }
  }

  @Test("a rule speaks only of releases in which it holds")
  func rulesHoldInReleases() throws {
    for release in Release.all {
      let holding = RuleRegistry.holding([HoldsNowhere.self, HoldsEverywhere.self], in: release)
      #expect(holding.map { $0.code } == ["TEST-02"])
      #expect(
        RuleRegistry.rules(in: release).map { $0.code }
          == RuleRegistry.rules.filter { $0.releases.contains(release) }.map { $0.code })
    }
  }

  private enum HoldsNowhere: Rule {
    static let code: DiagnosticCode = "TEST-01"
    static let title = "of no release"
    static let errorsDependOn: PlanAspects = []
    static let releases = ReleaseSet.where { _ in false }

    static func check(_ run: RunFacts, _ report: inout Report) { report.error(at: Path.train.trainIters, "wrong") }
  }

  private enum HoldsEverywhere: Rule {
    static let code: DiagnosticCode = "TEST-02"
    static let title = "of every release"
    static let errorsDependOn: PlanAspects = []

    static func check(_ run: RunFacts, _ report: inout Report) { report.error(at: Path.train.trainIters, "wrong") }
  }
}
