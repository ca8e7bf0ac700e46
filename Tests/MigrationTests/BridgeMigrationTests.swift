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

  /// The dumps of a release's own recipes. The set in those with adapters is what no release can load.
  @Test(arguments: recipes, [Release.bridge031, .bridge051])
  func keepsDumps(_ recipe: String, _ source: Release) throws {
    let text = String(decoding: Fixture.bytes("recipes/\(source.megatronBridge)/\(recipe).yaml"), as: UTF8.self)
    try #require(!text.isEmpty)
    let (old, oldErrors) = meaning(text, source)
    let migration = migrate(text, from: source, to: .bridge062)
    #expect(migration.lines(.loss) == [])
    let (new, errors) = meaning(migration.text, .bridge062)
    #expect(errors.count <= oldErrors.count, "\(errors)")
    #expect(changes(old, new).filter { !$0.hasPrefix("model.moe_hybridep_num_sms") } == [])
    // The text is recognised by what stands in it, and by nothing else.
    let (recognised, _) = meaning(migration.text, nil)
    #expect(recognised.config.release == .bridge062)
    let back = migrate(migration.text, from: .bridge062, to: source)
    #expect(back.lines(.loss) == [])
    let (again, _) = meaning(back.text, source)
    // Of 0.5.1 a file may not name the function, though its dumps do.
    #expect(changes(old, again).filter { source == .bridge031 || !$0.hasPrefix("dataset.process_example_fn") } == [])
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
