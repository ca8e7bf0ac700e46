import ConfigDocument
import Foundation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import LanguageServer

/// What real clients said to the server, and what it answered (`Tests/Reference/lsp_clients.py` recorded it). The same must
/// be answered again, message for message. `MOONLIGHT_RECORD_FIXTURES=1` writes what is answered now, and the run fails.
@Suite("Conversations with real clients")
struct TranscriptTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/lsp")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".jsonl") }
    .sorted()

  @Test(arguments: names) func conversation(_ name: String) throws {
    let file = Self.folder.appending(path: name)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(Self.value)
    var server = Self.server(for: try #require(lines.first))
    var answered = [try FlowText.json(lines[0])]
    var pending: [String] = []
    for line in lines.dropFirst() {
      if let message = line["client"] {
        pending += try Self.texts(server.receive([.message(Array(try FlowText.json(message).utf8))]))
        answered.append(try FlowText.json(line))
      } else {
        let expected = try FlowText.json(try #require(line["server"]))
        // What comes unasked may come before or behind an answer.
        if !pending.contains(expected) { pending += try Self.texts(server.publishNext()) }
        let index = pending.firstIndex(of: expected) ?? 0
        let message = pending.isEmpty ? "null" : pending.remove(at: index)
        #expect(message == expected)
        answered.append("{\"server\": \(message)}")
      }
    }
    #expect(pending == [] && !server.hasChanges)
    if ProcessInfo.processInfo.environment["MOONLIGHT_RECORD_FIXTURES"] != nil {
      try (answered.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded \(name)")
    }
  }

  /// Where in the recipes a value stands is another matter.
  private static func texts(_ messages: [ServerMessage]) throws -> [String] {
    try messages.map { try FlowText.json($0.value).replacing(/\.swift:[0-9]+/, with: ".swift:LINE") }
  }

  @Test func thereAreConversations() { #expect(Self.names.count > 4) }

  private static func value(_ line: Substring) throws -> ConfigValue {
    try #require(
      DocumentReader.read(bytes: Array(line.utf8), name: "transcript", format: .json).root?.value(in: .v1_2))
  }

  /// The first line says what lay in the folder `/p`.
  private static func server(for head: ConfigValue) -> ConfigServer {
    var texts: [String: String] = [:]
    if case .mapping(let files)? = head["files"] {
      for entry in files.entries { texts["/p/" + entry.key] = entry.value.text }
    }
    let names = texts.keys.map { $0.dropFirst("/p/".count) }.sorted()
    return ConfigServer(
      ServerSurroundings(
        recipes: RecipeBook.shipped, files: { [texts] _ in TextDisk(texts: texts) },
        folder: { $0 == "/p/" ? names.map { .init(name: String($0), isFolder: false) } : [] }),
      version: "recorded")
  }
}
