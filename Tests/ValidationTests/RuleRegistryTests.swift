import Foundation
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
}
