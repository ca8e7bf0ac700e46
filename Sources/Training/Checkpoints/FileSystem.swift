#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The system calls that write checkpoints, one method each, so that tests can stop or fail a save at every one of them.
///
/// All methods throw ``SystemError``.
package protocol FileSystem: Sendable {
  func createDirectory(_ path: String) throws
  /// Opens a new or emptied file for writing.
  func create(_ path: String) throws -> Int32
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws
  /// Returns when the file's content is on the disk.
  func synchronize(_ descriptor: Int32, _ path: String) throws
  func close(_ descriptor: Int32, _ path: String) throws
  /// Returns when the names in a directory are on the disk.
  func synchronizeDirectory(_ path: String) throws
  func rename(_ path: String, to target: String) throws
  func removeFile(_ path: String) throws
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws
  /// The names in a directory, sorted.
  func list(_ path: String) throws -> [String]
  /// Of what a link leads to; `nil` where there is nothing.
  func kind(_ path: String) -> FileKind?
  func isLink(_ path: String) -> Bool
}

package enum FileKind: Sendable {
  case file, directory, other
}

/// The real file system.
package struct POSIXFileSystem: FileSystem {
  package init() {}

  package func createDirectory(_ path: String) throws {
    guard mkdir(path, 0o777) == 0 else { throw SystemError(.createDirectory, path) }
  }

  package func create(_ path: String) throws -> Int32 {
    // Never waits: a pipe by name without a reader is an error.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw SystemError(.create, path) }
    return descriptor
  }

  package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      #if canImport(Glibc)
        let written = Glibc.write(descriptor, base, rest.count)
      #else
        let written = Darwin.write(descriptor, base, rest.count)
      #endif
      if written < 0 {
        if errno == EINTR { continue }
        throw SystemError(.write, path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  package func synchronize(_ descriptor: Int32, _ path: String) throws {
    guard fsync(descriptor) == 0 else { throw SystemError(.synchronize, path) }
  }

  package func close(_ descriptor: Int32, _ path: String) throws {
    #if canImport(Glibc)
      let status = Glibc.close(descriptor)
    #else
      let status = Darwin.close(descriptor)
    #endif
    guard status == 0 else { throw SystemError(.close, path) }
  }

  package func synchronizeDirectory(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(.synchronize, path) }
    defer { try? close(descriptor, path) }
    guard fsync(descriptor) == 0 else { throw SystemError(.synchronize, path) }
  }

  package func rename(_ path: String, to target: String) throws {
    #if canImport(Glibc)
      let status = Glibc.rename(path, target)
    #else
      let status = Darwin.rename(path, target)
    #endif
    guard status == 0 else { throw SystemError(.rename, path) }
  }

  package func removeFile(_ path: String) throws {
    guard unlink(path) == 0 else { throw SystemError(.remove, path) }
  }

  package func removeDirectory(_ path: String) throws {
    guard rmdir(path) == 0 else { throw SystemError(.remove, path) }
  }

  package func list(_ path: String) throws -> [String] {
    guard let directory = opendir(path) else { throw SystemError(.list, path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package func kind(_ path: String) -> FileKind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  package func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}

extension FileSystem {
  /// Creates a directory and its missing parents.
  package func createDirectories(_ path: String) throws {
    if kind(path) == .directory || path.isEmpty { return }
    let parent = FilePath.parent(of: path)
    if parent != path { try createDirectories(parent) }
    do { try createDirectory(path) } catch let error as SystemError where error.code == EEXIST {}
  }

  /// Removes a file, or a directory with all that is in it (links are removed, not followed).
  package func removeTree(_ path: String) throws {
    if isLink(path) { return try removeFile(path) }
    guard let kind = kind(path) else { return }
    guard kind == .directory else { return try removeFile(path) }
    for name in try list(path) { try removeTree(FilePath.join(path, name)) }
    try removeDirectory(path)
  }

  /// Writes a small file under a temporary name, synchronizes it and renames it into place.
  package func replaceFile(_ path: String, with text: String) throws {
    let temporary = path + ".tmp"
    do {
      let writer = try FileWriter(temporary, self)
      try writer.write(text)
      try writer.finish()
      try rename(temporary, to: path)
    } catch {
      try? removeFile(temporary)
      throw error
    }
    try synchronizeDirectory(FilePath.parent(of: path))
  }
}

/// Paths as text.
package enum FilePath {
  package static func join(_ directory: String, _ name: String) -> String {
    directory.isEmpty ? name : directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// All before the last component; `.` for a bare name.
  package static func parent(of path: String) -> String {
    let trimmed = path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  package static func name(of path: String) -> String {
    let trimmed = path.utf8.count > 1 && path.hasSuffix("/") ? path.dropLast() : Substring(path)
    return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? String(trimmed)
  }
}
