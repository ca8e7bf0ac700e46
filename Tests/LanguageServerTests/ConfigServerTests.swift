import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import LanguageServer

@Suite("What the server answers")
struct ConfigServerTests {
  private struct Disk: ConfigFiles {
    let texts: [String: String]
    struct Missing: Error {}

    func read(_ path: String) throws -> [UInt8] { try readBase(path).bytes }
    func readBase(_ path: String) throws -> BaseText {
      guard let text = texts[path] else { throw Missing() }
      return BaseText(Array(text.utf8))
    }
    func identity(of path: String) -> String { path }
  }

  /// A client that has begun to talk.
  private struct Client {
    var server: ConfigServer
    private var count = 0

    init(disk: [String: String] = [:], release: Release? = nil) throws {
      server = ConfigServer(
        ServerSurroundings(
          recipes: RecipeBook.shipped, files: { _ in Disk(texts: disk) },
          folder: { $0 == "/p/" ? [.init(name: "base.yaml", isFolder: false)] : [] }, release: release),
        version: "test")
      _ = try request("initialize", [:])
    }

    mutating func send(_ message: ConfigValue) throws -> [ConfigValue] {
      server.receive(Array(try FlowText.json(message).utf8)).map(\.value)
    }

    mutating func request(_ method: String, _ params: ConfigValue) throws -> ConfigValue {
      count += 1
      let answers = try send(["jsonrpc": "2.0", "id": .int(count), "method": .string(method), "params": params])
      return try #require(answers.first?["result"])
    }

    /// Of a place that is marked `|` in a line that was opened.
    mutating func request(_ method: String, uri: String = "file:///p/a.yaml", _ line: Int, _ character: Int) throws
      -> ConfigValue
    {
      try request(
        "textDocument/" + method,
        ["textDocument": ["uri": .string(uri)], "position": ["line": .int(line), "character": .int(character)]])
    }

    mutating func open(_ text: String, uri: String = "file:///p/a.yaml", language: String = "yaml") throws {
      _ = try send([
        "jsonrpc": "2.0", "method": "textDocument/didOpen",
        "params": [
          "textDocument": [
            "uri": .string(uri), "languageId": .string(language), "version": 1, "text": .string(text),
          ]
        ],
      ])
    }

    mutating func change(_ changes: ConfigValue, uri: String = "file:///p/a.yaml") throws {
      _ = try send([
        "jsonrpc": "2.0", "method": "textDocument/didChange",
        "params": ["textDocument": ["uri": .string(uri), "version": 2], "contentChanges": changes],
      ])
    }

    /// `CODE line:character severity` of each finding of each document that has changed.
    mutating func findings() -> [String] {
      server.publishChanges().flatMap { message in
        (message.value["params"]?["diagnostics"]?.items ?? []).map { form in
          let start = form["range"]?["start"]
          return "\(form["code"]?.text ?? "") \(start?["line"]?.number ?? -1):\(start?["character"]?.number ?? -1)"
            + " \(form["severity"]?.number ?? 0)"
        }
      }
    }
  }

  private static let text = """
    extends: base.yaml
    rng:
      seed: 0
    validation:
      eval_interval: 600000
    parallelism:
      sequence_parallel: true

    """
  private static let base =
    "extends: moonlight_16b_pretrain_config\nrng:\n  seed: 5\nsoftware:\n  megatron_bridge: 0.5.1\n"

  private func client(_ text: String = text) throws -> Client {
    var client = try Client(disk: ["/p/base.yaml": Self.base])
    try client.open(text)
    return client
  }

  @Test("Findings follow edits of ranges, of the whole text and of a base")
  func findings() throws {
    var client = try client()
    #expect(client.findings() == ["TRAIN-04 2:8 1", "EVAL-02 4:17 3"])
    #expect(client.findings() == [])
    let end: ConfigValue = ["line": 2, "character": 9]
    try client.change([["range": ["start": ["line": 2, "character": 8], "end": end], "text": "12"]])
    #expect(client.findings() == ["EVAL-02 4:17 3"])
    try client.open(Self.base.replacing("seed: 5", with: "seed: x"), uri: "file:///p/base.yaml")
    #expect(client.findings().sorted() == ["EVAL-02 4:17 3", "FIELD-02 0:9 1", "FIELD-02 2:8 1"])
    try client.change([["text": "services: {}\nversion: 3\n"]])
    #expect(client.findings() == [])
  }

  @Test("A config that names no release is for the one that the server was started for")
  func release() throws {
    let text = "extends: moonlight_16b_pretrain_config\nvalidation: {skip_train: true}\n"
    var client = try Client()
    try client.open(text)
    #expect(client.findings() == ["FIELD-11 0:0 3", "MLA-17 0:9 3"])
    client = try Client(release: .bridge031)
    try client.open(text)
    #expect(client.findings() == ["FIELD-01 1:13 1"])
  }

  @Test("Hover tells of the finding and of the field")
  func hover() throws {
    var client = try client()
    let text = try #require(try client.request("hover", 2, 8)["contents"]?["value"]?.text)
    #expect(text.contains("**TRAIN-04: ") && text.contains("**`rng.seed`**") && text.contains("- value: `0`"))
    #expect(try client.request("hover", 7, 0) == .null)
  }

  @Test("Completion knows keys, words, recipes and files, in texts that cannot be read yet, too")
  func completion() throws {
    func labels(_ text: String, _ line: Int, _ character: Int, _ language: String = "yaml") throws -> [String] {
      var client = try Client()
      try client.open(text, uri: "file:///p/a." + language, language: language)
      let items = try client.request("completion", uri: "file:///p/a." + language, line, character).items ?? []
      return items.compactMap { $0["label"]?.text }
    }
    let keys = try labels("train:\n  train_iters: 10\n  \n", 2, 2)
    #expect(keys.contains("global_batch_size") && !keys.contains("train_iters") && !keys.contains("lr"))
    #expect(try labels("recompute:\n  recompute_granularity: ", 1, 25).contains("selective"))
    #expect(try labels("extends: ", 0, 9).contains("moonlight_16b_pretrain_config"))
    #expect(try labels("extends: ", 0, 9).contains("base.yaml"))
    #expect(try labels("mod", 0, 3).contains("model"))
    #expect(try labels("a: 1 # moonlight: ignore ", 0, 25).contains("EVAL-02"))
    #expect(try labels("a: 1 # other ", 0, 12) == [])
    #expect(try labels(#"{"train": {""#, 0, 12, "json").contains("global_batch_size"))
    #expect(try labels(#"{"train": {"manual_gc": "#, 0, 24, "json").contains("true"))
  }

  @Test("Code actions are the fix, marked where it is a guess, and the comment that accepts a finding")
  func actions() throws {
    var client = try client()
    func titles(line: Int) throws -> [String] {
      let place: ConfigValue = ["line": .int(line), "character": 10]
      let actions = try client.request(
        "textDocument/codeAction",
        ["textDocument": ["uri": "file:///p/a.yaml"], "range": ["start": place, "end": place], "context": [:]])
      return actions.items?.compactMap { $0["title"]?.text } ?? []
    }
    #expect(try titles(line: 2).allSatisfy { $0.hasSuffix("(unsafe)") })
    #expect(try titles(line: 4) == [])
    let place: ConfigValue = ["line": 4, "character": 18]
    let answer = try client.request(
      "textDocument/codeAction",
      ["textDocument": ["uri": "file:///p/a.yaml"], "range": ["start": place, "end": place], "context": [:]])
    let edit = answer.items?.first?["edit"]?["changes"]?["file:///p/a.yaml"]?.items?.first
    #expect(edit?["newText"]?.text == "  # moonlight: ignore EVAL-02")
  }

  @Test("A definition is the base, and what a base says of the field")
  func definition() throws {
    var client = try client()
    #expect(try client.request("definition", 0, 12).items?.first?["uri"]?.text == "file:///p/base.yaml")
    let inherited = try client.request("definition", 2, 4).items?.first
    #expect(inherited?["uri"]?.text == "file:///p/base.yaml")
    #expect(inherited?["range"]?["start"]?["line"] == 2)
  }

  @Test("Symbols are sections with fields; hints say what follows")
  func symbolsAndHints() throws {
    var client = try client(Self.text.replacing("seed: 0", with: "seed: 1"))
    let symbols = try client.request("documentSymbol", 0, 0).items ?? []
    #expect(symbols.compactMap { $0["name"]?.text } == ["extends", "rng", "validation", "parallelism"])
    let hints = try client.request(
      "textDocument/inlayHint",
      [
        "textDocument": ["uri": "file:///p/a.yaml"],
        "range": ["start": ["line": 0, "character": 0], "end": ["line": 99, "character": 0]],
      ])
    #expect(hints.items?.compactMap { $0["label"]?.text } == ["data-parallel size 8, of experts 2"])
  }

  @Test(
    "Nothing that a client sends ends the server",
    arguments: [
      "", "[", "[]", "7", "{}", #"{"id": 1}"#, #"{"method": 3}"#, #"{"method": "textDocument/didChange", "params": 3}"#,
      #"{"id": 1, "method": "textDocument/hover"}"#,
      #"{"id": 1, "method": "textDocument/hover", "params": {"textDocument": {"uri": "file:///p/a.yaml"}}}"#,
      #"{"id": 1, "method": "no/such"}"#, String(repeating: "[", count: 100_000),
    ])
  func malformed(text: String) throws {
    var client = try client()
    let answers = client.server.receive(Array(text.utf8))
    #expect(answers.allSatisfy { $0.value["error"] != nil })
    #expect(client.findings().count == 2)
  }

  @Test("The order of the protocol is kept")
  func order() throws {
    var client = try client()
    #expect(try client.request("shutdown", [:]) == .null)
    _ = try client.send(["jsonrpc": "2.0", "method": "exit"])
    #expect(client.server.endsOrderly == true)
  }
}
