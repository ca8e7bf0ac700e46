import ConfigDocument
import Diagnostics
import Estimation
import Releases
import TestSupport
import Testing

@testable import LaunchModel
@testable import Validation

/// Which release a ConfigContainer is for, and what is said of it then.
@Suite("The release of Megatron-Bridge's own files")
struct ReleaseRecognitionTests {
  struct Dump: Sendable, CustomTestStringConvertible {
    let release: Release
    let name: String
    /// The errors of the release's own start-up: it has no weights to begin with, or its recipe cannot start.
    let trueErrors: Set<DiagnosticCode>
    var testDescription: String { "\(release.megatronBridge) \(name)" }
    var path: String { "../recipes/\(release.megatronBridge)/\(name).yaml" }

    init(_ release: Release, _ name: String, _ trueErrors: Set<DiagnosticCode> = []) {
      (self.release, self.name, self.trueErrors) = (release, name, trueErrors)
    }
  }

  /// What `ConfigContainer.to_yaml` of each release writes of its recipes. `bridge_export_check.py --start-up` says of
  /// each whether it starts; a `!!set` is refused by `from_yaml` itself (BRIDGE-04).
  static let dumps: [Dump] = [
    Dump(.bridge031, "deepseek_v2_lite_pretrain_config"),
    Dump(.bridge031, "deepseek_v3_pretrain_config"),
    Dump(.bridge031, "deepseek_v3_pretrain_config_32nodes"),
    Dump(.bridge031, "kimi_k2_pretrain_config"),
    Dump(.bridge031, "kimi_k2_pretrain_config.adam"),
    Dump(.bridge031, "moonlight_16b_pretrain_config"),
    Dump(.bridge031, "moonlight_16b_sft_config", ["MOE-26"]),
    Dump(.bridge031, "moonlight_16b_peft_config", ["BRIDGE-04", "MOE-26", "PEFT-01"]),
    Dump(.bridge031, "moonlight_16b_peft_config.dora", ["BRIDGE-04", "MOE-26", "PEFT-01", "PEFT-13"]),
    // The container of 0.5.1 has nothing that 0.6.2 lacks, unless it finetunes.
    // Its own loader refuses the function that turns an example into input and output.
    Dump(.bridge051, "moonlight_16b_sft_config", ["BRIDGE-04"]),
    Dump(.bridge051, "moonlight_16b_peft_config", ["BRIDGE-04", "PEFT-01"]),
    Dump(.bridge051, "moonlight_16b_peft_config.dora", ["BRIDGE-04", "PEFT-01", "PEFT-13"]),
    Dump(.bridge062, "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config"),
    Dump(.bridge062, "deepseek_v3_pretrain_1024gpu_h100_bf16_config"),
    Dump(.bridge062, "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config"),
    Dump(.bridge062, "kimi_k2_pretrain_512gpu_h100_bf16_config", ["SEQ-03"]),
    Dump(.bridge062, "moonlight_16b_pretrain_8gpu_h100_bf16_config"),
    Dump(.bridge062, "moonlight_16b_pretrain_16gpu_h100_bf16_config"),
    Dump(.bridge062, "moonlight_16b_sft_8gpu_h100_bf16_config", ["PEFT-03"]),
    Dump(.bridge062, "moonlight_16b_sft_8gpu_h100_bf16_8k_config", ["PEFT-03"]),
    Dump(.bridge062, "moonlight_16b_sft_8gpu_h100_bf16_tp1_config", ["PEFT-03"]),
    Dump(.bridge062, "moonlight_16b_peft_2gpu_h100_bf16_config", ["BRIDGE-04", "PEFT-01"]),
    Dump(.bridge062, "moonlight_16b_peft_2gpu_h100_bf16_config.dora", ["BRIDGE-04", "PEFT-01", "PEFT-13"]),
    Dump(.bridge062, "moonlight_16b_peft_4gpu_h100_bf16_config", ["BRIDGE-04", "PEFT-01"]),
    Dump(.bridge062, "moonlight_16b_peft_4gpu_h100_bf16_config.dora", ["BRIDGE-04", "PEFT-01"]),
  ]

  @Test("what a release writes is read for that release, and refused for nothing that it accepts", arguments: dumps)
  func untouched(_ dump: Dump) throws {
    let found = BridgeFixture.diagnostics(try BridgeFixture.text(dump.path))
    let note = try #require(found.first { $0.code == "BRIDGE-06" })
    #expect(note.severity == .note)
    #expect(note.message.hasPrefix("checked for megatron-bridge \(dump.release.megatronBridge): "))
    let errors = found.filter { $0.severity == .error }
    #expect(Set(errors.map(\.code)) == dump.trueErrors, "\(errors.map { "\($0.code) \($0.message)" })")
    #expect(found.allSatisfy { $0.code != "BRIDGE-02" && ($0.code != "BRIDGE-01" || $0.severity == .error) })
  }

  /// Their programs build what the release's core makes of such a model: a norm more in front of the queries.
  @Test("where the core adds a norm to the model, the dump is warned about and the norm is counted", arguments: dumps)
  func addedQueryNorm(_ dump: Dump) throws {
    let text = try BridgeFixture.text(dump.path)
    let config = BridgeFixture.config(text)
    let adds = dump.release == .bridge062 && config.model.qkLayernorm && config.model.qLoraRank == nil
    let found = BridgeFixture.diagnostics(text).filter { $0.code == "MLA-17" }
    #expect(found.map(\.severity) == (adds ? [.warning] : []))
    let parts = try #require(LayerParameters(Architecture(config), vocabSize: 163_840))
    var launched = LaunchConfig(for: dump.release)
    launched.model = config.model
    let released = try #require(LayerParameters(Architecture(launched), vocabSize: 163_840))
    #expect(parts.attention - released.attention == (adds ? config.model.hiddenSize : 0))
    #expect(parts.attentionVectors - released.attentionVectors == (adds ? config.model.hiddenSize : 0))
  }

  @Test("of several releases that have all that stands in a file the newest is taken")
  func newest() throws {
    let note = try #require(
      BridgeFixture.diagnostics(try BridgeFixture.text("../recipes/0.5.1/moonlight_16b_pretrain_config.yaml"))
        .first { $0.code == "BRIDGE-06" })
    #expect(
      note.message
        == "checked for megatron-bridge 0.6.2: the newest that has all that stands here; 0.5.1 would do as well")
    #expect(note.help == "say another release with --megatron-bridge")
  }

  /// A line of a dump in place of another one, and what is said of it.
  struct Edit: Sendable, CustomTestStringConvertible {
    let release: Release
    let dump: String
    let section: String
    let line: String
    let new: String
    let code: DiagnosticCode
    /// What the fix writes, where there is a safe one.
    let fixed: String?
    let help: String?

    init(
      _ release: Release, _ dump: String, _ section: String, _ line: String, _ new: String, _ code: DiagnosticCode,
      fixed: String? = nil, help: String? = nil
    ) {
      (self.release, self.dump, self.section, self.line) = (release, dump, section, line)
      (self.new, self.code, self.fixed, self.help) = (new, code, fixed, help)
    }

    var testDescription: String { "\(release.megatronBridge) \(section): \(new)" }
  }

  private static let pretrain = "moonlight_16b_pretrain_16gpu_h100_bf16_config"
  private static let sft = "moonlight_16b_sft_8gpu_h100_bf16_config"

  static let edits: [Edit] = [
    // Names of other releases.
    Edit(
      .bridge062, pretrain, "optimizer", "  muon_nesterov:", "  muon_use_nesterov: false", "FIELD-01",
      help:
        "0.3.1 has it; `moonlight migrate dump.yaml --megatron-bridge 0.3.1 --to 0.6.2` makes it one for 0.6.2"),
    Edit(
      .bridge062, pretrain, "dist", "  lazy_mpu_init:", "  lazy_init: false", "FIELD-01",
      help:
        "0.3.1 has it; `moonlight migrate dump.yaml --megatron-bridge 0.3.1 --to 0.6.2` makes it one for 0.6.2"),
    Edit(.bridge062, pretrain, "model", "  num_layers:", "  num_layers: 27\n  moe_extended_tp: false", "FIELD-01"),
    Edit(.bridge062, sft, "dataset", "  offline_packing_specs:", "  packed_sequence_specs:", "FIELD-01"),
    Edit(.bridge062, sft, "dataset", "  hf_rewrite:", "  rewrite: false", "FIELD-01"),
    Edit(
      .bridge062, pretrain, "model", "  _target_:",
      "  _target_: megatron.bridge.models.deepseek.deepseek_provider.DeepSeekV3ModelProvider", "BRIDGE-01",
      help:
        "0.3.1 has it; `moonlight migrate dump.yaml --megatron-bridge 0.3.1 --to 0.6.2` makes it one for 0.6.2"),
    Edit(
      .bridge062, sft, "dataset", "  _target_:",
      "  _target_: megatron.bridge.data.builders.hf_dataset.HFDatasetConfig", "BRIDGE-01",
      help:
        "0.3.1, 0.5.1 have it; `moonlight migrate dump.yaml --megatron-bridge 0.5.1 --to 0.6.2` makes it one for 0.6.2"),
    Edit(
      .bridge031, "moonlight_16b_pretrain_config", "optimizer", "  muon_use_nesterov:", "  muon_nesterov: false",
      "FIELD-01",
      help:
        "0.5.1, 0.6.2 have it; `moonlight migrate dump.yaml --megatron-bridge 0.6.2 --to 0.3.1` makes it one for 0.3.1"),
    Edit(
      .bridge031, "moonlight_16b_pretrain_config", "", "tokenizer:", "env_vars:\n  NCCL_DEBUG: INFO\ntokenizer:",
      "FIELD-07"),
    // Slips of the keyboard.
    Edit(
      .bridge062, pretrain, "optimizer", "  muon_nesterov:", "  muon_nestrov: false", "FIELD-01",
      fixed: "  muon_nesterov: false"),
    Edit(
      .bridge062, pretrain, "validation", "  eval_iters:", "  eval_iter: 10", "FIELD-01", fixed: "  eval_iters: 10"),
    Edit(
      .bridge062, pretrain, "validation", "  _target_:",
      "  _target_: megatron.training.config.training_config.ValidationConfg", "BRIDGE-01",
      fixed: "  _target_: megatron.training.config.training_config.ValidationConfig"),
    Edit(.bridge062, pretrain, "", "validation:", "validaton:", "FIELD-07", fixed: "validation:"),
    Edit(
      .bridge062, sft, "dataset", "  enable_offline_packing:", "  enable_ofline_packing: true", "FIELD-01",
      fixed: "  enable_offline_packing: true"),
    Edit(
      .bridge062, sft, "dataset", "    packed_sequence_size:", "    packed_sequense_size: 2048", "FIELD-01",
      fixed: "    packed_sequence_size: 2048"),
    Edit(
      .bridge062, pretrain, "model", "  _target_:", "  _target_: megatron.bridge.models.mla_provider.MLAModelProvidr",
      "BRIDGE-01", fixed: "  _target_: megatron.bridge.models.mla_provider.MLAModelProvider"),
    // Values.
    Edit(.bridge062, pretrain, "validation", "  eval_interval:", "  eval_interval: -1", "FIELD-04"),
    Edit(.bridge062, pretrain, "optimizer", "  lr:", "  lr: 3e-4", "FIELD-06", fixed: "  lr: 0.0003"),
    Edit(.bridge062, pretrain, "optimizer", "  lr:", "  lr: .inf", "FIELD-04"),
    Edit(.bridge062, pretrain, "model", "  num_layers:", "  num_layers: null", "FIELD-02"),
    Edit(.bridge062, pretrain, "model", "  tensor_model_parallel_size:", "  tensor_model_parallel_size: 3", "DIM-01"),
    Edit(
      .bridge062, pretrain, "train", "  micro_batch_size:", "  micro_batch_size:\t1", "DOC-16",
      fixed: "  micro_batch_size: 1"),
  ]

  @Test("an edit of a dump is diagnosed where it stands, and the file stays one of its release", arguments: edits)
  func edited(_ edit: Edit) throws {
    var lines = try BridgeFixture.text("../recipes/\(edit.release.megatronBridge)/\(edit.dump).yaml")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = edit.section.isEmpty ? 0 : try #require(lines.firstIndex(of: edit.section + ":"))
    let index = try #require(lines[start...].firstIndex { $0.hasPrefix(edit.line) })
    lines[index] = edit.new
    let found = BridgeFixture.diagnostics(lines.joined(separator: "\n"))
    let shown = found.map { "\($0.code) \($0.path) \($0.location?.description ?? ""): \($0.message)" }
      .joined(separator: "\n")
    #expect(
      found.contains {
        $0.code == "BRIDGE-06" && $0.message.contains("megatron-bridge \(edit.release.megatronBridge):")
      }, "\(shown)")
    let last = index + edit.new.count { $0 == "\n" } + 1
    let diagnostic = try #require(
      found.first { item in
        item.code == edit.code && item.severity == .error
          && ([item.location] + item.related.map(\.location)).contains {
            (index + 1...last).contains($0?.start.line ?? 0)
          }
      }, "\(shown)")
    if let help = edit.help { #expect(diagnostic.help == help) }
    let fix = diagnostic.fix.flatMap { $0.applicability == .safe ? $0 : nil }
    #expect(
      fix.map { $0.file.applying([$0]).text.split(separator: "\n", omittingEmptySubsequences: false)[index] }
        == edit.fixed.map { Substring($0) }, "\(shown)")
  }

  @Test("a slip says nothing of the release, in a section that only some have either")
  func slips() throws {
    let text = try BridgeFixture.text("../recipes/0.6.2/\(Self.pretrain).yaml")
    let place = try #require(text.firstRange(of: "\n  eval_iters: 32\n"))
    let found = BridgeFixture.diagnostics(text.replacingCharacters(in: place, with: "\n  eval_iter: 32\n"))
    #expect(
      found.first { $0.code == "BRIDGE-06" }?.message
        == "checked for megatron-bridge 0.6.2: the only one that has all that stands here")
  }

  @Test("a field in its old place wins over the new one, as at the release's start-up")
  func oldPlace() throws {
    let text = try BridgeFixture.text("../recipes/0.6.2/\(Self.pretrain).yaml")
    let train = try #require(text.firstRange(of: "\n  eval_interval: null\n"))
    let edited = text.replacingCharacters(in: train, with: "\n  eval_interval: 7\n")
    let config = BridgeFixture.config(edited)
    #expect(config.validation.evalInterval == 7)
    #expect(BridgeFixture.config(text).validation.evalInterval == 2000)
  }

  @Test("variables are texts, as a process gets them")
  func variables() throws {
    let text = try BridgeFixture.text("../recipes/0.6.2/\(Self.sft).yaml")
    let config = BridgeFixture.config(text)
    #expect(config.release == .bridge062)
    #expect(config.value(at: FieldPath("env_vars", "NCCL_NVLS_ENABLE"))?.value == "0")
    #expect(config.dataset.kind == .sft)
    #expect(config.dataset.packedSequenceSize == 2048)
    #expect(config.dataset.datasetName == "squad")
    #expect(config.dataset.valProportion == 0.1)
    #expect(config.dataset.randomSeed == 1234)
  }

  @Test("of an object that the release's loader does not make is said where it stands, once for a package")
  func objects() throws {
    let text = try BridgeFixture.text("../recipes/0.6.2/\(Self.pretrain).yaml")
    let layerSpec = """
          _target_: ours.layers.spec
          _call_: false
        another_spec:
          _target_: ours.b

      """
    let model = try #require(text.firstRange(of: "\nmodel:\n"))
    let edited = text.replacingCharacters(in: model, with: "\nmodel:\n  our_spec:\n\(layerSpec)")
    let found = BridgeFixture.diagnostics(edited).filter { $0.code == "BRIDGE-01" }
    #expect(found.map(\.path) == ["model.our_spec"])
    #expect(found.map(\.severity) == [.warning])
    #expect(found.first?.message == "the loader of megatron-bridge 0.6.2 makes nothing of package `ours` by itself")
  }

  @Test("a function where the release takes none is an error")
  func functions() throws {
    let text = try BridgeFixture.text("../recipes/0.5.1/moonlight_16b_sft_config.yaml")
    let found = BridgeFixture.diagnostics(text).filter { $0.code == "BRIDGE-04" }
    #expect(found.map(\.path) == ["dataset.process_example_fn"])
    #expect(found.map(\.severity) == [.error])
  }

  @Test("another family is recognised by the release's own list, and no fix makes another of it")
  func families() {
    let text = """
      _target_: megatron.bridge.training.config.ConfigContainer
      model:
        _target_: megatron.bridge.models.qwen.qwen_provider.Qwen3ModelProvider
        num_layers: 28
        hidden_size: 1024
        num_attention_heads: 16
      """
    let found = BridgeFixture.diagnostics(text)
    #expect(found.contains { $0.code == "BRIDGE-06" && $0.message.contains("megatron-bridge 0.3.1") })
    #expect(!found.contains { $0.code == "BRIDGE-01" })
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
