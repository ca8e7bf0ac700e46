import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing

@testable import Validation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One launch config with what the real Megatron-Core and Megatron-Bridge said of it, as
/// `Tests/Reference/megatron_agreement.py` recorded it.
struct AgreementCase: Sendable {
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

/// The recorded cases.
enum AgreementFixture {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Fixtures/agreement/"

  static let bases: [String: ConfigValue] = {
    let names = ["pretrain", "layout", "virtual", "sft", "lora", "muon", "kimi", "v3", "v2lite", "dense", "bare"]
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        read(folder + "base_\(name).json").flatMap(parse).map { (name, $0) }
      })
  }()

  /// Those of the fixture, or of the file that `MOONLIGHT_AGREEMENT_CASES` names.
  static let cases: [AgreementCase] = {
    let path = getenv("MOONLIGHT_AGREEMENT_CASES").map { String(cString: $0) } ?? folder + "cases.jsonl"
    return (read(path) ?? "").split(separator: "\n").compactMap { parse(String($0)).flatMap(AgreementCase.init) }
  }()

  /// What this package says of the cases that Megatron accepts, and of the others; worked out once for all tests.
  static let ofAccepted = outcomes(of: cases.filter(\.isAccepted))
  static let ofRefused = outcomes(of: cases.filter { !$0.isAccepted })

  private static func outcomes(of cases: [AgreementCase]) -> [AgreementCase.Outcome] {
    cases.concurrentMap { try? $0.outcome() }.compactMap(\.self)
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

extension AgreementCase {
  init?(_ line: ConfigValue) {
    guard case .mapping(let fields) = line, let id = fields["id"].flatMap(String.init),
      let base = fields["base"].flatMap(String.init), case .mapping(let changes)? = fields["set"]
    else { return nil }
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

  /// The base with the changes, in this package's spelling, as the text of a file.
  func text() throws -> String {
    var config = try #require(AgreementFixture.bases[base])
    for change in changes { config = config.setting(change.path.split(separator: "."), to: change.value) }
    return try JSONEmitter().emit(ReferenceSpelling.ours(config))
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
  func outcome() throws -> Outcome {
    let document = DocumentReader.read(text: try text(), name: "\(id).json", format: .json)
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }
    let loaded = loader.load(document, path: "\(id).json")
    let run = RunFacts(loaded.resolution.config)
    return Outcome(
      item: self, errors: Validator.errors(loaded, run), derived: Derived(run), schedule: run.schedule,
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

extension ConfigValue {
  /// A copy with one value set; a path into null makes mappings.
  fileprivate func setting(_ path: [Substring], to value: ConfigValue) -> ConfigValue {
    guard let first = path.first.map(String.init) else { return value }
    var mapping = ConfigMapping()
    if case .mapping(let own) = self { mapping = own }
    mapping[first] = (mapping[first] ?? .null).setting(Array(path.dropFirst()), to: value)
    return .mapping(mapping)
  }
}
