import ConfigDocument
import Exporters
import Foundation
import LaunchModel
import Releases
import Testing

/// What rows to finetune on are is seen in the first one, and said in the terms of the release.
@Suite struct ExampleRowsTests {
  private static let chat = #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#
  private static let pairs = #"{"prompt": "a", "completion": "b"}"#

  private func dataset(_ rows: String, _ settings: [String] = [], for release: Release) throws -> ConfigMapping {
    let folder = FileManager.default.temporaryDirectory.path + "/moonlight-rows-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try rows.write(toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
    let config = try ExportCase.named("sft", for: release).config.with(
      ["dataset.data_paths=[\"\(folder)/rows.jsonl\"]"] + settings)
    let tree = BridgeConfig.tree(of: config)
    #expect(tree.problems.isEmpty)
    guard case .mapping(let dataset)? = tree.value["dataset"] else { throw Missing() }
    return dataset
  }

  private struct Missing: Error {}

  /// What `dataset` says of conversations: a class of its own since 0.6.2, arguments of the dataset before.
  private func says(_ dataset: ConfigMapping, _ release: Release) -> Bool {
    if release == .bridge062 {
      if case .mapping(let processing)? = dataset["preprocessing"] {
        return processing["_target_"] == "megatron.bridge.data.sft_processing.ChatSFTPreprocessingConfig"
      }
      return false
    }
    if case .mapping(let arguments)? = dataset["dataset_kwargs"] {
      return arguments["chat"] == true && arguments["use_hf_tokenizer_chat_template"] == true
    }
    return false
  }

  @Test(arguments: Release.all)
  func conversations(_ release: Release) throws {
    #expect(says(try dataset(Self.chat + "\n", for: release), release))
    #expect(says(try dataset(Self.chat + "\n\n\n", for: release), release))
    #expect(says(try dataset(Self.chat.replacing("messages", with: "conversations"), for: release), release))
  }

  @Test(arguments: Release.all)
  func otherRows(_ release: Release) throws {
    for rows in [Self.pairs, "no JSON", #"{"text": "a"}"#] { #expect(!says(try dataset(rows, for: release), release)) }
  }

  /// A folder is used as it lies where every release reads its rows; none reads over a byte order mark.
  @Test func byteOrderMark() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/moonlight-rows-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (mark, isUsed) in [("", true), ("\u{FEFF}", false)] {
      try (mark + Self.chat + "\n").write(toFile: folder + "/training.jsonl", atomically: false, encoding: .utf8)
      let config = try ExportCase.named("sft").config.with(["dataset.data_paths=[\"\(folder)\"]"])
      guard case .mapping(let dataset)? = BridgeConfig.tree(of: config).value["dataset"] else { throw Missing() }
      #expect((dataset["dataset_root"] == .string(folder)) == isUsed)
    }
  }

  /// Rows that nobody could train on as they stand: one line for each file, before anything is written.
  @Test(arguments: [
    ("", "has no rows"), ("\n\n", "has no rows"), ("\n" + Self.chat, "line 1 is empty"),
    (Self.chat + "\n\n\n" + Self.chat, "line 2 is empty"), (Self.chat + "\n \n", "line 2 is empty"),
    (Self.chat + "\r\n\r\n", "line 2 is empty"),
    (
      Self.chat + "\n" + Self.pairs,
      "line 2 is a prompt with its completion, and those before it are each a conversation: a file holds one kind"
    ),
    (#"{"a": 1}"#, "line 1 is neither a conversation, nor a prompt with its completion, nor a text"),
  ])
  func brokenRows(rows: String, problem: String) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/moonlight-rows-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try rows.write(toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
    let config = try ExportCase.named("sft").config.with(["dataset.data_paths=[\"\(folder)/rows.jsonl\"]"])
    #expect(BridgeConfig.tree(of: config).problems.map(\.message.text) == ["`\(folder)/rows.jsonl`: \(problem)"])
    let empty = try ExportCase.named("sft").config.with(["dataset.data_paths=[\"\(folder)\"]"])
    #expect(BridgeConfig.tree(of: empty).problems.map(\.message.text) == ["`\(folder)` holds no training.jsonl"])
  }
}
