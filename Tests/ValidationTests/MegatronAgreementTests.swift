import Diagnostics
import Releases
import Testing

@testable import Validation

/// What this package says of a config is what the real Megatron-Core and Megatron-Bridge of its release do with it.
@Suite("Agreement with Megatron, case by case")
struct MegatronAgreementTests {
  @Test("the recorded cases are there", arguments: AgreementFixture.judged)
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
    "model.hidden_size": "no width at all",
    "optimizer.muon_scale_mode": "a word that the first step refuses",
    "model.moe_flex_dispatcher_backend": "a newer release's word, where it does not look",
    "model.moe_router_load_balancing_type": "a newer release's word, with which nothing is balanced",
    "env_vars": "numbers, null and lists instead of the text that a process sees",
  ]

  /// Cases whose values were drawn from a field's type alone hold numbers and words without meaning anywhere.
  private static func isStricterInForm(_ error: Diagnostic, _ item: AgreementCase) -> Bool {
    let section = String(error.path.prefix { $0 != "." })
    return error.code.family == "FIELD"
      && (stricterInForm[error.path] != nil || stricterInForm[section] != nil || item.family == "fields")
  }

  /// What a check of the config alone cannot know: whether a file exists on the cluster, and whether a name without an
  /// ending is a folder there.
  private static func isUnknowable(_ item: AgreementCase) -> Bool {
    item.rule == "PACK-03" || item.refusal.contains("FileNotFoundError") || item.refusal.contains("IsADirectoryError")
  }

  /// What a launch config may hold, since its export does not; by case.
  private static let exportedOtherwise: [String: String] = [
    "NEW-DATA-01/new-2": "files and a dataset by name: files win",
    "NEW-DATA-02/new-6": "a share for validation where nothing is evaluated",
    "NEW-DATA-02/new-7": "a share of files for validation, which the launch's prepare_data.py takes",
    "NEW-DATA-03/new-1": "a split that the dataset does not have",
    "NEW-DATA-03/new-3": "a split that the dataset does not have",
    "NEW-DATA-04/new-20": "packs that are not said to be padded",
  ]

  @Test("a config is accepted here exactly where Megatron starts with it", arguments: AgreementFixture.judged)
  func verdicts(_ release: Release) {
    let fixture = AgreementFixture[release]
    var disagreements: [String: [String]] = [:]
    for outcome in fixture.outcomes {
      let (item, errors) = (outcome.item, outcome.errors)
      guard errors.isEmpty != item.isAccepted, !(item.isHole && item.isAccepted) else { continue }
      if item.isAccepted, errors.allSatisfy({ Self.isStricterInForm($0, item) }) { continue }
      if item.isAccepted, errors.allSatisfy({ AgreementFixture.unseenAtStart.contains($0.code) }) { continue }
      if Self.isUnknowable(item) { continue }
      if !item.isAccepted, Self.exportedOtherwise[item.id] != nil { continue }
      let said =
        item.isAccepted
        ? "Megatron accepts; here \(errors.map { "\($0.code) \($0.path): \($0.message)" }.joined(separator: "; "))"
        : "Megatron refuses (\(item.refusal)); nothing here"
      disagreements[item.family, default: []].append("\(item.id) on \(item.base): \(said)\n    \(item.changesShown)")
    }
    let count = disagreements.values.reduce(0) { $0 + $1.count }
    let shown = disagreements.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n")
    #expect(count == 0, "\(release.megatronBridge): \(count) of \(fixture.cases.count) verdicts differ:\n\(shown)")
  }

  @Test("sizes, micro-batches, vocabulary and stages are Megatron's", arguments: AgreementFixture.judged)
  func derivedValues(_ release: Release) {
    var disagreements: [String] = []
    for outcome in AgreementFixture[release].outcomes where !outcome.item.isHole {
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
