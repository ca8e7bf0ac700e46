#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What tells that data are no longer what a run has read: of each file its size and the time of its last change.
///
/// A data position is a number of samples. It means something only as long as the samples are the same.
package struct DataFingerprint: Hashable, Sendable {
  package struct File: Hashable, Sendable {
    package let bytes: Int
    /// Nanoseconds since 1970.
    package let modified: Int
  }

  /// By path, as the config names it.
  package private(set) var files: [String: File] = [:]

  package init() {}

  /// Looks at files; those that are not there are left out.
  package init(of paths: [String]) {
    for path in paths {
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      #if canImport(Glibc)
        let time = status.st_mtim
      #else
        let time = status.st_mtimespec
      #endif
      let (seconds, overflow) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
      files[path] = File(bytes: Int(status.st_size), modified: overflow ? 0 : seconds &+ Int(time.tv_nsec))
    }
  }

  /// What has changed since, a sentence a file; of files that both know. Which files are read is a matter of the config.
  package func changes(since stored: DataFingerprint) -> [String] {
    files.sorted { $0.key < $1.key }.compactMap { path, now in
      guard let before = stored.files[path], before != now else { return nil }
      return before.bytes == now.bytes
        ? "\(path) was written anew" : "\(path) had \(before.bytes) bytes, it has \(now.bytes) now"
    }
  }

  func write(to json: inout JSONText) {
    for (path, file) in files.sorted(by: { $0.key < $1.key }) {
      json.object(path) { json in
        json.field("bytes", file.bytes)
        json.field("modified_ns", file.modified)
      }
    }
  }

  mutating func read(_ cursor: inout JSONCursor) throws {
    try cursor.object { cursor, path in
      var (bytes, modified) = (0, 0)
      try cursor.object { cursor, key in
        switch key {
        case "bytes": bytes = try cursor.integer()
        case "modified_ns": modified = try cursor.integer()
        default: try cursor.skip()
        }
      }
      files[path] = File(bytes: bytes, modified: modified)
    }
  }
}
