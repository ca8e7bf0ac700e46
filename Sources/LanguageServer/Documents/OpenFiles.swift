import LaunchModel

/// The files that configs build on: as they stand in the editor where they are open, else as they lie on the disk.
struct OpenFiles: ConfigFiles {
  /// Texts of open documents by the identity of their files.
  let open: [String: String]
  let disk: any ConfigFiles
  private let reads: Reads

  /// What was read, as identities.
  private final class Reads { var identities: Set<String> = [] }

  init(open: [String: String], disk: any ConfigFiles) {
    self.open = open
    self.disk = disk
    reads = Reads()
  }

  var identitiesRead: Set<String> { reads.identities }

  func read(_ path: String) throws -> [UInt8] { try disk.read(path) }

  func readBase(_ path: String) throws -> BaseText {
    let identity = disk.identity(of: path)
    reads.identities.insert(identity)
    // Who has opened it sees what stands in it.
    if let text = open[identity] { return BaseText(Array(text.utf8)) }
    return try disk.readBase(path)
  }

  func identity(of path: String) -> String { disk.identity(of: path) }
}
