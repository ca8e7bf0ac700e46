import ConfigDocument
import Foundation
import Releases
import Testing

/// Files in Tests/Fixtures/exports. `MOONLIGHT_RECORD_FIXTURES=1` writes them anew; such a run fails, so that it never
/// passes unseen.
enum Goldens {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/exports")

  static let isRecording = ProcessInfo.processInfo.environment["MOONLIGHT_RECORD_FIXTURES"] == "1"

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// What the real packages of each release said of its exports.
  static func answers(_ name: String) -> [Release: Result<Node, any Error>] {
    Dictionary(
      uniqueKeysWithValues: Release.all.map { release in
        (
          release,
          Result {
            let text = try Goldens.text("\(release.megatronBridge)/\(name)")
            return try #require(DocumentReader.read(text: text, name: name, format: .json).root)
          }
        )
      })
  }

  /// Compares a text with a file, or records it.
  static func check(_ text: String, _ name: String) throws {
    let file = folder.appending(path: name)
    if isRecording {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      if (try? String(contentsOf: file, encoding: .utf8)) != text {
        try text.write(to: file, atomically: true, encoding: .utf8)
      }
      Issue.record("recorded \(name); check it, and run Tests/Reference/bridge_exports.py")
      return
    }
    let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    guard text != expected else { return }
    let lines = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      expected.split(separator: "\n", omittingEmptySubsequences: false))
    let difference = lines.first { $0 != $1 }.map { "now `\($0)`, recorded `\($1)`" } ?? "one is longer"
    Issue.record(
      "\(name) differs: \(difference). Record anew with MOONLIGHT_RECORD_FIXTURES=1, then run bridge_exports.py")
  }
}
