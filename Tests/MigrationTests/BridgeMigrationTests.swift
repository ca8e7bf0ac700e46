import ConfigDocument
import LaunchModel
import Migration
import Releases
import TestSupport
import Testing

/// Files that Megatron-Bridge wrote.
@Suite struct BridgeMigrationTests {
  static let recipes = [
    "deepseek_v2_lite_pretrain_config", "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_config_32nodes",
    "kimi_k2_pretrain_config", "kimi_k2_pretrain_config.adam", "moonlight_16b_peft_config",
    "moonlight_16b_peft_config.dora", "moonlight_16b_pretrain_config", "moonlight_16b_sft_config",
  ]

  /// The dump of a release's own recipe.
  struct Dump: Hashable, Sendable, CustomTestStringConvertible {
    let recipe: String
    let source: Release
    var testDescription: String { "\(recipe) of \(source.megatronBridge)" }
  }

  static let dumps = recipes.flatMap { recipe in
    [Release.bridge031, .bridge051].map { Dump(recipe: recipe, source: $0) }
  }

  /// What became of a dump on its way to the newest release and back.
  private struct Journey: Sendable {
    let isThere: Bool
    let losses: [String]
    /// Errors before, and of what came out.
    let errors: (before: [String], after: [String])
    let changes: [String]
    let recognised: Release
    let lossesBack: [String]
    let changesBack: [String]

    init(_ dump: Dump) {
      let (source, target) = (dump.source, Release.bridge062)
      let path = "recipes/\(source.megatronBridge)/\(dump.recipe).yaml"
      let text = String(decoding: Fixture.bytes(path), as: UTF8.self)
      isThere = !text.isEmpty
      let (old, errorsBefore) = meaning(text, source)
      let there = migrate(text, from: source, to: target)
      let (new, errorsAfter) = meaning(there.text, target)
      let back = migrate(there.text, from: target, to: source)
      losses = there.lines(.loss)
      errors = (errorsBefore, errorsAfter)
      changes = MigrationTests.changes(old, new)
      recognised = meaning(there.text, nil).0.config.release
      lossesBack = back.lines(.loss)
      changesBack = MigrationTests.changes(old, meaning(back.text, source).0)
    }
  }

  /// All of them, side by side.
  private static let journeys = Dictionary(uniqueKeysWithValues: dumps.concurrentMap { ($0, Journey($0)) })

  @Test("the set that no release loads does not stay", arguments: ["!!set {}", "!!set\n    decoder: null"])
  func removesSet(value: String) {
    let path = "recipes/0.3.1/moonlight_16b_peft_config.yaml"
    let text = String(decoding: Fixture.bytes(path), as: UTF8.self)
      .replacing("params_to_save: !!set {}", with: "params_to_save: \(value)")
    #expect(text.contains("params_to_save: \(value)\n"))
    let migrated = migrate(text, from: .bridge031, to: .bridge062)
    #expect(!migrated.text.contains("params_to_save"))
    #expect(migrated.lines(.change).filter { $0.hasPrefix("peft.params_to_save:") }.count == 1)
  }

  @Test(arguments: dumps)
  func keepsDumps(_ dump: Dump) throws {
    let journey = try #require(Self.journeys[dump])
    #expect(journey.isThere)
    #expect(journey.losses == [])
    #expect(journey.errors.after.count <= journey.errors.before.count, "\(journey.errors.after)")
    #expect(journey.changes.filter { !$0.hasPrefix("model.moe_hybridep_num_sms") } == [])
    // The text is recognised by what stands in it, and by nothing else.
    #expect(journey.recognised == .bridge062)
    #expect(journey.lossesBack == [])
    // Of 0.5.1 a file may not name the function, though its dumps do.
    let mayDiffer = dump.source == .bridge031 ? [] : ["dataset.process_example_fn"]
    #expect(journey.changesBack.filter { change in !mayDiffer.contains { change.hasPrefix($0) } } == [])
  }

  static let named = """
    _target_: megatron.bridge.training.config.ConfigContainer
    dataset:
      _target_: megatron.bridge.data.builders.hf_dataset.HFDatasetConfig
      dataset_name: squad  # the small one
      process_example_fn:
        _call_: false
        _target_: megatron.bridge.data.hf_processors.squad.process_squad_example
      dataset_kwargs:
        answer_only_loss: false
        pad_to_max_length: true
      packed_sequence_specs:
        _target_: megatron.bridge.data.datasets.packed_sequence.PackedSequenceSpecs
        packed_sequence_size: 4096  # as long as a sequence
      seq_length: 4096
      val_proportion: 0.1
      rewrite: false
      num_workers: 1
      persistent_workers: false

    """

  @Test func makesSourcesOfNamedDatasets() throws {
    let migration = migrate(Self.named, from: .bridge031, to: .bridge062)
    #expect(
      migration.text.hasPrefix(
        """
        _target_: megatron.bridge.training.config.ConfigContainer
        dataset:
          _target_: megatron.bridge.data.builders.gpt_sft.GPTSFTDatasetConfig
          dataset_kwargs:
            pad_to_max_length: true
          offline_packing_specs:
            _target_: megatron.bridge.data.packing.config.PackedSequenceSpecs
            packed_sequence_size: 4096  # as long as a sequence
          seq_length: 4096
          hf_validation_proportion: 0.1
          hf_rewrite: false
          num_workers: 1
          persistent_workers: false
          hf_dataset:
            _target_: megatron.bridge.data.sources.hf.HFDatasetSourceConfig
            dataset_name: squad  # the small one
        """))
    let root = try #require(DocumentReader.read(text: migration.text, name: "run.yaml").root?["dataset"])
    #expect(root["preprocessing"]?["loss_mode"]?.scalar?.text == "full")
    #expect(root["enable_offline_packing"]?.scalar?.text == "true")
    // SQuAD has no test split; the old builder tested on the other one.
    #expect(root["hf_test_dataset"]?["split"]?.scalar?.text == "validation")
    #expect(migration.lines(.loss) == [])
    let back = migrate(migration.text, from: .bridge062, to: .bridge031)
    #expect(back.lines(.loss).filter { !$0.contains("refuses") } == [])
    let old = try #require(DocumentReader.read(text: Self.named, name: "run.yaml").root?["dataset"])
    let again = try #require(DocumentReader.read(text: back.text, name: "run.yaml").root?["dataset"])
    for field in old.entries ?? [] {
      #expect(again[field.key].map { $0.hasSameContent(as: field.value) } == true, "\(field.key)")
    }
  }

  @Test func leavesFunctionsToProgramsWhereFilesTakeNone() {
    let migration = migrate(Self.named, from: .bridge031, to: .bridge051)
    #expect(migration.text.contains("\n  process_example_fn: null\n"))
    #expect(migration.paths(.warning).contains("dataset.process_example_fn"))
  }

  @Test func refusesFunctionsThatNothingStandsFor() {
    let text = Self.named.replacing(
      "megatron.bridge.data.hf_processors.squad.process_squad_example", with: "mine.examples.read")
    #expect(migrate(text, from: .bridge031, to: .bridge062).paths(.loss).contains("dataset.process_example_fn"))
  }

  @Test func choosesOneNumberOfMultiprocessors() {
    let text = """
      _target_: megatron.bridge.training.config.ConfigContainer
      model:
        _target_: megatron.bridge.models.mla_provider.MLAModelProvider
        moe_deepep_num_sms: 20
        moe_hybridep_num_sms: 16
        moe_flex_dispatcher_backend: hybridep

      """
    let migration = migrate(text, from: .bridge031, to: .bridge062)
    #expect(migration.text.contains("moe_deepep_num_sms: null\n  moe_hybridep_num_sms: 16\n"))
  }
}
