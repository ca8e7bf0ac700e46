import ConfigDocument
import Exporters
import Foundation
import Releases
import Testing

@testable import LaunchModel

/// What the real packages of each release made of its exports, held against the configs.
/// Tests/Reference/bridge_exports.py wrote it.
@Suite struct LoadedValueTests {
  static let fixtures = Goldens.answers("bridge.json")

  static func answer(_ example: ExportCase) throws -> Node? { try fixtures[example.release]?.get()[example.name] }

  /// What was loaded for an attribute of the container; `nil` where the export does not write it.
  static func loaded(_ example: ExportCase) throws -> [String: ConfigValue] {
    let first = try #require(ExportCase.all.first { $0.release == example.release })
    guard case .mapping(let base)? = try answer(first)?["loaded"]?.plainValue else { return [:] }
    var result = Dictionary(base.entries.map { ($0.key, $0.value) }) { first, _ in first }
    guard example.name != first.name else { return result }
    guard case .mapping(let differs)? = try answer(example)?["differs"]?.plainValue else { return [:] }
    for entry in differs.entries {
      guard case .mapping(let other) = entry.value, case .mapping(var mapping)? = result[entry.key],
        other["class"] == nil || other["class"] == mapping["class"]
      else {
        result[entry.key] = entry.value
        continue
      }
      for field in other.entries where field.key != "missing" { mapping[field.key] = field.value }
      if case .list(let missing)? = other["missing"] {
        for case .string(let name) in missing { mapping[name] = nil }
      }
      result[entry.key] = .mapping(mapping)
    }
    return result
  }

  /// An export that has changed since has to be loaded again.
  @Test(arguments: ExportCase.all)
  func exportIsTheOneThatWasLoaded(_ example: ExportCase) throws {
    let recorded = try Self.answer(example)?["sha256"]?.scalar?.text
    let now = SHA256.hexadecimal(of: Array(example.bridgeText.utf8))
    #expect(recorded == now, "run Tests/Reference/bridge_exports.py in the environment of its README")
  }

  /// from_yaml in strict mode, validate, and everything after it up to the first step.
  @Test(arguments: ExportCase.all)
  func realPackagesStartIt(_ example: ExportCase) throws {
    let answer = try #require(try Self.answer(example)?["start_up"])
    #expect(answer["ok"]?.plainValue == .bool(true), "\(answer["error"]?.scalar?.text ?? "")")
    let config = example.config
    let model =
      config.parallelism.tensorModelParallelSize * config.parallelism.pipelineModelParallelSize
      * config.parallelism.contextParallelSize
    #expect(
      answer["data_parallel_size"]?.plainValue == .int(config.cluster.numNodes * config.cluster.gpusPerNode / model))
  }

  /// Every value of the config arrives at the class that owns it.
  @Test(arguments: ExportCase.all)
  func everyValueArrives(_ example: ExportCase) throws {
    let loaded = try Self.loaded(example)
    var compared = 0
    for section in LaunchConfig.sections where !Self.apart.contains(section.schema.name) {
      let storage = example.config[keyPath: section.storage]
      guard storage.isPresent else { continue }
      let attribute = Self.attributes[section.schema.name] ?? section.schema.name
      // Evaluation has a class of its own from 0.5.1 on.
      guard case .mapping(let object)? = loaded[attribute] ?? (attribute == "validation" ? loaded["train"] : nil) else {
        Issue.record("\(attribute) was not loaded")
        continue
      }
      for entry in Self.values(storage) {
        let path = FieldPath(section.schema.name, entry.name)
        guard let name = example.release.ownName(of: entry.name, in: path.section) else { continue }
        let expected = Self.expected(entry.value, path, example)
        let value = object[name]
        compared += 1
        #expect(
          value.map { Self.isSame($0, expected) } == true,
          "\(path): \(expected) became \(value.map { "\($0)" } ?? "nothing")")
      }
    }
    #expect(compared > 250)
  }

  @Test(arguments: Release.all)
  func modelIsReallyMoonlight(_ release: Release) throws {
    guard case .mapping(let model)? = try Self.loaded(ExportCase.named("pretrain", for: release))["model"] else {
      Issue.record("no model")
      return
    }
    let expected: [String: ConfigValue] = [
      "class": "megatron.bridge.models.mla_provider.MLAModelProvider", "multi_latent_attention": true,
      "normalization": "RMSNorm", "gated_linear_unit": true, "add_bias_linear": false,
      "position_embedding_type": "rope",
      "share_embeddings_and_output_weights": false, "qk_layernorm": true, "hidden_dropout": 0.0, "q_lora_rank": nil,
      "activation_func": "torch.nn.functional.silu",
      "moe_layer_freq": .list([.int(0)] + Array(repeating: .int(1), count: 26)),
      "transformer_layer_spec": [
        "partial": "megatron.core.models.gpt.gpt_layer_specs.get_gpt_decoder_block_spec",
        "keywords": ["use_transformer_engine": true],
      ],
    ]
    for (name, value) in expected { #expect(model[name].map { Self.isSame($0, value) } == true, "\(name)") }
  }

  @Test(arguments: [
    (Release.bridge031, "blend", "blend", #"[["/data/a", "/data/b c"], [0.7, 1.0e-05]]"#),
    (.bridge062, "blend", "blend", #"[["/data/a", "/data/b c"], [0.7, 1.0e-05]]"#),
    (.bridge031, "blend", "split", #""99,1,0""#),
    (.bridge031, "blend-per-split", "blend_per_split", #"[[["/data/a", "/data/b"], null], [["/data/v"], null], null]"#),
    (.bridge031, "blend-per-split", "split", "null"),
    (.bridge031, "jsonl", "blend", #"[["/data/pile_text_document"], null]"#),
    (.bridge031, "pretrain", "sequence_length", "4096"), (.bridge062, "pretrain", "sequence_length", "4096"),
    (.bridge031, "lora", "dataset_name", #""squad""#),
    (.bridge031, "lora", "process_example_fn", #""megatron.bridge.data.hf_processors.squad.process_squad_example""#),
    (.bridge051, "lora", "process_example_fn", "null"), (.bridge051, "lora", "dataset_name", #""squad""#),
    (.bridge062, "lora", "hf_dataset.dataset_name", #""squad""#), (.bridge062, "lora", "do_test", "false"),
    (.bridge062, "lora", "preprocessing.loss_mode", "completion"),
    (.bridge062, "lora", "hf_validation_proportion", "0.1"),
    (.bridge031, "lora", "seed", "5678"), (.bridge062, "lora", "seed", "5678"),
    (.bridge031, "lora", "seq_length", "4096"),
    (.bridge031, "packed", "packed_sequence_specs.packed_sequence_size", "4096"),
    (.bridge051, "packed", "packed_sequence_specs.pad_seq_to_mult", "4"),
    (.bridge062, "packed", "enable_offline_packing", "true"),
    (.bridge062, "packed", "offline_packing_specs.pad_seq_to_mult", "4"),
    (.bridge031, "packed", "rewrite", "false"), (.bridge062, "packed", "hf_rewrite", "false"),
    (.bridge031, "examples-folder", "dataset_root", #""/data/sft""#),
    (.bridge062, "examples-folder", "dataset_root", #""/data/sft""#),
    (.bridge031, "examples-folder", "max_train_samples", "1000"),
    (
      .bridge031, "examples-folder", "dataset_kwargs",
      #"{prompt_template: "{input}{output}", answer_only_loss: false}"#
    ),
    (.bridge062, "examples-folder", "preprocessing.loss_mode", "full"),
    (.bridge062, "examples-folder", "preprocessing.separator", #""""#),
    (.bridge031, "examples-files", "dataset_root", #""nemo_experiments/default/examples""#),
  ])
  func dataArrives(release: Release, name: String, field: String, value: String) throws {
    let expected = try #require(DocumentReader.read(text: value, name: "expected", format: .yaml).root?.plainValue)
    var found = try Self.loaded(ExportCase.named(name, for: release))["dataset"]
    for part in field.split(separator: ".") {
      guard case .mapping(let mapping)? = found else { break }
      found = mapping[String(part)]
    }
    #expect(found.map { Self.isSame($0, expected) } == true, "\(found.map { "\($0)" } ?? "nothing")")
  }

  @Test(
    arguments: Release.all, [("lora", "megatron.bridge.peft.lora.LoRA"), ("dora", "megatron.bridge.peft.dora.DoRA")])
  func adaptersArrive(release: Release, adapter: (name: String, owner: String)) throws {
    let example = try ExportCase.named(adapter.name, for: release)
    guard case .mapping(let loaded)? = try Self.loaded(example)["peft"] else {
      Issue.record("no adapter")
      return
    }
    #expect(loaded["class"] == .string(adapter.owner))
    #expect(loaded["dim"] == .int(example.config.peft.dim))
    #expect(loaded["alpha"] == .int(example.config.peft.alpha))
    #expect(loaded["target_modules"] == example.config.peft.targetModules.configValue)
    #expect(loaded["params_to_save"] == nil)
  }

  // MARK: How configs and objects correspond; written anew here, not taken from the exporter

  private static let attributes = [
    "parallelism": "model", "recompute": "model",
  ]
  private static let apart: Set<String> = ["software", "recipe", "cluster", "env_vars", "dataset", "peft"]
  private static func values(_ storage: SectionStorage) -> [(name: String, value: ConfigValue)] {
    storage.schema.fields.map { ($0.name, storage.value(of: $0)) } + storage.carried.map { ($0.name, $0.value) }
  }

  private static func expected(_ value: ConfigValue, _ path: FieldPath, _ example: ExportCase) -> ConfigValue {
    switch (path.description, value) {
    case ("model.activation_func", .string("squared_relu")): "megatron.core.activations.squared_relu"
    case ("model.activation_func", .string(let name)): .string("torch.nn.functional." + name)
    // The class keeps this old name of fp8_param_gather equal to it.
    case ("mixed_precision.fp8_param", .null): .bool(example.config.mixedPrecision.fp8ParamGather)
    // A layout of twice as many stages as the pipeline has means two virtual ones.
    case ("parallelism.virtual_pipeline_model_parallel_size", .null) where example.name == "layout-implies-vp": .int(2)
    default: value
    }
  }

  private static func isSame(_ left: ConfigValue, _ right: ConfigValue) -> Bool {
    switch (left, right) {
    case (.int(let left), .float(let right)): Double(left) == right
    case (.float(let left), .int(let right)): left == Double(right)
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
    case (.mapping(let left), .mapping(let right)):
      left.entries.count == right.entries.count
        && right.entries.allSatisfy { entry in left[entry.key].map { isSame($0, entry.value) } == true }
    default: left == right
    }
  }
}
