import Foundation
import Testing

@testable import ConfigDocument

/// What the emitters write is committed, so that `Tests/Reference/yaml_reference.py --check` can have PyYAML,
/// ruamel.yaml and json read it.
///
/// Set `MOONLIGHT_RECORD_FIXTURES=1` to write the file anew; such a run fails, so that it never passes unseen.
@Suite struct EmittedSampleTests {
  static func samples() throws -> [ConfigValue] {
    var values: [ConfigValue] = [
      [
        "schema_version": 1,
        "recipe": [
          "name": "moonlight_16b_pretrain_config", "mode": "pretrain", "description": "Pretrain, on 16 GPUs: all",
        ],
        "optimizer": ["lr": 3e-4, "min_lr": 1e-5, "adam_eps": 1e-8, "weight_decay": 0.1, "clip_grad": 1.0],
        "parallelism": ["pipeline_model_parallel_layout": "Et*14|t*13L", "sequence_parallel": true, "x": nil],
        "dataset": ["data_paths": [["path": "/data/a.jsonl", "weight": 0.5], "/data/b.jsonl"], "split": "949,50,1"],
        "peft": ["target_modules": ["linear_q_proj", "linear_kv_up_proj"], "none": [], "empty": [:]],
      ],
      .mapping(ConfigMapping(RandomValues.hardStrings.enumerated().map { .init("k\($0)", .string($1)) })),
      .mapping(
        ConfigMapping(
          ConfigMapping(RandomValues.hardStrings.filter { $0.utf8.count < 1000 }.map { .init($0, nil) })
            .distinctEntries)),
      .list(RandomValues.hardStrings.map { .string($0) }),
      ["inf": .float(.infinity), "ninf": .float(-.infinity), "max": .int(.max), "min": .int(.min)],
      .mapping(ConfigMapping([.init(String(repeating: "long ", count: 300), ["a": [["b": 1]]])])),
    ]
    for seed in 0..<60 {
      var random = RandomValues(seed: UInt64(seed) + 50_000)
      values.append(random.mapping(depth: 3))
    }
    return values
  }

  static func fixture() throws -> String {
    let rows = try samples().map { value -> String in
      let json = (try? JSONEmitter().emit(value)).map { ConfigValue.string($0) } ?? .null
      // YAML readers find no colon behind a key of more than 1024 characters, so a JSON text with one is for json alone.
      let isReadable = json != .null && !value.hasLongKey
      return try FlowText.json([
        value.encoded, .string(YAMLEmitter(header: ["sample"]).emit(value)), isReadable ? json : nil,
      ])
    }
    return "{\"samples\": [\n" + rows.joined(separator: ",\n") + "\n]}\n"
  }

  @Test func samplesAreAsCommitted() throws {
    let file = ReferenceFixture.folder.appendingPathComponent("emitted.json")
    let text = try Self.fixture()
    if ProcessInfo.processInfo.environment["MOONLIGHT_RECORD_FIXTURES"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded emitted.json; check it with Tests/Reference/yaml_reference.py --check")
    }
    let committed = try ReferenceFixture.text("emitted.json")
    #expect(
      committed.utf8.elementsEqual(text.utf8),
      "emitted.json is stale: run with MOONLIGHT_RECORD_FIXTURES=1, then Tests/Reference/yaml_reference.py --check")
  }
}

extension ConfigValue {
  /// In the notation of yaml_reference.py.
  fileprivate var encoded: ConfigValue {
    switch self {
    case .null: ["null"]
    case .bool(let value): ["bool", .bool(value)]
    case .int(let value): ["int", .string(String(value))]
    case .float(let value): ["float", .string(value.pythonText)]
    case .string(let value): ["str", .string(value)]
    case .list(let items): ["list", .list(items.map(\.encoded))]
    case .mapping(let mapping): ["map", .list(mapping.entries.map { [.string($0.key), $0.value.encoded] })]
    }
  }

  fileprivate var hasLongKey: Bool {
    switch self {
    case .list(let items): items.contains(where: \.hasLongKey)
    case .mapping(let mapping): mapping.entries.contains { $0.key.utf8.count > 1000 || $0.value.hasLongKey }
    default: false
    }
  }
}

extension Double {
  /// As Python's `repr` writes it: the same digits as Swift's, and plain decimal from 1e-4 up to below 1e16.
  fileprivate var pythonText: String {
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    let text = description
    guard magnitude >= 1e-4 && magnitude < 1e16 || self == 0 else {
      return text.contains("e") ? text.replacingOccurrences(of: ".0e", with: "e") : text
    }
    return text.contains("e") ? floatText(self) : text
  }
}
