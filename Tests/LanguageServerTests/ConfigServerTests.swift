import ConfigDocument
import Releases
import Testing

@testable import LanguageServer

@Suite("What the server answers")
struct ConfigServerTests {
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

  private func client(_ text: String = text) throws -> EditorClient {
    var client = try EditorClient(disk: ["/p/base.yaml": Self.base])
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
    var client = try EditorClient()
    try client.open(text)
    #expect(client.findings() == ["FIELD-11 0:0 3", "MLA-17 0:9 3"])
    client = try EditorClient(release: .bridge031)
    try client.open(text)
    #expect(client.findings() == ["FIELD-01 1:13 1"])
  }

  @Test(
    "Of a file that is no config, or not yet, there is nothing to say",
    arguments: [
      "", "# later\n", "kind: Pod\n---\nkind: Service\n", "- hosts: all\n", "key: !vault |\n  123\n",
      "kind: {{ .Values.kind }}\n", "name: a\nname: b\n", "{\"name\": \"x\",}", "plain",
    ])
  func foreign(text: String) throws {
    var client = try EditorClient()
    try client.open(text)
    #expect(client.findings() == [])
    #expect(try client.request("documentSymbol", 0, 0).items?.isEmpty == true || !text.contains(":"))
  }

  @Test("A config that half a word makes unreadable has that one finding", arguments: ["", "kind: Pod\n"])
  func unreadable(before: String) throws {
    var client = try EditorClient()
    try client.open(before + "rng:\n  seed: 1\nmod\n")
    #expect(client.findings().count == 1)
  }

  @Test("A finding of a block is shown at its key")
  func blocks() throws {
    var client = try EditorClient()
    try client.open(
      "extends: moonlight_16b_pretrain_config\ncluster:\n  num_nodes:\n    a: 1\n    b: 2\nrng: [1,\n  2]\n")
    for form in client.published().flatMap({ $0["params"]?["diagnostics"]?.items ?? [] }) {
      #expect(form["range"]?["start"]?["line"] == form["range"]?["end"]?["line"], "\(form)")
    }
  }

  @Test("What is written in comes before what builds on it, whose hints are then asked for anew")
  func order() throws {
    var client = try EditorClient(
      disk: ["/p/base.yaml": Self.base], capabilities: ["workspace": ["inlayHint": ["refreshSupport": true]]])
    try client.open(Self.text)
    try client.open(Self.text, uri: "file:///p/b.yaml")
    try client.open(Self.base, uri: "file:///p/base.yaml")
    func told(_ messages: [ConfigValue]) -> [String] {
      messages.map { $0["params"]?["uri"]?.text ?? $0["method"]?.text ?? "" }
    }
    _ = client.published()
    try client.change([["text": .string(Self.base + "  # more\n")]], uri: "file:///p/base.yaml")
    #expect(
      told(client.published()) == [
        "file:///p/base.yaml", "file:///p/a.yaml", "file:///p/b.yaml", "workspace/inlayHint/refresh",
      ])
    try client.change([["text": .string(Self.text)]])
    #expect(told(client.published()) == ["file:///p/a.yaml"])
  }

  @Test("A client that can watch files is asked to, and a base that it reports is read again")
  func watchedFiles() throws {
    var client = try EditorClient(
      capabilities: ["workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]])
    let asked = try client.send(["jsonrpc": "2.0", "method": "initialized", "params": [:]])
    #expect(asked.first?["method"]?.text == "client/registerCapability" && asked.first?["id"] != nil)
    #expect(try client.send(["jsonrpc": "2.0", "id": asked.first?["id"] ?? 0, "result": .null]) == [])
    try client.open(Self.text)
    #expect(client.findings() == ["FIELD-09 0:9 1"])
    _ = try client.send([
      "jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles",
      "params": ["changes": [["uri": "file:///p/base.yaml", "type": 1]]],
    ])
    #expect(client.findings() == ["FIELD-09 0:9 1"])
  }

  @Test("A request that is taken back before it is worked on is not answered with a result")
  func cancelled() throws {
    var client = try client()
    let messages = [
      #"{"id": 7, "method": "textDocument/hover", "params": {"textDocument": {"uri": "file:///p/a.yaml"}}}"#,
      #"{"method": "$/cancelRequest", "params": {"id": 7}}"#, #"{"id": 8, "method": "shutdown"}"#,
    ]
    let answers = client.server.receive(messages.map { .message(Array($0.utf8)) }).map(\.value)
    #expect(answers.map { $0["error"]?["code"] } == [-32800, nil])
  }

  @Test(
    "Columns are those that were agreed on, in findings, edits and requests", arguments: ["utf-8", "utf-16", "utf-32"])
  func encodings(encoding: String) throws {
    var client = try EditorClient(capabilities: ["general": ["positionEncodings": [.string(encoding)]]])
    let text = "extends: moonlight_16b_pretrain_config\nvalidation: {'é𝄞': 1, eval_interval: 600000}\n"
    try client.open(text)
    let before = "validation: {'é𝄞': 1, eval_interval: "
    let column = ["utf-8": before.utf8.count, "utf-16": before.utf16.count, "utf-32": before.unicodeScalars.count]
    let place = try #require(column[encoding])
    #expect(client.findings().contains("EVAL-02 1:\(place) 3"))
    let range: ConfigValue = [
      "start": ["line": 1, "character": .int(place)], "end": ["line": 1, "character": .int(place + 6)],
    ]
    try client.change([["range": range, "text": "10"]])
    #expect(client.findings().contains { $0.hasPrefix("EVAL-02") } == false)
    #expect(try client.request("hover", 1, place)["contents"]?["value"]?.text?.contains("value: `10`") == true)
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
      var client = try EditorClient()
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
    #expect(try labels("rng: {} # moonlight: ignore ", 0, 28).contains("EVAL-02"))
    #expect(try labels("rng: {} # other ", 0, 16) == [])
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
    // Editors that ask for where the cursor is name the findings of the line.
    let published = client.published().first?["params"]?["diagnostics"] ?? .null
    let start: ConfigValue = ["line": 4, "character": 0]
    let ofLine = try client.request(
      "textDocument/codeAction",
      [
        "textDocument": ["uri": "file:///p/a.yaml"], "range": ["start": start, "end": start],
        "context": ["diagnostics": published],
      ])
    #expect(ofLine.items?.contains { $0["title"]?.text == "ignore EVAL-02 here" } == true)
  }

  @Test("All safe fixes are one edit of the lines that differ")
  func fixAll() throws {
    var client = try EditorClient()
    try client.open("# é\nextends: moonlight_16b_pretrain_config\nrng:\n  sede: 1\ntrain: {}\n")
    let start: ConfigValue = ["line": 0, "character": 0]
    let actions = try client.request(
      "textDocument/codeAction",
      [
        "textDocument": ["uri": "file:///p/a.yaml"], "range": ["start": start, "end": start],
        "context": ["diagnostics": [], "only": ["source.fixAll"]],
      ])
    let edits = actions.items?.first?["edit"]?["changes"]?["file:///p/a.yaml"]?.items ?? []
    #expect(edits.compactMap { $0["newText"]?.text } == ["  seed: 1\n"])
    #expect(edits.first?["range"]?["start"] == ["line": 3, "character": 0])
    #expect(edits.first?["range"]?["end"] == ["line": 4, "character": 0])
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
    let answers = client.server.receive([.message(Array(text.utf8))])
    #expect(answers.allSatisfy { $0.value["error"] != nil })
    #expect(client.findings().count == 2)
  }

  @Test("The order of the protocol is kept")
  func lifeCycle() throws {
    var client = try client()
    #expect(try client.request("shutdown", [:]) == .null)
    _ = try client.send(["jsonrpc": "2.0", "method": "exit"])
    #expect(client.server.endsOrderly == true)
  }
}
