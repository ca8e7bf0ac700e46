import Foundation
import Training

/// A folder with a config of a model that is smaller than tiny, and text for it.
final class SmallRun {
  let folder: String

  init(_ settings: String = "") throws {
    let made = FileManager.default.temporaryDirectory.appendingPathComponent("moonlight-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    folder = made.path
    let lines = (0..<200).map { #"{"text": "line \#($0) of \#($0 * 7919 % 977) lines, \#($0 % 3 == 0 ? "é" : "e")"}"# }
    try write(lines.joined(separator: "\n") + "\n", to: "text.jsonl")
    // Checkpoints hold the time of their data: the same in every run.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: path("text.jsonl"))
    try write(Self.config + settings, to: "run.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static let config = """
    extends: moonlight_tiny_pretrain_config
    recipe: {name: run, dir: .}
    model:
      num_layers: 2
      hidden_size: 32
      ffn_hidden_size: 48
      num_attention_heads: 2
      num_query_groups: 2
      num_moe_experts: 4
      moe_router_topk: 2
      moe_ffn_hidden_size: 16
      moe_shared_expert_intermediate_size: 16
      moe_layer_freq: [0, 1]
      kv_lora_rank: 16
      seq_length: 16
    validation: {eval_interval: 7, eval_iters: 1}
    scheduler: {lr_warmup_iters: 2}
    checkpoint: {save_interval: 5}
    dataset: {kind: jsonl, data_paths: [text.jsonl], split: "9,1"}

    """

  /// The flags that make a run of so many steps of it.
  static func arguments(steps: Int, threads: Int = 1, _ further: String...) -> [String] {
    ["train", "run.yaml", "--threads", "\(threads)", "--set", "train.train_iters=\(steps)"]
      + ["train.global_batch_size=4", "train.micro_batch_size=2"].flatMap { ["--set", $0] } + further
  }

  /// The same for a run of adapters on what ``arguments(steps:threads:_:)`` has made.
  static func adapterArguments(steps: Int) -> [String] {
    let settings = [
      "recipe.name=adapter", "recipe.mode=peft", "peft.peft_scheme=lora", "peft.dim=4", "peft.alpha=8",
      "peft.target_modules=[linear_q_proj, linear_fc1]", "checkpoint.pretrained_checkpoint=run/checkpoints",
      "dataset.kind=mock", "dataset.data_paths=[]",
    ]
    return arguments(steps: steps) + settings.flatMap { ["--set", $0] }
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func program() throws -> TrainerProgram { try TrainerProgram(in: folder) }

  /// The bytes of everything in the folder, by its path there.
  func allFiles() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
      var isFolder: ObjCBool = false
      // A program that is being killed may take away what was listed.
      guard FileManager.default.fileExists(atPath: path(name), isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      files[name] = try bytes(name)
    }
    return files
  }

  /// Whether something stands under the name that it has until it is whole.
  func isWriting() -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.contains { $0.hasSuffix(".writing") } ?? false
  }

  func remove(_ names: [String]) throws {
    for name in names where FileManager.default.fileExists(atPath: path(name)) {
      try FileManager.default.removeItem(atPath: path(name))
    }
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  var checkpoints: CheckpointDirectory { CheckpointDirectory(path("run/checkpoints")) }

  /// All that a run leaves but what depends on the clock: the files of its last checkpoint, and its metrics.
  func results(of name: String = "run") throws -> Results {
    let (iteration, last) = try CheckpointDirectory(path("\(name)/checkpoints")).existing()
    var files: [String: Data] = [:]
    for name in try POSIXFileSystem().list(last) {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(last)/\(name)"))
    }
    var metrics = try MetricsLog.read(path("\(name)/metrics.jsonl"))
    for index in metrics.indices { (metrics[index].seconds, metrics[index].tokensPerSecond) = (0, 0) }
    return Results(iteration: iteration, files: files, metrics: metrics)
  }

  struct Results: Equatable {
    let iteration: Int
    let files: [String: Data]
    let metrics: [StepMetrics]
  }
}
