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
    trainerFile(
      "adapter-config", AdapterConfig.fileName,
      seeds: SeedFiles.all(in: "Tests/Fixtures/adapters", endings: [AdapterConfig.fileName])
    ) { _ = try AdapterConfig(file: $0) },
    trainerFile("checksums", ChecksumList.fileName, seeds: [Array(sums.text.utf8)]) {
      _ = try ChecksumList(folder: FilePath.parent(of: $0))
    },
    trainerFile(
      "json-lines", "data.jsonl",
      seeds: [
        Array("{\"text\": \"one\", \"id\": 7}\n{\"id\": [null, {\"a\": -1e3}], \"text\": \"\\u00e9\\n\"}\n".utf8)
      ]
    ) { path in
      _ = try DocumentsInMemory(jsonLines: path, tokenizer: ByteTokenizer())
    },
    trainerFile(
      "indexed", "data.idx", seeds: [SeedFiles.file("Tests/Fixtures/indexed_dataset/uint16_text_document.idx")],
      beside: ["data.bin": SeedFiles.file("Tests/Fixtures/indexed_dataset/uint16_text_document.bin")]
    ) { path in
      let data = try IndexedDataset(path)
      for sequence in 0..<min(data.count, 4) {
        let length = min(data.length(sequence), 64)
        var tokens = [Int32](repeating: 0, count: length)
        try tokens.withUnsafeMutableBufferPointer { try data.copy(sequence, 0..<length, to: $0) }
      }
    },
    trainerFile(
      "tokenizer", HuggingFaceTokenizer.fileName,
      seeds: SeedFiles.all(in: "Tests/Fixtures/tokenizer/json", endings: [HuggingFaceTokenizer.fileName])
    ) { path in
      let tokenizer = try HuggingFaceTokenizer(path)
      _ = tokenizer.decode(try tokenizer.encode("a b\u{0301} 你好 12,345"))
    },
    trainerFile(
      "chat-template", "chat_template.jinja", seeds: templates.map { Array($0.utf8) }, tokens: templateTokens,
      beside: [HuggingFaceTokenizer.fileName: SeedFiles.file("Tests/Fixtures/tokenizer/json/gpt2/tokenizer.json")]
    ) { path in
      let tokenizer = try HuggingFaceTokenizer(FilePath.parent(of: path))
      _ = try tokenizer.chatTemplate?.render(
        [ChatMessage(.system, "s"), ChatMessage(.user, "u {{ x }}"), ChatMessage(.assistant, "a")], tokenizer,
        generationPrompt: true)
    },
  ]

  private static let sums = ChecksumList(files: [
    "config.json": Checksum(), "model.safetensors": [1, 2, 3].withUnsafeBytes { Checksum($0) },
  ])

  /// Those of the fixtures.
  private static let templates: [String] = {
    let file = Data(SeedFiles.file("Tests/Fixtures/tokenizer/chat_templates.json"))
    let tree = try? JSONSerialization.jsonObject(with: file) as? [String: Any]
    return (tree?["templates"] as? [String: String] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
  }()

  private static let templateTokens = [
    "{{", "}}", "{%", "%}", "{%-", "-%}", "{% for m in messages %}", "{% endfor %}", "{% if ", "{% endif %}",
    "{% set x = ", " is defined", " and ", " not ", "namespace(", "loop.", "[0]", "['role']", "[:1]", " ~ ", " | trim",
    "range(", "9223372036854775807", "'", "raise_exception(", ".split(", " * ", " % ", " // ", "(", ")", "{#", "#}",
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
  ///
  /// - Parameter others: files that stand beside the one that is read, by their names.
  private static func trainerFile(
    _ name: String, _ fileName: String, seeds: [[UInt8]], tokens: [String] = jsonTokens,
    beside others: [String: [UInt8]] = [:], read: @escaping @Sendable (String) throws -> Void
  ) -> FuzzEntry {
    FuzzEntry(name, seeds: seeds, tokens: tokens) { bytes in
      let own = folder + "/" + name
      if POSIXFileSystem().kind(own) == nil {
        try POSIXFileSystem().createDirectories(own)
        for (other, bytes) in others { try write(bytes, to: own + "/" + other) }
      }
      let path = own + "/" + fileName
      try write(bytes, to: path)
      do { try read(path) } catch { try promise(!"\(error)".isEmpty, "an error without words") }
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let writer = try FileWriter(path)
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
  }

  /// Removes what the entries have written.
  package static func removeFiles() { try? POSIXFileSystem().removeTree(folder) }
}
