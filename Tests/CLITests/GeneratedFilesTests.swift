import Foundation
import Testing

@Suite struct GeneratedFilesTests {
  /// When this fails, run `swift run moonlight-dev generate` and commit what it writes.
  @Test func everythingGeneratedIsUpToDate() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Executables.folder()).appendingPathComponent("moonlight-dev")
    process.arguments = ["generate", "--check", "--root", root.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
  }
}
