import Foundation
import Testing

@testable import FileAccess

/// Data are counted without being read as what they are.
@Suite struct CountTests {
  let folder = TemporaryFolder()

  @Test(arguments: [
    ("", 0), ("{}", 1), ("{}\n", 1), ("{}\n{}", 2), ("\n \t\r\n{}\n\n", 1), ("{}\r\n{}\r\n", 2), ("  {}\n", 1),
  ])
  func linesThatHoldSomething(text: String, count: Int) throws {
    let found = try #require(LineCount(of: try folder.file("a.jsonl", text)))
    #expect(found.lines == count && found.isExact)
  }

  /// Lines are longer and shorter than what is read at once, and blanks stand at its borders.
  @Test func longLines() throws {
    let lines = (0..<40).map { String(repeating: " ", count: $0 * 9_973) + (($0 % 3 == 0) ? "" : "x") }
    let found = try #require(LineCount(of: try folder.file("a.jsonl", lines.joined(separator: "\n"))))
    #expect(found.lines == 26 && found.isExact)
  }

  @Test func ofALargeFileTheBeginningIsCounted() throws {
    let path = try folder.file("a.jsonl", String(repeating: "{\"a\": 1}\n", count: 1000))
    let found = try #require(LineCount(of: path, limit: 900))
    #expect(found.lines == 1000 && !found.isExact)
    #expect(LineCount(of: path, limit: 9000)?.isExact == true)
  }

  @Test func whatIsNoFileIsNotCounted() {
    #expect(LineCount(of: folder.path("none")) == nil && LineCount(of: "/dev/zero") == nil && LineCount(of: "/") == nil)
  }

  /// Two sequences of 16-bit tokens, six in all.
  @Test func anIndexSaysSequencesAndTokens() throws {
    var index = Data("MMIDIDX\0\0".utf8)
    index.append(contentsOf: [1, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0])
    try index.write(to: URL(fileURLWithPath: folder.path("a.idx")))
    #expect(IndexedDatasetHeader(of: folder.path("a"))?.sequenceCount == 2)
    #expect(IndexedDatasetHeader(of: folder.path("a"))?.tokenCount == nil)
    try Data(count: 12).write(to: URL(fileURLWithPath: folder.path("a.bin")))
    for name in ["a", "a.bin", "a.idx"] { #expect(IndexedDatasetHeader(of: folder.path(name))?.tokenCount == 6) }
    #expect(IndexedDatasetHeader(of: folder.path("b")) == nil)
  }
}
