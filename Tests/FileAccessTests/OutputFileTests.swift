import Foundation
import Testing

@testable import FileAccess

@Suite struct OutputFileTests {
  let folder = TemporaryFolder()

  @Test(arguments: [0o600, 0o644, 0o664, 0o755]) func aRewrittenFileKeepsItsMode(mode: Int) throws {
    let path = try folder.file("a.yaml", "old")
    chmod(path, mode_t(mode))
    try OutputFile.rewrite(path, with: "new and longer")
    #expect(try folder.text("a.yaml") == "new and longer")
    #expect(folder.status("a.yaml").st_mode & 0o7777 == mode_t(mode))
  }

  @Test func aRewrittenFileKeepsItsHardLinks() throws {
    let path = try folder.file("a.yaml", "an old and long text")
    link(path, folder.path("b.yaml"))
    try OutputFile.rewrite(path, with: "new")
    #expect(try folder.text("b.yaml") == "new")
    #expect(folder.status("a.yaml").st_ino == folder.status("b.yaml").st_ino)
  }

  @Test func aRewrittenLinkStaysOne() throws {
    _ = try folder.file("a.yaml", "old")
    symlink("a.yaml", folder.path("link.yaml"))
    try OutputFile.rewrite(folder.path("link.yaml"), with: "new")
    #expect(try folder.text("a.yaml") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link.yaml")) == "a.yaml")
  }

  /// Only root can make a file that is somebody else's.
  @Test(.enabled(if: geteuid() == 0)) func aRewrittenFileKeepsItsOwner() throws {
    let path = try folder.file("a.yaml", "old")
    chown(path, 4321, 1234)
    try OutputFile.rewrite(path, with: "new")
    #expect(try folder.text("a.yaml") == "new")
    #expect(folder.status("a.yaml").st_uid == 4321 && folder.status("a.yaml").st_gid == 1234)
  }

  /// Somebody who guesses the temporary name plants a link there.
  @Test func nothingIsWrittenThroughAPlantedLink() throws {
    _ = try folder.file("victim", "precious")
    for attempt in 0..<3 {
      symlink("victim", folder.path(".a.yaml.\(getpid()).\(attempt).tmp"))
    }
    try OutputFile.write("text", to: folder.path("a.yaml"))
    #expect(try folder.text("victim") == "precious")
    #expect(try folder.text("a.yaml") == "text")
  }

  @Test func aPipeThatIsReadGetsTheText() throws {
    mkfifo(folder.path("pipe"), 0o600)
    let reader = try folder.start("sleep 0.3; cat pipe > read")
    try OutputFile.write("text", to: folder.path("pipe"))
    reader.waitUntilExit()
    #expect(try folder.text("read") == "text")
  }
}
