import Testing

@testable import Training

@Suite("TensorBoard event files")
struct EventFileWriterTests {
  @Test("The bytes are those of TensorBoard's own writer")
  func equalsTensorBoard() throws {
    let folder = try TemporaryFolder()
    let time = 1_700_000_000.25
    let writer = try EventFileWriter(directory: folder.file("tb/run"), time: time, resumedStep: 100, process: 1)
    try writer.append([("lm loss", 3.25), ("learning-rate", 3e-4)], step: 101, time: time + 50.5)
    try writer.append([("lm loss", .nan)], step: 300, time: time + 150)
    try writer.append(
      [("grad-norm", -0.5), (String(repeating: "ü", count: 80), 1e30)], step: 70_000_000_000,
      time: time + 35_000_000_000)
    #expect(writer.path == folder.file("tb/run/events.out.tfevents.1700000000.moonlight.1"))
    #expect(try contents(writer.path) == fixtureBytes("tensorboard/golden.tfevents"))
  }

  @Test(
    "CRC-32C of the standard's test vectors", arguments: [("123456789", 0xE306_9283), ("", 0)] as [(String, UInt32)])
  func checksums(text: String, sum: UInt32) {
    #expect(CRC32C.checksum(Array(text.utf8)) == sum)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
  }
}
