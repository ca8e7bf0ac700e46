import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import LanguageServer

/// A disk that holds a few texts.
struct TextDisk: ConfigFiles {
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
struct EditorClient {
  var server: ConfigServer
  private var count = 0

  init(disk: [String: String] = [:], release: Release? = nil, capabilities: ConfigValue = [:]) throws {
    server = ConfigServer(
      ServerSurroundings(
        recipes: RecipeBook.shipped, files: { _ in TextDisk(texts: disk) },
        folder: { $0 == "/p/" ? [.init(name: "base.yaml", isFolder: false)] : [] }, release: release),
      version: "test")
    _ = try request("initialize", ["capabilities": capabilities])
  }

  mutating func send(_ message: ConfigValue) throws -> [ConfigValue] {
    server.receive([.message(Array(try FlowText.json(message).utf8))]).map(\.value)
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

  /// Everything that there is to say of what has changed.
  mutating func published() -> [ConfigValue] {
    var messages: [ConfigValue] = []
    while server.hasChanges { messages += server.publishNext().map(\.value) }
    return messages
  }

  /// `CODE line:character severity` of each finding of each document that has changed.
  mutating func findings() -> [String] {
    published().flatMap { message in
      (message["params"]?["diagnostics"]?.items ?? []).map { form in
        let start = form["range"]?["start"]
        return "\(form["code"]?.text ?? "") \(start?["line"]?.number ?? -1):\(start?["character"]?.number ?? -1)"
          + " \(form["severity"]?.number ?? 0)"
      }
    }
  }
}
