import Diagnostics
import Testing

@testable import Validation

/// What is said of a ConfigContainer's file is what Megatron-Bridge 0.3.1 does with it.
@Suite("Agreement on Megatron-Bridge's own files")
struct BridgeAgreementTests {
  /// As for launch configs: reading is stricter in form, and some things no check of a file can know.
  private static let stricterInForm = [
    "train.rampup_batch_size", "model.recompute_method", "model.recompute_modules", "scheduler.lr_warmup_fraction",
    "train.train_iters", "optimizer.exp_avg_dtype", "optimizer.exp_avg_sq_dtype",
  ]

  private static let unknowable: Set<String> = ["PACK-03"]

  @Test("a dump is accepted on its machines exactly where the real start-up accepts it")
  func verdicts() throws {
    let cases = try BridgeFixture.cases()
    #expect(cases.count >= 300)
    #expect(cases.filter(\.isAccepted).count >= 80)
    #expect(cases.filter { !$0.isAccepted }.count >= 80)
    var wrong: [String] = []
    for item in cases where !(item.isHole && item.isAccepted) {
      let errors = BridgeFixture.diagnostics(try item.text(), overrides: item.machines).filter { $0.severity == .error }
      guard errors.isEmpty != item.isAccepted else { continue }
      if item.isAccepted, errors.allSatisfy({ $0.code.family == "FIELD" && Self.stricterInForm.contains($0.path) }) {
        continue
      }
      if let rule = item.rule, Self.unknowable.contains(rule) { continue }
      wrong.append(
        "\(item.id) on \(item.base): Megatron-Bridge \(item.isAccepted ? "accepts" : "refuses: \(item.refusal)"), here "
          + errors.map { "\($0.code) \($0.path): \($0.message)" }.joined(separator: "; ")
          + "\n    \(item.edits.flatMap(\.inserted).prefix(12))")
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(cases.count) differ:\n\(wrong.joined(separator: "\n"))")
  }

  @Test("without the machines nothing is refused that starts on some")
  func machinesUnknown() throws {
    var wrong: [String] = []
    for item in try BridgeFixture.cases() where item.isAccepted && !item.isHole {
      let errors = BridgeFixture.diagnostics(try item.text()).filter {
        $0.severity == .error && !Self.stricterInForm.contains($0.path)
      }
      if !errors.isEmpty { wrong.append("\(item.id): \(errors.map { "\($0.code) \($0.message)" })") }
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }
}
