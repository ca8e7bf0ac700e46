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
    var answered: [ConfigValue] = [lines[0]]
    var pending: [ConfigValue] = []
    for line in lines.dropFirst() {
      if let message = line["client"] {
        #expect(pending.isEmpty, "answered, and not recorded before \(message)")
        pending = server.receive([.message(Array(try FlowText.json(message).utf8))]).map(\.value)
        answered.append(line)
      } else {
        // What comes unasked comes when nothing else is to be done.
        if pending.isEmpty { pending = server.publishNext().map(\.value) }
        let message = pending.isEmpty ? ConfigValue.null : pending.removeFirst()
        answered.append(["server": message])
        #expect(message == line["server"], "in \(name)")
      }
    }
    #expect(pending.isEmpty && !server.hasChanges)
    if ProcessInfo.processInfo.environment["MOONLIGHT_RECORD_FIXTURES"] != nil {
      let text = try answered.map { try FlowText.json($0) + "\n" }.joined()
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded \(name)")
    }
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
