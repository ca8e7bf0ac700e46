import ConfigDocument
import Exporters
import Foundation
import Testing

@testable import LaunchModel

/// What the real megatron-bridge 0.3.1 and megatron-core 0.16.1 made of the exports, held against the configs.
/// Tests/Reference/bridge_exports.py wrote it.
@Suite struct LoadedValueTests {
  static let fixture: Result<Node, any Error> = Result {
    let text = try Goldens.text("bridge.json")
    return try #require(DocumentReader.read(text: text, name: "bridge.json", format: .json).root)
  }

  /// What was loaded for an attribute of the container; `nil` where the export does not write it.
  static func loaded(_ example: ExportCase) throws -> [String: ConfigValue] {
    let fixture = try Self.fixture.get()
    let first = ExportCase.all[0].name
    guard case .mapping(let base)? = fixture[first]?["loaded"]?.plainValue else { return [:] }
    var result = Dictionary(base.entries.map { ($0.key, $0.value) }) { first, _ in first }
    guard example.name != first else { return result }
    guard case .mapping(let differs)? = fixture[example.name]?["differs"]?.plainValue else { return [:] }
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
    let recorded = try Self.fixture.get()[example.name]?["sha256"]?.scalar?.text
    let now = SHA256.hexadecimal(of: Array(BridgeConfig.yaml(of: example.config).value.utf8))
    #expect(recorded == now, "run Tests/Reference/bridge_exports.py in the environment of its README")
  }

  /// from_yaml in strict mode, validate, and everything after it up to the first step.
  @Test(arguments: ExportCase.all)
  func realPackagesStartIt(_ example: ExportCase) throws {
    let answer = try #require(try Self.fixture.get()[example.name]?["start_up"])
    #expect(answer["ok"]?.plainValue == .bool(true), "\(answer["error"]?.scalar?.text ?? "")")
    let config = example.config
    let model = config.parallelism.tensorModelParallelSize * config.parallelism.pipelineModelParallelSize
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
      guard case .mapping(let object)? = loaded[attribute] else {
        Issue.record("\(attribute) was not loaded")
        continue
      }
      for entry in Self.values(storage) where !Self.withoutCounterpart.contains(FieldPath(section.schema.name, entry.name)) {
        let path = FieldPath(section.schema.name, entry.name)
        let expected = Self.expected(entry.value, path, example)
        let value = object[entry.name]
        compared += 1
        #expect(value.map { Self.isSame($0, expected) } == true, "\(path): \(expected) became \(value.map { "\($0)" } ?? "nothing")")
      }
    }
    #expect(compared > 250)
  }

  @Test func modelIsReallyMoonlight() throws {
    guard case .mapping(let model)? = try Self.loaded(ExportCase.named("pretrain"))["model"] else {
      Issue.record("no model")
      return
    }
    let expected: [String: ConfigValue] = [
      "class": "megatron.bridge.models.mla_provider.MLAModelProvider", "multi_latent_attention": true,
      "normalization": "RMSNorm", "gated_linear_unit": true, "add_bias_linear": false, "position_embedding_type": "rope",
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
    ("blend", "blend", #"[["/data/a", "/data/b c"], [0.7, 1.0e-05]]"#),
    ("blend", "split", #""99,1,0""#),
    ("blend-per-split", "blend_per_split", #"[[["/data/a", "/data/b"], null], [["/data/v"], null], null]"#),
    ("blend-per-split", "split", "null"),
    ("jsonl", "blend", #"[["/data/pile_text_document"], null]"#),
    ("pretrain", "sequence_length", "4096"),
    ("lora", "dataset_name", #""squad""#),
    ("lora", "process_example_fn", #""megatron.bridge.data.hf_processors.squad.process_squad_example""#),
    ("lora", "seed", "5678"),
    ("lora", "seq_length", "4096"),
    ("packed", "packed_sequence_specs.packed_sequence_size", "4096"),
    ("packed", "packed_sequence_specs.pad_seq_to_mult", "4"),
    ("packed", "rewrite", "false"),
    ("examples-folder", "dataset_root", #""/data/sft""#),
    ("examples-folder", "max_train_samples", "1000"),
    ("examples-folder", "dataset_kwargs", "{answer_only_loss: false}"),
    ("examples-files", "dataset_root", #""nemo_experiments/default/examples""#),
  ])
  func dataArrives(name: String, field: String, value: String) throws {
    let expected = try #require(DocumentReader.read(text: value, name: "expected", format: .yaml).root?.plainValue)
    var found = try Self.loaded(ExportCase.named(name))["dataset"]
    for part in field.split(separator: ".") {
      guard case .mapping(let mapping)? = found else { break }
      found = mapping[String(part)]
    }
    #expect(found.map { Self.isSame($0, expected) } == true, "\(found.map { "\($0)" } ?? "nothing")")
  }

  @Test(arguments: [("lora", "megatron.bridge.peft.lora.LoRA"), ("dora", "megatron.bridge.peft.dora.DoRA")])
  func adaptersArrive(name: String, owner: String) throws {
    let example = try ExportCase.named(name)
    guard case .mapping(let adapter)? = try Self.loaded(example)["peft"] else {
      Issue.record("no adapter")
      return
    }
    #expect(adapter["class"] == .string(owner))
    #expect(adapter["dim"] == .int(example.config.peft.dim))
    #expect(adapter["alpha"] == .int(example.config.peft.alpha))
    #expect(adapter["target_modules"] == example.config.peft.targetModules.configValue)
    #expect(adapter["params_to_save"] == nil)
  }

  // MARK: How configs and objects correspond; written anew here, not taken from the exporter

  private static let attributes = [
    "parallelism": "model", "recompute": "model", "validation": "train",
  ]
  private static let apart: Set<String> = ["recipe", "cluster", "env_vars", "dataset", "peft"]
  private static let withoutCounterpart: Set<FieldPath> = [
    FieldPath("model", "max_position_embeddings"), FieldPath("optimizer", "muon_coefficient_type"),
  ]

  private static func values(_ storage: SectionStorage) -> [(name: String, value: ConfigValue)] {
    storage.schema.fields.map { ($0.name, storage.values[$0.index]) } + storage.carried.map { ($0.name, $0.value) }
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
