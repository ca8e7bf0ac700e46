import Diagnostics
import Testing

@testable import Validation

/// What this package says of a config is what the real Megatron-Core 0.16.1 and Megatron-Bridge 0.3.1 do with it.
@Suite("Agreement with Megatron, case by case")
struct MegatronAgreementTests {
  private let outcomes = AgreementFixture.ofAccepted + AgreementFixture.ofRefused

  @Test("the recorded cases are there")
  func casesAreThere() {
    #expect(AgreementFixture.cases.count >= 1000)
    #expect(AgreementFixture.bases.count == 11)
    #expect(outcomes.count == AgreementFixture.cases.count)
  }

  /// Reading is stricter than Megatron in form: fields whose value Megatron takes in a spelling, or with a number, that
  /// has no meaning here.
  private static let stricterInForm: [String: String] = [
    "train.rampup_batch_size": "numbers as strings",
    "recompute.recompute_method": "a word that Megatron knows not, where it does not look",
    "recompute.recompute_modules": "a word that Megatron knows not, where it does not look",
    "train.train_iters": "no steps at all",
  ]

  /// Cases whose values were drawn from a field's type alone hold numbers and words without meaning anywhere.
  private static func isStricterInForm(_ error: Diagnostic, _ item: AgreementCase) -> Bool {
    error.code.family == "FIELD" && (stricterInForm[error.path] != nil || item.family == "fields")
  }

  /// What a check of the config alone cannot know.
  private static let unknowable: [String: String] = [
    "PACK-03": "whether a file exists on the cluster"
  ]

  /// What fails in the first step, which Megatron's checks at start-up do not see.
  private static let seenInFirstStep: [DiagnosticCode: String] = [
    "PEFT-23": "the first backward pass of adapters with parts recomputed at PP 1"
  ]

  @Test("a config is accepted here exactly where Megatron starts with it")
  func verdicts() {
    var disagreements: [String: [String]] = [:]
    for outcome in outcomes {
      let (item, errors) = (outcome.item, outcome.errors)
      guard errors.isEmpty != item.isAccepted, !(item.isHole && item.isAccepted) else { continue }
      if item.isAccepted, errors.allSatisfy({ Self.isStricterInForm($0, item) }) { continue }
      if item.isAccepted, errors.allSatisfy({ Self.seenInFirstStep[$0.code] != nil }) { continue }
      if let rule = item.rule, Self.unknowable[rule] != nil { continue }
      let said =
        item.isAccepted
        ? "Megatron accepts; here \(errors.map { "\($0.code) \($0.path): \($0.message)" }.joined(separator: "; "))"
        : "Megatron refuses (\(item.refusal)); nothing here"
      disagreements[item.family, default: []].append("\(item.id) on \(item.base): \(said)\n    \(item.changesShown)")
    }
    let count = disagreements.values.reduce(0) { $0 + $1.count }
    let shown = disagreements.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n")
    #expect(count == 0, "\(count) of \(AgreementFixture.cases.count) verdicts differ:\n\(shown)")
  }

  @Test("sizes, micro-batches, vocabulary and stages are Megatron's")
  func derivedValues() {
    var disagreements: [String] = []
    for outcome in outcomes where !outcome.item.isHole {
      let (item, errors, ours) = (outcome.item, outcome.errors, outcome.derived)
      guard var theirs = item.derived else { continue }
      // Nobody said how many entries the tokenizer has.
      if theirs.paddedVocabSize == nil { theirs.paddedVocabSize = ours.paddedVocabSize }
      // Where reading refuses a spelling, there is nothing to compare.
      guard ours != theirs, !errors.contains(where: { Self.isStricterInForm($0, item) }) else { continue }
      disagreements.append("\(item.id) on \(item.base): Megatron \(theirs), here \(ours)\n    \(item.changesShown)")
    }
    #expect(
      disagreements.isEmpty, "\(disagreements.count) derivations differ:\n\(disagreements.joined(separator: "\n"))")
  }
}
