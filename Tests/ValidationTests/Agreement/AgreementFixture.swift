import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import TestSupport
import Testing

@testable import Validation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One launch config with what the real Megatron-Core and Megatron-Bridge of a release said of it, as
/// `Tests/Reference/megatron_agreement.py` and `release_agreement.py` recorded it.
struct AgreementCase: Sendable {
  let release: Release
  let id: String
  let base: String
  /// Dotted paths and their values.
  let changes: [(path: String, value: ConfigValue)]
  let isAccepted: Bool
  /// The rule that refused.
  let rule: String?
  /// The rule that refused, the phase and the message, for people.
  let refusal: String
  /// Accepted by Megatron without having a meaning: a validator may refuse it.
  let isHole: Bool
  let derived: Derived?
  /// Lengths of the learning rate's decay and warm-up, in samples.
  let schedule: [Double]?
  /// Settings that Megatron-Bridge has changed, by path.
  let replaced: [String: ConfigValue]

  /// What follows from an accepted config.
  struct Derived: Sendable, Equatable {
    var dataParallelSize: Int?
    var expertDataParallelSize: Int?
    var numMicrobatches: Int?
    /// Where the batch ramps up: those of the first step.
    var firstMicrobatches: Int?
    var paddedVocabSize: Int?
    /// pp, vp, first layer, layers.
    var stages: [[Int]]
  }

  /// The changes, for people.
  var changesShown: String { changes.map { "\($0.path)=\($0.value)" }.joined(separator: " ") }

  /// The part of the identifier that names the rule whose boundary the case tests.
  var family: String { id.split(separator: "/").first.map(String.init) ?? id }
}

/// The recorded cases of a release.
struct AgreementFixture: Sendable {
  let release: Release
  /// The configs that cases change, by name.
  let bases: [String: AgreementBase]
  /// Those of the fixture, or of the file that `MOONLIGHT_AGREEMENT_CASES` names, which is for the release that
  /// `MOONLIGHT_AGREEMENT_RELEASE` names, 0.3.1 if none.
  let cases: [AgreementCase]

  /// What this package says of the cases.
  var outcomes: [AgreementCase.Outcome] { ofAccepted + ofRefused }

  /// Read once for all tests; of the releases that are judged.
  static subscript(_ release: Release) -> AgreementFixture { byRelease[release.rawValue] }

  private static let byRelease = Release.all.map { AgreementFixture($0) }

  /// What this package says of the cases that Megatron accepts; worked out once for all tests, and without the others, which
  /// not every test asks for.
  var ofAccepted: [AgreementCase.Outcome] { Self.accepted[release.rawValue] }

  private static let accepted = byRelease.map { $0.outcomes(areAccepted: true) }

  private var ofRefused: [AgreementCase.Outcome] { Self.refused[release.rawValue] }

  private static let refused = byRelease.map { $0.outcomes(areAccepted: false) }

  private func outcomes(areAccepted: Bool) -> [AgreementCase.Outcome] {
    cases.filter { $0.isAccepted == areAccepted }.concurrentMap { try? $0.outcome(on: bases) }.compactMap(\.self)
  }

  private init(_ release: Release) {
    self.release = release
    guard Self.judged.contains(release) else {
      (bases, cases) = ([:], [])
      return
    }
    let folder = Self.folder + (release == Self.recordedFirst ? "" : release.megatronBridge + "/")
    let names = ["pretrain", "layout", "virtual", "sft", "lora", "muon", "kimi", "v3", "v2lite", "dense", "bare"]
    bases = Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        Self.read(folder + "base_\(name).json").flatMap(Self.parse)
          .flatMap { AgreementBase(name, $0, release) }.map { (name, $0) }
      })
    let lines =
      Self.others.flatMap { $0.release == release ? Self.lines($0.path) : nil }
      ?? (release == Self.recordedFirst ? Self.recorded : Self.lines(folder + "cases.jsonl").over(Self.recorded))
    cases = lines.compactMap { AgreementCase($0, for: release) }
  }

  /// The release whose cases stand in full; the others have what differs from them, and more of their own.
  private static let recordedFirst = Release.bridge031
  private static let recorded = lines(folder + "cases.jsonl")

  /// The errors of what Megatron's checks at start-up do not see: what fails in the first step, above all. With the reasons
  /// in `unseen_at_start.json`, which Tests/Reference/recipe_cases.py reads, too.
  static let unseenAtStart: Set<DiagnosticCode> = {
    guard case .mapping(let reasons)? = parse(read(folder + "unseen_at_start.json") ?? "") else { return [] }
    return Set(reasons.entries.compactMap { DiagnosticCode(rawValue: $0.key) })
  }()

  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Fixtures/agreement/"

  /// The releases that tests ask: all, or that of the other cases.
  static let judged = others.map { [$0.release] } ?? Release.all

  private static let others = environment("MOONLIGHT_AGREEMENT_CASES").map { path in
    (release: environment("MOONLIGHT_AGREEMENT_RELEASE").flatMap(Release.named) ?? recordedFirst, path: path)
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func lines(_ path: String) -> [ConfigMapping] {
    (read(path) ?? "").split(separator: "\n").compactMap {
      if case .mapping(let line)? = parse(String($0)) { line } else { nil }
    }
  }

  private static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func parse(_ text: String) -> ConfigValue? {
    DocumentReader.read(text: text, name: "fixture", format: .json).root?.value
  }
}

extension [ConfigMapping] {
  /// What a release's lines say over the recorded ones: a line without a base is what differs from the recorded case of
  /// its id, and no line says that the case is as recorded.
  fileprivate func over(_ recorded: [ConfigMapping]) -> [ConfigMapping] {
    let own = Dictionary(map { ($0["id"].flatMap(String.init) ?? "", $0) }, uniquingKeysWith: { $1 })
    let changed = recorded.compactMap { line -> ConfigMapping? in
      guard let id = line["id"].flatMap(String.init), let difference = own[id] else { return line }
      guard difference["left_out"] == nil else { return nil }
      var result = line
      // A verdict comes with all that belongs to it.
      if difference["verdict"] != nil {
        for key in ["verdict", "phase", "error", "rule", "derived", "hole"] { result[key] = nil }
      }
      for entry in difference.entries {
        if entry.key == "derived", case .mapping(var derived)? = result["derived"],
          case .mapping(let values) = entry.value
        {
          for value in values.entries { derived[value.key] = value.value == .null ? nil : value.value }
          result["derived"] = .mapping(derived)
        } else {
          result[entry.key] = entry.value
        }
      }
      return result
    }
    return changed + filter { $0["base"] != nil }
  }
}

extension AgreementCase {
  init?(_ fields: ConfigMapping, for release: Release) {
    guard let id = fields["id"].flatMap(String.init),
      let base = fields["base"].flatMap(String.init), case .mapping(let changes)? = fields["set"]
    else { return nil }
    self.release = release
    self.id = id
    self.base = base
    self.changes = changes.entries.map { ($0.key, $0.value) }
    isAccepted = fields["verdict"] == "accept"
    isHole = fields["hole"] != nil
    rule = fields["rule"].flatMap(String.init)
    refusal = ["rule", "phase", "error"].compactMap { fields[$0].flatMap(String.init) }.joined(separator: " ")
    derived = fields["derived"].flatMap(Derived.init)
    guard case .mapping(let record)? = fields["derived"] else {
      (schedule, replaced) = (nil, [:])
      return
    }
    schedule = record["scheduler"].flatMap { [Double]($0) }
    guard case .mapping(let changed)? = record["changed"] else {
      replaced = [:]
      return
    }
    replaced = Dictionary(changed.entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// What this package says of a case.
  struct Outcome: Sendable {
    let item: AgreementCase
    let errors: [Diagnostic]
    let derived: Derived
    let schedule: ScheduleSteps?
    let overlap: EffectiveOverlap
  }

  /// What reading and the rules say of it.
  fileprivate func outcome(on bases: [String: AgreementBase]) throws -> Outcome {
    let loaded = try #require(bases[base]).load(changes, path: "\(id).json")
    let run = RunFacts(loaded.resolution.config)
    return Outcome(
      item: self, errors: Validator.errors(loaded, run, withFixes: false), derived: Derived(run),
      schedule: run.schedule,
      overlap: run.overlap.effective)
  }
}

extension AgreementCase.Derived {
  init?(_ value: ConfigValue) {
    guard case .mapping(let fields) = value else { return nil }
    dataParallelSize = fields["data_parallel_size"].flatMap(Int.init)
    expertDataParallelSize = fields["expert_data_parallel_size"].flatMap(Int.init)
    numMicrobatches = fields["num_microbatches"].flatMap(Int.init)
    firstMicrobatches = fields["first_num_microbatches"].flatMap(Int.init) ?? numMicrobatches
    paddedVocabSize = fields["padded_vocab_size"].flatMap(Int.init)
    stages = fields["stages"].flatMap { [[Int]]($0) } ?? []
  }

  /// The same as this package derives it; Megatron lists the chunks rank by rank.
  init(_ run: RunFacts) {
    dataParallelSize = run.dataParallelSize
    expertDataParallelSize = run.expertDataParallelSize
    numMicrobatches = run.numMicrobatches
    firstMicrobatches = run.firstMicrobatches
    paddedVocabSize = run.paddedVocabSize
    stages = (run.stages?.stages ?? []).map { [$0.pp, $0.vp, $0.firstLayer, $0.numLayers] }
      .sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
  }
}

extension Node {
  /// The value without its places.
  fileprivate var value: ConfigValue {
    if let scalar { return scalar.value(in: .v1_2) }
    if let items { return .list(items.map(\.value)) }
    return .mapping(ConfigMapping((entries ?? []).map { ConfigMapping.Entry($0.key, $0.value.value) }))
  }
}
