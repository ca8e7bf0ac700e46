import Testing

@testable import Validation

/// What this package says of a config is what the real Megatron-Core 0.16.1 and Megatron-Bridge 0.3.1 do with it.
@Suite("Agreement with Megatron, case by case")
struct MegatronAgreementTests {
  @Test("the recorded cases are there")
  func casesAreThere() {
    #expect(AgreementFixture.cases.count >= 1000)
    #expect(AgreementFixture.bases.count == 6)
  }

  @Test("a config is accepted here exactly where Megatron starts with it")
  func verdicts() throws {
    var disagreements: [String: [String]] = [:]
    for item in AgreementFixture.cases {
      let errors = try item.outcome().errors
      guard errors.isEmpty != item.isAccepted, !(item.isHole && item.isAccepted) else { continue }
      let changes = item.changes.map { "\($0.path)=\($0.value)" }.joined(separator: " ")
      let said = item.isAccepted ? "Megatron accepts; here \(errors.joined(separator: "; "))" : "Megatron refuses (\(item.refusal)); nothing here"
      disagreements[item.family, default: []].append("\(item.id) on \(item.base): \(said)\n    \(changes)")
    }
    let count = disagreements.values.reduce(0) { $0 + $1.count }
    let shown = disagreements.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n")
    #expect(count == 0, "\(count) of \(AgreementFixture.cases.count) verdicts differ:\n\(shown)")
  }

  @Test("sizes, micro-batches, vocabulary and stages are Megatron's")
  func derivedValues() throws {
    var disagreements: [String] = []
    for item in AgreementFixture.cases where !item.isHole {
      guard let theirs = item.derived else { continue }
      let ours = try item.outcome().derived
      guard ours != theirs else { continue }
      let changes = item.changes.map { "\($0.path)=\($0.value)" }.joined(separator: " ")
      disagreements.append("\(item.id) on \(item.base): Megatron \(theirs), here \(ours)\n    \(changes)")
    }
    #expect(disagreements.isEmpty, "\(disagreements.count) derivations differ:\n\(disagreements.joined(separator: "\n"))")
  }
}
