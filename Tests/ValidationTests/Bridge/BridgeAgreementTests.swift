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
    let outcomes = try BridgeFixture.outcomes.get()
    #expect(outcomes.count >= 300)
    #expect(outcomes.filter(\.item.isAccepted).count >= 80)
    #expect(outcomes.filter { !$0.item.isAccepted }.count >= 80)
    let wrong = outcomes.compactMap { Self.disagreement(on: $0.item, $0.errors) }
    #expect(wrong.isEmpty, "\(wrong.count) of \(outcomes.count) differ:\n\(wrong.joined(separator: "\n"))")
  }

  /// `nil` where these errors agree with what Megatron-Bridge made of the case.
  private static func disagreement(on item: BridgeFixture.Case, _ errors: [Diagnostic]) -> String? {
    guard !(item.isHole && item.isAccepted), errors.isEmpty != item.isAccepted else { return nil }
    if item.isAccepted, errors.allSatisfy({ $0.code.family == "FIELD" && stricterInForm.contains($0.path) }) {
      return nil
    }
    if let rule = item.rule, unknowable.contains(rule) { return nil }
    return "\(item.id) on \(item.base): Megatron-Bridge "
      + "\(item.isAccepted ? "accepts" : "refuses: \(item.refusal)"), here "
      + errors.map { "\($0.code) \($0.path): \($0.message)" }.joined(separator: "; ")
      + "\n    \(item.edits.flatMap(\.inserted).prefix(12))"
  }

  @Test("without the machines nothing is refused that starts on some")
  func machinesUnknown() throws {
    let outcomes = try BridgeFixture.outcomes.get()
    #expect(outcomes.count { $0.errorsWithoutMachines != nil } >= 80)
    let wrong = outcomes.compactMap { outcome -> String? in
      let errors = outcome.errorsWithoutMachines?.filter { !Self.stricterInForm.contains($0.path) } ?? []
      return errors.isEmpty ? nil : "\(outcome.item.id): \(errors.map { "\($0.code) \($0.message)" })"
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }
}
