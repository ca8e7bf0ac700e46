import Foundation
import Testing

@testable import FileAccess

@Suite struct InputFileTests {
  let folder = TemporaryFolder()

  @Test func whatTheUserNamesMayBeAnything() throws {
    let path = try folder.file("a", "text")
    #expect(try InputFile.read(path, limit: 4) == Array("text".utf8))
    #expect(try InputFile.read("/dev/null", limit: 4) == [])
    #expect(throws: InputError.tooLarge(byteCount: 4)) { try InputFile.read(path, limit: 3) }
    #expect(throws: InputError.tooLarge(byteCount: nil)) { try InputFile.read("/dev/zero", limit: 3) }
    #expect(throws: InputError.isDirectory) { try InputFile.read("/", limit: 3) }
  }

  /// The other end is another process, as it would be.
  @Test(arguments: [
    ("(sleep 0.3; printf te; sleep 0.3; printf xt) > pipe", "text"),
    ("sleep 0.3; (sleep 0.3; printf text) > pipe", "text"),
    ("sleep 0.3; : > pipe", ""), ("printf text > pipe", "text"),
  ])
  func aWriterMayComeAndTakeItsTime(script: String, text: String) throws {
    let path = folder.path("pipe")
    mkfifo(path, 0o600)
    let writer = try folder.start(script)
    #expect(try InputFile.read(path, limit: 100) == Array(text.utf8))
    writer.waitUntilExit()
  }

  @Test func onlyRegularFilesAreRegular() throws {
    let path = try folder.file("a.yaml", "text")
    symlink("a.yaml", folder.path("link.yaml"))
    mkfifo(folder.path("pipe.yaml"), 0o600)
    symlink("/proc/self/environ", folder.path("environ.yaml"))
    let read = try InputFile.readRegular(folder.path("link.yaml"), limit: 4)
    #expect(read.bytes == Array("text".utf8) && read.realPath == realPath(path))
    for name in ["pipe.yaml", "environ.yaml"] {
      #expect(throws: InputError.notRegular) { try InputFile.readRegular(folder.path(name), limit: 1000) }
    }
    for path in ["/dev/zero", "/proc/self/environ", "/sys/kernel/mm/transparent_hugepage/enabled"]
    where access(path, R_OK) == 0 {
      #expect(throws: InputError.notRegular) { try InputFile.readRegular(path, limit: 1000) }
    }
  }

  @Test func aProjectIsTheNearestGitRoot() throws {
    for name in ["a/.git", "a/b/c", "a/other", "ab"] {
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    }
    let root = try #require(realPath(folder.path("a")))
    let project = ProjectFolder(of: folder.path("a/b/c/run.yaml"))
    #expect(project.contains(realPath: root + "/other/base.yaml"))
    #expect(!project.contains(realPath: root + "b/base.yaml"))
    #expect(!project.contains(realPath: "/etc/passwd"))
    let alone = ProjectFolder(of: folder.path("ab/run.yaml"))
    #expect(alone.contains(realPath: root + "b/base.yaml"))
    #expect(!alone.contains(realPath: root + "/other/base.yaml"))
  }
}
