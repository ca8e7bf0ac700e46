import Foundation
import TestSupport
import Testing

/// Runs every script in `Scripts`. With `RECORD_SCRIPTS=1` what happens is written into the scripts, and the run fails,
/// so that a recording never passes unseen.
@Suite struct ScriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scripts")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()

  /// A script as it stands, and with what really happened.
  private typealias Run = (script: CommandScript, actual: CommandScript)

  /// All of them, side by side.
  private static let runs = Dictionary(
    uniqueKeysWithValues: names.concurrentMap { name in
      (
        name,
        Result<Run, any Error> {
          let script = CommandScript(try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
          return (script, try script.run(executables: try Executables.folder()))
        }
      )
    })

  @Test(arguments: names) func script(_ name: String) throws {
    let file = Self.folder.appendingPathComponent(name)
    let (script, actual) = try #require(Self.runs[name]).get()
    if ProcessInfo.processInfo.environment["RECORD_SCRIPTS"] != nil {
      try actual.text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded \(name)")
      return
    }
    for (expected, happened) in zip(script.parts, actual.parts) where expected != happened {
      guard case .command(let command, let wanted) = expected, case .command(_, let got) = happened else { continue }
      #expect(got.status == wanted.status, "status of: \(command)")
      #expect(got.output == wanted.output, "output of: \(command)")
      #expect(got.errors == wanted.errors, "errors of: \(command)")
    }
  }

  @Test func thereAreScripts() { #expect(Self.names.count > 10) }

  @Test func aScriptIsWrittenAsItIsRead() throws {
    for name in Self.names {
      let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
      #expect(CommandScript(text).text == text, "\(name)")
    }
  }
}

/// What was built beside these tests.
enum Executables {
  struct NotBuilt: Error, CustomStringConvertible {
    let description = "moonlight is not built beside the tests: run `swift build --build-tests`"
  }

  static func folder() throws -> String {
    let bundle = ProcessInfo.processInfo.arguments.first { $0.contains(".xctest") } ?? ""
    var candidate = URL(fileURLWithPath: bundle)
    while candidate.path.contains(".xctest") { candidate.deleteLastPathComponent() }
    guard FileManager.default.isExecutableFile(atPath: candidate.appendingPathComponent("moonlight").path) else {
      throw NotBuilt()
    }
    return candidate.path
  }
}
