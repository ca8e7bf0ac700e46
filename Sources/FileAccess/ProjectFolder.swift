#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folder of everything that belongs together with a file: the nearest git root above it, or the file's own folder.
package struct ProjectFolder: Sendable {
  /// Without links.
  private let path: String

  /// - Parameter file: need not exist; `-` is taken to stand in the current folder.
  package init(of file: String) {
    let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    let own = realPath(folder) ?? folder
    var candidate = own
    while !candidate.isEmpty {
      if access(candidate + "/.git", F_OK) == 0 {
        path = candidate
        return
      }
      candidate = candidate.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(candidate[..<$0]) } ?? ""
    }
    path = own
  }

  /// Whether a path without links lies inside.
  package func contains(realPath file: String) -> Bool { file.hasPrefix(path == "/" ? "/" : path + "/") }
}
