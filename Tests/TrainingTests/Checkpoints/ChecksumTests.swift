import CKernels
import Testing

@testable import Training

@Suite("Checksums of checkpoints") struct ChecksumTests {
  @Test(
    "CRC-32C gives the values of RFC 3720 and iSCSI's implementations",
    arguments: [
      ([], 0), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
    ] as [([UInt8], UInt32)])
  func knownValues(bytes: [UInt8], value: UInt32) {
    #expect(bytes.withUnsafeBytes { Checksum($0) }.value == value)
    #expect(kernel_crc32c_portable(0, bytes, bytes.count) == value)
  }

  @Test("however a file is cut into pieces, and whether or not the processor helps, the sum is one")
  func pieces() {
    var stream = RandomStream(seed: 5, name: "bytes")
    let bytes = (0..<70_001).map { _ in UInt8(truncatingIfNeeded: Int(stream.uniform() * 256)) }
    let whole = bytes.withUnsafeBytes { Checksum($0) }
    #expect(kernel_crc32c_portable(0, bytes, bytes.count) == whole.value)
    for cut in [0, 1, 7, 8, 4095, 4096, 12_345, 49_152, 70_000, 70_001] {
      bytes.withUnsafeBytes { bytes in
        let (first, second) = (
          UnsafeRawBufferPointer(rebasing: bytes[..<cut]), UnsafeRawBufferPointer(rebasing: bytes[cut...])
        )
        var appended = Checksum(first)
        appended.append(second)
        var joined = Checksum(first)
        joined.append(Checksum(second))
        #expect(appended == whole && joined == whole, "\(cut)")
      }
    }
  }

  /// A checkpoint of two files, as a save leaves it.
  private func save(_ folder: TemporaryFolder) throws -> String {
    let directory = CheckpointDirectory(folder.path)
    try directory.save(iteration: 1) { folder, fileSystem in
      let tensors = (0..<3).map { TensorToWrite("w\($0)", (0..<40).map { Float($0) }, shape: [40]) }
      try SafetensorsWriter.write(tensors, to: FilePath.join(folder, "model.safetensors"), fileSystem)
      try TrainerState(iteration: 1, consumedTrainSamples: 8).write(to: folder, fileSystem)
    }
    return directory.folder(1)
  }

  @Test("every bit of every file that flips is noticed, the list's own included")
  func noticesEveryFlip() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try save(folder)
    for name in ["model.safetensors", TrainerState.fileName, ChecksumList.fileName] {
      let path = FilePath.join(checkpoint, name)
      let original = try contents(path)
      for bit in stride(from: 0, to: original.count * 8, by: name == "model.safetensors" ? 7 : 1) {
        var damaged = original
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        try damaged.withUnsafeBytes { bytes in
          let writer = try FileWriter(path)
          try writer.write(bytes)
          try writer.finish()
        }
        let said = message { _ = try ChecksumVerification(folder: checkpoint)?.verifyAll() }
        #expect(said?.contains(path) == true, "\(name), bit \(bit)")
      }
      try original.withUnsafeBytes { bytes in
        let writer = try FileWriter(path)
        try writer.write(bytes)
        try writer.finish()
      }
    }
    #expect(try ChecksumVerification(folder: checkpoint)?.verifyAll() == ["model.safetensors", TrainerState.fileName])
  }

  @Test("a file that is cut off, gone or longer is told")
  func tellsLengths() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try save(folder)
    let path = FilePath.join(checkpoint, TrainerState.fileName)
    let original = try contents(path)
    let check = { _ = try ChecksumVerification(folder: checkpoint) }
    for (bytes, problem) in [(original.dropLast(), "bytes, had \(original.count)"), (original + [10], "bytes, had")] {
      let writer = try FileWriter(path)
      try Array(bytes).withUnsafeBytes { try writer.write($0) }
      try writer.finish()
      #expect(message(check)?.contains(problem) == true)
    }
    try POSIXFileSystem().removeFile(path)
    #expect(message(check)?.contains("is missing, but checksums.txt names it") == true)
  }

  @Test("what a reader reads is summed on the way, in any order, and what it leaves out at the end")
  func sumsWhileReading() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try save(folder)
    let path = FilePath.join(checkpoint, "model.safetensors")
    func read() throws {
      let verification = try #require(try ChecksumVerification(folder: checkpoint))
      let file = try SafetensorsFile(path, verification)
      for name in ["w2", "w0", "w2"] { _ = try file.floats(name) }
      try verification.verifyWhatWasRead()
    }
    try read()
    var bytes = try contents(path)
    // In w1, which nobody has read.
    bytes[bytes.count - 200] ^= 1
    let writer = try FileWriter(path)
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    #expect(message(read)?.contains("is damaged") == true)
  }

  @Test("a folder of others has no checksums")
  func passesOverOthers() throws {
    #expect(try ChecksumVerification(folder: fixture("safetensors/tiny-sharded")) == nil)
  }
}
