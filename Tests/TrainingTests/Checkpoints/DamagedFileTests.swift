import Testing

@testable import Training

/// Seeded damage to each small file that the trainer reads: an error that names the file, or a value, never a crash.
@Suite("Damaged files")
struct DamagedFileTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let name: String
    let original: @Sendable () throws -> [UInt8]
    let read: @Sendable (_ path: String) throws -> Void
    var testDescription: String { name }
  }

  private static let tokens = ["{", "[", "\"", "-1", "9223372036854775808", "1e999", "null", "\\u", "0x", "\n", "=="]

  static let readers = [
    Reader(
      name: TrainerState.fileName, original: { Array(TrainerStateTests.state.json.utf8) },
      read: { _ = try TrainerState(folder: FilePath.parent(of: $0)) }),
    Reader(
      name: HuggingFaceConfig.fileName, original: { try fixtureBytes("safetensors/tiny-sharded/config.json") },
      read: { _ = try HuggingFaceConfig(file: $0) }),
    Reader(
      name: AdapterConfig.fileName,
      original: {
        let folder = try TemporaryFolder()
        var config = AdapterConfig(rank: 4, alpha: 8, base: "b")
        config.useDora = true
        config.targetModules = .list(["q_proj"])
        config.ranks = [.init(name: "q_proj", value: 2)]
        try config.write(to: folder.path)
        return try contents(folder.file(AdapterConfig.fileName))
      }, read: { _ = try AdapterConfig(file: $0) }),
    Reader(
      name: "tiktoken.model", original: { try fixtureBytes("tokenizer/tiktoken.model") },
      read: { _ = try TiktokenTokenizer($0).encode("a b\u{0301} 你好") }),
    Reader(
      name: CheckpointDirectory.trackerName, original: { Array("1234\n".utf8) },
      read: { _ = try CheckpointDirectory(FilePath.parent(of: $0)).existing() }),
    Reader(
      name: MetricsLog.fileName,
      original: { Array("{\"step\": 1, \"loss\": 2.5}\n{\"step\": 2, \"loss\": null}\n".utf8) },
      read: {
        _ = try MetricsLog.read($0)
        _ = try MetricsLog($0, resumedStep: 2)
      }),
  ]

  @Test("Readers survive them", arguments: readers)
  func survives(reader: Reader) throws {
    let folder = try TemporaryFolder()
    let original = try reader.original()
    var mutator = Mutator(seed: 29)
    var read = 0
    for round in 0..<200 {
      let path = try folder.write(reader.name, mutator.mutate(original, inserting: Self.tokens))
      do {
        try reader.read(path)
        read += 1
      } catch { #expect("\(error)".contains(folder.path), "round \(round): \(error)") }
    }
    #expect(read < 200 || reader.name == MetricsLog.fileName)
  }
}
