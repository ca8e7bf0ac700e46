import Testing

@testable import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("The checkpoints folder")
struct CheckpointDirectoryTests {
  /// A small checkpoint whose content tells its iteration and attempt.
  static func write(_ iteration: Int, _ folder: String, _ fileSystem: any FileSystem) throws {
    let values = (0..<64).map { Float(iteration * 1000 + $0) }
    try ModelWeights.write(
      [TensorToWrite("a", values, shape: [64]), TensorToWrite("b", values, as: .bfloat16, shape: [8, 8])],
      to: folder, maximumShardBytes: 300, fileSystem)
    try TrainerState(iteration: iteration, consumedTrainSamples: iteration * 4).write(to: folder, fileSystem)
  }

  /// Loads the tracked checkpoint whole, and gives its iteration.
  static func load(_ path: String) throws -> Int? {
    let directory = CheckpointDirectory(path)
    guard try directory.latestIteration() != nil else { return nil }
    let (iteration, folder) = try directory.existing()
    let state = try TrainerState(folder: folder)
    let weights = try ModelWeights(directory: folder)
    let values = try weights.file(of: "a").floats("a")
    #expect(state.iteration == iteration && state.consumedTrainSamples == iteration * 4)
    #expect(values == (0..<64).map { Float(iteration * 1000 + $0) })
    #expect(try weights.file(of: "b").floats("b").count == 64)
    return iteration
  }

  @Test("A save makes Megatron's names and leaves nothing else behind")
  func savesAndLoads() throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.file("run/checkpoints"))
    #expect(try directory.latestIteration() == nil)
    let lock = try directory.openForWriting()
    for iteration in [100, 200] { try directory.save(iteration: iteration) { try Self.write(iteration, $0, $1) } }
    #expect(
      try POSIXFileSystem().list(directory.path)
        == [".lock", "iter_0000100", "iter_0000200", "latest_checkpointed_iteration.txt"])
    #expect(try text(FilePath.join(directory.path, CheckpointDirectory.trackerName)) == "200\n")
    #expect(try Self.load(directory.path) == 200)
    #expect(try directory.existing(100).folder == directory.folder(100))
    _ = lock
  }

  @Test("The most recent k stay", arguments: [(1, [300]), (2, [200, 300]), (9, [100, 200, 300])])
  func retains(keeping: Int, left: [Int]) throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.path)
    for iteration in [100, 200, 300] {
      try directory.save(iteration: iteration, keeping: keeping) { try Self.write(iteration, $0, $1) }
    }
    #expect(try directory.iterations() == left)
  }

  @Test("Death at any operation leaves the tracked checkpoint whole, and the next run goes on")
  func survivesDeathAtEveryStep() throws {
    var step = 0
    var finished = false
    var outcomes: Set<Int> = []
    while !finished {
      let folder = try TemporaryFolder()
      try CheckpointDirectory(folder.path).save(iteration: 1) { try Self.write(1, $0, $1) }
      let dying = CrashingFileSystem(dyingAt: step)
      do {
        try CheckpointDirectory(folder.path, dying).save(iteration: 2, keeping: 1) { try Self.write(2, $0, $1) }
      } catch {}
      finished = !dying.died
      let found = try #require(try Self.load(folder.path), "step \(step)")
      outcomes.insert(found)
      let directory = CheckpointDirectory(folder.path)
      _ = try directory.openForWriting()
      #expect(try Self.load(folder.path) == found, "step \(step)")
      #expect(try POSIXFileSystem().list(folder.path).allSatisfy { !$0.hasSuffix(".writing") && !$0.hasSuffix(".tmp") })
      try directory.save(iteration: 3, keeping: 1) { try Self.write(3, $0, $1) }
      #expect(try Self.load(folder.path) == 3, "step \(step)")
      #expect(try directory.iterations() == [3])
      step += 1
    }
    #expect(step > 25)
    #expect(outcomes == [1, 2])
  }

  @Test("Saving the tracked iteration again survives death at any operation too")
  func survivesDeathWhileReplacing() throws {
    var step = 0
    var finished = false
    while !finished {
      let folder = try TemporaryFolder()
      try CheckpointDirectory(folder.path).save(iteration: 1) { try Self.write(1, $0, $1) }
      let dying = CrashingFileSystem(dyingAt: step)
      do { try CheckpointDirectory(folder.path, dying).save(iteration: 1) { try Self.write(1, $0, $1) } } catch {}
      finished = !dying.died
      #expect(try Self.load(folder.path) == 1, "step \(step)")
      _ = try CheckpointDirectory(folder.path).openForWriting()
      #expect(try Self.load(folder.path) == 1, "step \(step)")
      #expect(try POSIXFileSystem().list(folder.path).count == 3, "step \(step)")
      step += 1
    }
    #expect(step > 20)
  }

  @Test(
    "A full disk ends the save at any operation with an error; the last checkpoint stays, the temporary folder goes")
  func survivesFullDisk() throws {
    var step = 0
    var failures = 0
    while true {
      let folder = try TemporaryFolder()
      try CheckpointDirectory(folder.path).save(iteration: 1) { try Self.write(1, $0, $1) }
      let full = CrashingFileSystem(failingAt: step, with: SystemError(.write, "file", code: ENOSPC))
      let problem = message {
        try CheckpointDirectory(folder.path, full).save(iteration: 2) { try Self.write(2, $0, $1) }
      }
      guard let problem else { break }
      failures += 1
      #expect(problem.contains("there is no room for"), "step \(step): \(problem)")
      #expect(problem.contains("the checkpoint of iteration 1 is untouched"), "step \(step): \(problem)")
      #expect(try Self.load(folder.path) == 1)
      #expect(try POSIXFileSystem().list(folder.path).allSatisfy { !$0.contains(".writing") && !$0.contains(".tmp") })
      step += 1
    }
    #expect(failures > 15)
  }

  #if os(Linux)
    @Test("A device that really is full is told as such")
    func tellsFullDevice() {
      #expect(throws: SystemError(.write, "/dev/full", code: ENOSPC)) {
        try SafetensorsWriter.write([TensorToWrite("w", [1], shape: [1])], to: "/dev/full")
      }
    }
  #endif

  @Test("An error of the writer itself passes through")
  func passesErrors() throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.path)
    #expect(throws: CrashingFileSystem.Crash.self) {
      try directory.save(iteration: 1) { _, _ in throw CrashingFileSystem.Crash() }
    }
    #expect(try POSIXFileSystem().list(folder.path) == [])
  }

  @Test("Two runs cannot write to one folder")
  func locks() throws {
    let folder = try TemporaryFolder()
    var first: FileLock? = try CheckpointDirectory(folder.path).openForWriting()
    #expect(
      message { _ = try CheckpointDirectory(folder.path).openForWriting() }
        == "another run is writing to \(folder.path)")
    first = nil
    first = try CheckpointDirectory(folder.path).openForWriting()
    _ = first
  }

  @Test(
    "A tracker that is no number is refused",
    arguments: ["", "release\n", "-1\n", "12x\n", "99999999999999999999\n"])
  func refusesTracker(content: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(CheckpointDirectory.trackerName, content)
    #expect(
      message { _ = try CheckpointDirectory(folder.path).latestIteration() }?.contains("iteration number") == true)
  }

  @Test("A tracked iteration that is gone names those that are there")
  func namesMissing() throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.path)
    for iteration in [100, 200] { try directory.save(iteration: iteration) { try Self.write(iteration, $0, $1) } }
    try POSIXFileSystem().removeTree(directory.folder(200))
    #expect(
      message { _ = try directory.existing() }?
        .contains("names iteration 200, whose folder is not there; there are those of 100") == true)
    #expect(message { _ = try CheckpointDirectory(folder.file("no")).existing() }?.contains("holds no latest") == true)
  }
}
