import ConfigDocument
import Testing

@testable import LanguageServer

@Suite("What can be written at a place")
struct CompletionTests {
  /// The labels at a `|` of a text that is written there, as an editor sends it: first without what is typed last.
  private func labels(_ text: String, named name: String = "a.yaml", before: String? = nil) throws -> [String] {
    var client = try EditorClient()
    let uri = "file:///p/" + name
    let mark = try #require(text.firstIndex(of: "|"))
    try client.open(before ?? String(text.filter { $0 != "|" }), uri: uri, language: "")
    _ = client.published()
    if before != nil { try client.change([["text": .string(text.filter { $0 != "|" })]], uri: uri) }
    let lines = text[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
    let items = try client.request("completion", uri: uri, lines.count - 1, lines.last?.count ?? 0).items ?? []
    return items.compactMap { $0["label"]?.text }
  }

  @Test(
    "Nothing in comments, in texts of several lines, behind complete values, and in files of another kind",
    arguments: [
      "model:\n  # num|", "model: # num|", "recipe:\n  description: don't # see |",
      "recipe:\n  description: >-\n    mo|",
      "train:\n  train_iters: 100 |", "train:\n  train_iters: [1] |", "checkpoint:\n  save: a b|",
      "apiVersion: v1\nkind: Pod\nmo|:", "- hosts: all\n- |",
    ])
  func silence(text: String) throws {
    #expect(try labels(text) == [])
  }

  @Test(
    "Keys, of mappings in brackets, too",
    arguments: [
      ("train: {|", "global_batch_size"), ("train: {train_iters: 1, gl|", "global_batch_size"),
      ("train:\n  glo|bal_batch_size: 8\n", "global_batch_size"), ("|", "model"), ("mod|", "model"),
      ("recompute: {recompute_granularity: |", "selective"), ("recompute:\n  recompute_modules: [core_attn, |", "moe"),
    ])
  func keys(text: String, label: String) throws {
    #expect(try labels(text).contains(label))
  }

  @Test(
    "No key is offered twice, or that is written already", arguments: ["model:\n  num_layers: 3\n  |", "model: {}\n|"])
  func once(text: String) throws {
    let labels = try labels(text)
    #expect(Set(labels).count == labels.count && labels.count > 10)
    #expect(!labels.contains("num_layers") && !(text.hasSuffix("{}\n|") && labels.contains("model")))
  }

  @Test("Half a key leaves a file what it was before: of Megatron-Bridge, and with the keys that it has")
  func halfAKey() throws {
    let container = """
      _target_: megatron.bridge.training.config.ConfigContainer
      ddp:
        _target_: megatron.bridge.training.config.DistributedDataParallelConfig
        overlap_grad_reduce: true

      """
    let labels = try labels(container + "  over|", before: container)
    #expect(labels.contains("overlap_param_gather") && !labels.contains("overlap_grad_reduce"))
    #expect(try self.labels(container + "mod|", before: container).contains("model"))
    #expect(try !self.labels(container + "mod|", before: container).contains("parallelism"))
    #expect(try self.labels("kind: Pod\nmod|", before: "kind: Pod\n") == [])
    #expect(try self.labels("|\n", before: "kind: Pod\n").contains("model"))
  }

  @Test("What is chosen takes the place of the whole word, and keeps its order and its quotes")
  func edits() throws {
    var client = try EditorClient()
    try client.open("recompute:\n  recompute_granularity: 'sel'  # s\n")
    let items = try client.request("completion", 1, 29).items ?? []
    let item = try #require(items.first { $0["label"]?.text == "selective" })
    #expect(item["textEdit"]?["range"]?["start"]?["character"] == 25)
    #expect(item["textEdit"]?["range"]?["end"]?["character"] == 30)
    #expect(item["filterText"]?.text == "'selective'")
    #expect(items.compactMap { $0["sortText"]?.text } == items.indices.map { "000\($0)" })
  }

  @Test("A JSON file accepts findings by a key of its own")
  func ignoredCodes() throws {
    #expect(try labels(#"{"$|"#, named: "a.json").contains("$ignore"))
    #expect(try labels(#"{"$ignore": ["|"#, named: "a.json").contains("EVAL-02"))
  }
}
