import Testing

@testable import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that another process cuts short while they are open: an error that names the place, never a signal.
@Suite("Shortened files")
struct ShortenedFileTests {
  private func shorten(_ path: String, to length: Int) { #expect(truncate(path, off_t(length)) == 0) }

  @Test("Tokens of an indexed dataset")
  func indexedDataset() throws {
    let folder = try TemporaryFolder()
    for suffix in [".idx", ".bin"] {
      try folder.write("x" + suffix, try fixtureBytes("indexed_dataset/golden_text_document" + suffix))
    }
    let dataset = try IndexedDataset(folder.file("x"))
    shorten(folder.file("x.bin"), to: 6)
    shorten(folder.file("x.idx"), to: 0)
    let problem = message { _ = try IndexedDatasetTests.documents(dataset) }
    #expect(
      problem == "cannot read \(folder.file("x.bin")): it ends at byte 6 now; something shortened it while it was read")
  }

  @Test("Weights")
  func weights() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.safetensors")
    let values = (0..<1000).map(Float.init)
    try SafetensorsWriter.write([TensorToWrite("w", values, as: .float32, shape: [1000])], to: path)
    let file = try SafetensorsFile(path)
    shorten(path, to: 1000)
    #expect(message { _ = try file.floats("w") }?.contains("\(path): it ends at byte 1000 now") == true)
  }

  @Test("JSON lines")
  func jsonLines() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.jsonl", String(repeating: "{\"text\": \"one\"}\n", count: 10))
    let lines = try JSONLines(path)
    shorten(path, to: 20)
    #expect(message { try lines.eachLine { cursor, _ in try cursor.skip() } }?.contains("ends at byte 20") == true)
  }

  @Test("Lines longer than a piece of the file, and many in one, are given out whole")
  func linesOfAllLengths() throws {
    let folder = try TemporaryFolder()
    let lengths = [0, 1, (1 << 20) - 3, 1 << 20, 5, (5 << 19) + 1, 2, 0, 7]
    let lines = lengths.enumerated().map { [UInt8](repeating: 0x61 + UInt8($0), count: $1) }
    for ending in [[], [0x0A]] as [[UInt8]] {
      let path = try folder.write("x", Array(lines.joined(separator: [0x0A])) + ending)
      var found: [[UInt8]] = []
      try FileReader(path).eachLine { found.append(Array($0)) }
      #expect(found == lines)
    }
  }
}
