import Releases
import Testing

@testable import LaunchModel

/// One field, one identity, any number of spellings.
@Suite("Spellings of fields")
struct SpellingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let release: Release
    let spelling: any Spelling
  }

  /// Every class of data of every release, and one that is not known.
  static let bridges = Release.all.flatMap { release in
    (release.classes.datasets.all.map { Optional($0) } + [nil]).map { dataset in
      Case(
        testDescription: "Megatron-Bridge \(release.megatronBridge), \(dataset?.className.unqualified ?? "other data")",
        release: release, spelling: BridgeSpelling(release, dataset: dataset))
    }
  }
  static let all =
    Release.all.map { release in
      Case(testDescription: "native", release: release, spelling: NativeSpelling(release))
    } + bridges

  /// Every field that every section has in a release, with those that are carried.
  static func fields(in release: Release) -> [FieldPath] {
    LaunchConfig.sections.flatMap { section in
      section.schema.names(in: release).map { FieldPath(section.schema.name, section.schema.identity(of: $0)) }
    }
  }

  @Test("what stands under the keys of a field is that field", arguments: all)
  func bothWays(_ item: Case) {
    let fields = Self.fields(in: item.release)
    #expect(fields.count > 600)
    var wrong: [String] = []
    for field in fields {
      guard let keys = item.spelling.keys(of: field) else { continue }
      let back = item.spelling.path(ofKeys: keys)
      if back != field { wrong.append("\(field) stands at \(keys), where \(back?.description ?? "nothing") is read") }
      #expect(item.spelling.path(ofName: keys.joined(separator: ".")) == back)
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  @Test("a launch config has a place for everything")
  func nativePlaces() {
    for field in Self.fields(in: .current) {
      let name = LaunchConfig.section(named: field.section)?.schema.name(of: field.field, in: .current) ?? ""
      #expect(NativeSpelling(.current).keys(of: field) == [field.section, name])
    }
    for section in LaunchConfig.sections {
      let whole = FieldPath(section.schema.name, "")
      #expect(NativeSpelling(.current).keys(of: whole) == [whole.section])
      #expect(NativeSpelling(.current).path(ofKeys: [whole.section]) == whole)
    }
    for keys in [["model", "nothing"], ["nothing"], ["model", "num_layers", "more"], []] {
      #expect(NativeSpelling(.current).path(ofKeys: keys) == nil)
    }
    #expect(
      NativeSpelling(.current).path(ofKeys: ["env_vars", "OMP_NUM_THREADS"]) == FieldPath("env_vars", "OMP_NUM_THREADS")
    )
  }

  /// Every field of ours that a class of Megatron-Bridge has, but where another one takes its place.
  private static let otherNames: Set<String> = [
    "dataset.sequence_length", "dataset.seed", "dataset.blend", "dataset.dataset_root",
    "dataset.hf_validation_proportion", "optimizer.muon_nesterov",
  ]

  @Test("a container has a place for every field that its classes have", arguments: bridges)
  func bridgePlaces(_ item: Case) {
    let absent = Self.fields(in: item.release).filter { item.spelling.keys(of: $0) == nil }
    let beside = absent.filter { item.release.ownName(of: $0.field, in: $0.section) != nil }
    #expect(Set(beside.map(\.description)).isSubset(of: Self.otherNames))
    #expect(absent.contains(Path.cluster.numNodes))
  }

  struct Place: Sendable, CustomTestStringConvertible {
    let source: DatasetClass.Source?
    let path: FieldPath
    let keys: [String]
    let testDescription: String

    init(_ source: DatasetClass.Source?, _ path: FieldPath, _ keys: String) {
      (self.source, self.path) = (source, path)
      self.keys = keys.split(separator: ".").map(String.init)
      testDescription = "\(source.map { "\($0)" } ?? "any data"): \(path) at \(keys)"
    }
  }

  static let places = [
    Place(nil, Path.parallelism.tensorModelParallelSize, "model.tensor_model_parallel_size"),
    Place(nil, Path.recompute.recomputeModules, "model.recompute_modules"),
    Place(nil, Path.validation.evalInterval, "train.eval_interval"),
    Place(nil, Path.peft.peftScheme, "peft._target_"),
    Place(nil, Path.peft.dim, "peft.dim"),
    Place(.tokens, Path.dataset.kind, "dataset._target_"),
    Place(.tokens, Path.dataset.seqLength, "dataset.sequence_length"),
    Place(.tokens, Path.dataset.randomSeed, "dataset.random_seed"),
    Place(.mockTokens, Path.dataset.dataPaths, "dataset.blend"),
    Place(.files, Path.dataset.seqLength, "dataset.seq_length"),
    Place(.files, Path.dataset.randomSeed, "dataset.seed"),
    Place(.files, Path.dataset.dataPaths, "dataset.dataset_root"),
    Place(.files, Path.dataset.packedSequenceSize, "dataset.packed_sequence_specs.packed_sequence_size"),
    Place(
      .huggingFace, FieldPath("dataset", "packed_train_data_path"),
      "dataset.packed_sequence_specs.packed_train_data_path"),
    Place(.huggingFace, Path.dataset.answerOnlyLoss, "dataset.dataset_kwargs.answer_only_loss"),
    Place(.huggingFace, Path.dataset.datasetName, "dataset.dataset_name"),
  ]

  @Test("places in a container of megatron-bridge 0.3.1", arguments: places)
  func place(_ place: Place) {
    let spelling = BridgeSpelling(.bridge031, dataset: place.source.map(Release.bridge031.dataset))
    #expect(spelling.keys(of: place.path) == place.keys)
    #expect(spelling.path(ofKeys: place.keys) == place.path)
  }

  @Test(
    "what no class has is no field",
    arguments: [
      ["dataset", "kind"], ["dataset", "data_paths"], ["peft", "peft_scheme"],
      ["parallelism", "tensor_model_parallel_size"], ["cluster", "num_nodes"], ["model", "eval_interval"],
    ])
  func noField(keys: [String]) {
    for item in Self.bridges { #expect(item.spelling.path(ofKeys: keys) == nil, "\(item.testDescription)") }
  }

  @Test("a constructor's other name is read, and not written")
  func otherNames() {
    let spelling = BridgeSpelling(.bridge031, dataset: Release.bridge031.pretraining)
    #expect(spelling.path(ofKeys: ["dataset", "seq_length"]) == Path.dataset.seqLength)
    #expect(spelling.keys(of: Path.dataset.seqLength) == ["dataset", "sequence_length"])
  }

  @Test("a section may share its place")
  func sections() {
    let spelling = BridgeSpelling(.bridge031, dataset: nil)
    for section in [Path.model.whole, Path.parallelism.whole, Path.recompute.whole] {
      #expect(spelling.keys(of: section) == ["model"])
    }
    #expect(spelling.path(ofKeys: ["model"]) == Path.model.whole)
    #expect(spelling.keys(of: Path.cluster.whole) == nil)
  }
}
