import Foundation
import Training

extension FuzzEntry {
  /// Files that the trainer reads. Each stands in a folder of this process, as its readers take paths.
  static let trainerFiles: [FuzzEntry] = [
    trainerFile("trainer-state", TrainerState.fileName, seeds: [Array(state.json.utf8)]) {
      _ = try TrainerState(folder: FilePath.parent(of: $0))
    },
    trainerFile(
      "huggingface-config", HuggingFaceConfig.fileName,
      seeds: SeedFiles.all(in: "Tests/Fixtures/safetensors", endings: ["config.json"])
    ) { _ = try HuggingFaceConfig(file: $0) },
    trainerFile(
      "safetensors", "model.safetensors",
      seeds: SeedFiles.all(in: "Tests/Fixtures/safetensors", endings: [".safetensors"])
    ) { path in _ = try SafetensorsFile(path) },
    trainerFile("tiktoken", "tiktoken.model", seeds: [SeedFiles.file("Tests/Fixtures/tokenizer/tiktoken.model")]) {
      _ = try TiktokenTokenizer($0).encode("a b\u{0301} 你好")
    },
    trainerFile("tracker", CheckpointDirectory.trackerName, seeds: [Array("1234\n".utf8)]) {
      _ = try CheckpointDirectory(FilePath.parent(of: $0)).latestIteration()
    },
    trainerFile(
      "metrics", MetricsLog.fileName,
      seeds: [
        Array("{\"step\": 1, \"loss\": 2.5, \"tokens\": 64}\n{\"step\": 2, \"loss\": null, \"eval_loss\": 1.5}\n".utf8)
      ]
    ) { path in
      let steps = try MetricsLog.read(path)
      _ = RunSummary(steps).text
      _ = LossCurve(steps, title: "run").svg
      _ = try MetricsLog(path, resumedStep: 2)
    },
  ]

  private static let state: TrainerState = {
    var state = TrainerState(iteration: 120, consumedTrainSamples: 1920, configFingerprint: "sha256:0")
    state.counters["optimizer_steps"] = 120
    state.config = ["train.train_iters": "120"]
    return state
  }()

  private static let jsonTokens = [
    "{", "}", "[", "]", "\"", ":", ",", "-1", "1e999", "null", "\\u", "0x", "\n", "==", "9223372036854775808", "true",
  ]

  private static let folder: String = {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    return base + "/moonlight-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
  }()

  /// An entry whose reader may throw any error that has something to say.
  private static func trainerFile(
    _ name: String, _ fileName: String, seeds: [[UInt8]], read: @escaping @Sendable (String) throws -> Void
  ) -> FuzzEntry {
    FuzzEntry(name, seeds: seeds, tokens: jsonTokens) { bytes in
      let own = folder + "/" + name
      try POSIXFileSystem().createDirectories(own)
      let path = own + "/" + fileName
      let writer = try FileWriter(path)
      try bytes.withUnsafeBytes { try writer.write($0) }
      try writer.finish()
      do { try read(path) } catch { try promise(!"\(error)".isEmpty, "an error without words") }
    }
  }

  /// Removes what the entries have written.
  package static func removeFiles() { try? POSIXFileSystem().removeTree(folder) }
}
