import Testing

@testable import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Kills at random moments")
struct CheckpointKillTests {
  /// The executable that is killed, built beside the tests.
  static let probe = FilePath.join(FilePath.parent(of: CommandLine.arguments[0]), "CheckpointKillProbe")

  static func start(_ folder: String) throws -> pid_t {
    var process: pid_t = 0
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(probe), strdup(folder), nil]
    defer { for argument in arguments { free(argument) } }
    let status = posix_spawn(&process, probe, nil, nil, arguments, [nil])
    try #require(status == 0, "\(probe) cannot be started")
    return process
  }

  @Test(
    "After each of 100 kills the tracked checkpoint is whole and not older than before",
    .enabled(if: POSIXFileSystem().kind(probe) == .file))
  func survivesKills() throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.path)
    var stream = RandomStream(seed: 99)
    var latest = 0
    var leftovers = 0
    for kill in 0..<100 {
      let before = Set(try POSIXFileSystem().list(folder.path))
      let process = try Self.start(folder.path)
      // From the first sign of life on, any moment of the next saves.
      for _ in 0..<5000 {
        if Set(try POSIXFileSystem().list(folder.path)).contains(where: { !before.contains($0) && $0 != ".lock" }) {
          break
        }
        usleep(1000)
      }
      usleep(UInt32(stream.next(below: 25_000)))
      #expect(sendKill(process) == 0)
      var status: Int32 = 0
      waitpid(process, &status, 0)
      #expect(status & 0x7F == SIGKILL, "kill \(kill): the probe ended by itself with status \(status)")
      leftovers += try POSIXFileSystem().list(folder.path).count { $0.hasSuffix(".writing") }
      guard let found = try directory.latestIteration() else { continue }
      #expect(found >= latest)
      latest = found
      let (iteration, path) = try directory.existing()
      #expect(try TrainerState(folder: path).iteration == iteration)
      let weights = try ModelWeights(directory: path)
      for name in ["v", "w"] where name == "w" || iteration <= 256 {
        #expect(try weights.file(of: name).floats(name).allSatisfy { $0 == Float(iteration) }, "kill \(kill)")
      }
    }
    #expect(latest > 0 && leftovers > 0)
    _ = try directory.openForWriting()
    #expect(try POSIXFileSystem().list(folder.path).allSatisfy { !$0.hasSuffix(".writing") && !$0.hasSuffix(".tmp") })
  }
}

/// The C function, which the loop's variable of that name would hide.
private func sendKill(_ process: pid_t) -> Int32 { kill(process, SIGKILL) }
