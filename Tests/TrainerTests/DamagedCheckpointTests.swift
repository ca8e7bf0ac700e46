import Testing
import Trainer

@testable import Training

/// A checkpoint in which something has changed since it was written.
@Suite struct DamagedCheckpointTests {
  private let fileSystem = POSIXFileSystem()

  private func engine() throws -> TrainingEngine {
    let engine = try TrainingEngine(
      EngineSettings(
        shape: RunCheckpointTests.shape, capacity: BatchCapacity(sequences: 1, length: 4),
        optimizer: OptimizerSettings(.adam(AdamSettings())), precision: .bf16, threads: 1))
    engine.initialize(InitializationSettings(seed: 7))
    return engine
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let writer = try FileWriter(path)
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
  }

  @Test func eachOfTwoHundredFlippedBitsIsNoticed() throws {
    let scratch = TrainingRunTests.Scratch()
    let directory = CheckpointDirectory(scratch.path)
    let first = try engine()
    try directory.save(iteration: 1) {
      try RunCheckpoint.write(
        first, TrainerState(iteration: 1), HuggingFaceConfig(RunCheckpointTests.shape), adapter: nil, to: $0, $1)
    }
    let folder = directory.folder(1)
    let names = try fileSystem.list(folder)
    #expect(names.count == 5, "\(names)")
    var stream = RandomStream(seed: 11, name: "flips")
    for flip in 0..<200 {
      // Every file as often as any other.
      let path = "\(folder)/\(names[flip % names.count])"
      let original = try FileReader.contents(path)
      var damaged = original
      let bit = min(Int(stream.uniform() * Double(original.count * 8)), original.count * 8 - 1)
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(damaged, to: path)
      let second = try engine()
      #expect(throws: (any Error).self, "\(path), bit \(bit)") { try RunCheckpoint.resume(folder, into: second) }
      try write(original, to: path)
    }
    #expect(try RunCheckpoint.resume(folder, into: try engine()).iteration == 1)
  }

  @Test func verifyNamesTheDamagedFileAndThoseThatCameLater() throws {
    let scratch = TrainingRunTests.Scratch()
    let directory = CheckpointDirectory(scratch.path)
    let first = try engine()
    for iteration in 1...2 {
      try directory.save(iteration: iteration) {
        try RunCheckpoint.write(
          first, TrainerState(iteration: iteration), HuggingFaceConfig(RunCheckpointTests.shape), adapter: nil, to: $0,
          $1)
      }
    }
    try write([1], to: "\(directory.folder(2))/notes.txt")
    let lines = try CheckpointCheck(scratch.path).lines
    #expect(lines.count == 2 && lines[0].hasSuffix("4 files are as they were written"), "\(lines)")
    #expect(lines[1].hasSuffix("; notes.txt came later"), "\(lines)")
    let path = "\(directory.folder(1))/optimizer.safetensors"
    var bytes = try FileReader.contents(path)
    bytes[bytes.count - 9] ^= 4
    try write(bytes, to: path)
    #expect { try CheckpointCheck(scratch.path) } throws: { "\($0)".contains("\(path): is damaged: the checksum of") }
  }
}
