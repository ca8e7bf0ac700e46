import Diagnostics
import Releases
import Testing

@testable import Validation

/// What this package says of a config is what the real Megatron-Core and Megatron-Bridge of its release do with it.
@Suite("Agreement with Megatron, case by case")
struct MegatronAgreementTests {
  @Test("the recorded cases are there", arguments: Release.all)
  func casesAreThere(_ release: Release) {
    let fixture = AgreementFixture[release]
    #expect(fixture.cases.count >= 1000)
    #expect(fixture.bases.count == 11)
    #expect(fixture.outcomes.count == fixture.cases.count)
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

  /// What Megatron refuses in the newer releases and no rule here does yet, by the reference's name of the check.
  private static let notYetRefused: [String: String] = [
    "NEW-DATA-04": "packed sequences of length 0 (0.6.2)",
    "NEW-DSA-01": "attention variants that the layer specification has no place for (0.6.2)",
    "NEW-MOE-08": "activations that Transformer Engine's fused operations do not have (0.6.2)",
    "NEW-TRAIN-01": "fewer samples than one batch, which the files say",
    "GPU-15": "hybrid context parallelism beside other groups",
    "EVAL-01": "a run of samples that is shorter than one batch",
    "MOE-31": "recomputed `moe` under overlapped experts",
    "CG-01": "graphs of `local`, and modules beside the scope",
    "DIM-14": "batch-invariant attention without a version of flash attention (0.6.2)",
  ]

  /// What rules here refuse and the newer releases no longer do.
  private static let noLongerRefused: [DiagnosticCode: String] = [
    "CG-01": "a scope of `mlp` with `local`, and kinds of graphs that are new",
    "DATA-11": "examples of Hugging Face, spelled in their own section since 0.6.2",
    "DDP-04": "averages that rounding makes differ, which are compared in another order",
    "DIM-14": "hybrid models, and gated delta nets with context parallelism",
    "LOG-03": "Weights & Biases without a folder of its own (0.6.2)",
    "MOE-19": "HybridEP within one GPU",
    "MOE-31": "overlapped experts with MTP on one stage",
    "PREC-03": "`fp4_param`, which mixed precision resets",
    "VOCAB-01": "a vocabulary that the tokenizer's replaces",
    // Values that only the newer releases know.
    "FIELD-02": "numbers in `env_vars`", "FIELD-03": "optimizers, scores and backends that are new",
    "FIELD-04": "no hidden size at all",
  ]

  /// The newer releases' cases that are still open; those that name a field which reading does not know yet are not asked.
  private static func isOpen(_ outcome: AgreementCase.Outcome) -> Bool {
    let item = outcome.item
    guard item.release != .bridge031 else { return false }
    if outcome.namesUnreadFields { return true }
    if item.isAccepted { return outcome.errors.allSatisfy { noLongerRefused[$0.code] != nil } }
    return item.rule.map { notYetRefused[$0] != nil } ?? true
  }

  @Test("a config is accepted here exactly where Megatron starts with it", arguments: Release.all)
  func verdicts(_ release: Release) {
    let fixture = AgreementFixture[release]
    var disagreements: [String: [String]] = [:]
    // Of cases whose fields are read.
    var open = 0
    for outcome in fixture.outcomes {
      let (item, errors) = (outcome.item, outcome.errors)
      guard errors.isEmpty != item.isAccepted, !(item.isHole && item.isAccepted) else { continue }
      if item.isAccepted, errors.allSatisfy({ Self.isStricterInForm($0, item) }) { continue }
      if item.isAccepted, errors.allSatisfy({ Self.seenInFirstStep[$0.code] != nil }) { continue }
      if let rule = item.rule, Self.unknowable[rule] != nil { continue }
      if Self.isOpen(outcome) {
        open += outcome.namesUnreadFields ? 0 : 1
        continue
      }
      let said =
        item.isAccepted
        ? "Megatron accepts; here \(errors.map { "\($0.code) \($0.path): \($0.message)" }.joined(separator: "; "))"
        : "Megatron refuses (\(item.refusal)); nothing here"
      disagreements[item.family, default: []].append("\(item.id) on \(item.base): \(said)\n    \(item.changesShown)")
    }
    #expect(open <= 80, "\(release.megatronBridge): \(open) verdicts are open")
    let count = disagreements.values.reduce(0) { $0 + $1.count }
    let shown = disagreements.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n")
    #expect(count == 0, "\(release.megatronBridge): \(count) of \(fixture.cases.count) verdicts differ:\n\(shown)")
  }

  @Test("sizes, micro-batches, vocabulary and stages are Megatron's", arguments: Release.all)
  func derivedValues(_ release: Release) {
    var disagreements: [String] = []
    for outcome in AgreementFixture[release].outcomes
    where !outcome.item.isHole && !outcome.namesUnreadFields {
      let (item, errors, ours) = (outcome.item, outcome.errors, outcome.derived)
      guard var theirs = item.derived else { continue }
      // Nobody said how many entries the tokenizer has.
      if theirs.paddedVocabSize == nil { theirs.paddedVocabSize = ours.paddedVocabSize }
      // Where reading refuses a spelling, there is nothing to compare.
      guard ours != theirs, !errors.contains(where: { Self.isStricterInForm($0, item) }) else { continue }
      disagreements.append("\(item.id) on \(item.base): Megatron \(theirs), here \(ours)\n    \(item.changesShown)")
    }
    #expect(
      disagreements.isEmpty,
      "\(release.megatronBridge): \(disagreements.count) derivations differ:\n\(disagreements.joined(separator: "\n"))")
  }
}
