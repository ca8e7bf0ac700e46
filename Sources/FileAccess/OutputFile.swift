#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be written.
package struct OutputError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String { "`\(path)` cannot be written: \(reason)" }
}

/// Writes files whole or not at all.
package enum OutputFile {
  /// Puts a text where a path leads: under a temporary name beside it first, then by renaming, so nobody ever sees half
  /// of it. Links are followed; devices and pipes are written to as they are.
  ///
  /// - Parameter isExecutable: whoever may read it may run it.
  package static func write(_ text: String, to path: String, isExecutable: Bool = false) throws(OutputError) {
    let target = realPath(path) ?? path
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw OutputError(path: path, reason: "is a directory")
      default: return try writeInPlace(text, to: path)
      }
      // Renaming needs only a writable folder, but a file that is marked read-only is meant to stay.
      guard access(target, W_OK) == 0 else { throw OutputError(path: path, reason: systemMessage(errno)) }
    }
    let (temporary, descriptor) = try makeTemporary(beside: target, path, isExecutable: isExecutable)
    do throws(OutputError) {
      if exists { fchmod(descriptor, (status.st_mode & 0o7777) | (isExecutable ? 0o111 : 0)) }
      try writeAll(text, to: descriptor, path)
      guard fsync(descriptor) == 0 else { throw OutputError(path: path, reason: systemMessage(errno)) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
    guard rename(temporary, target) == 0 else {
      let reason = systemMessage(errno)
      unlink(temporary)
      throw OutputError(path: path, reason: reason)
    }
    syncFolder(of: target)
  }

  /// Puts another text into a file that is there already and stays what it is: the same owner, group, mode and
  /// links. Only where renaming keeps all of these is the text written beside it first.
  package static func rewrite(_ path: String, with text: String) throws(OutputError) {
    let target = realPath(path) ?? path
    var status = stat()
    guard stat(target, &status) == 0 else { throw OutputError(path: path, reason: systemMessage(errno)) }
    let isOwn = status.st_uid == geteuid() && status.st_gid == getegid()
    guard status.st_mode & S_IFMT == S_IFREG, !isOwn || status.st_nlink > 1 else {
      return try write(text, to: path)
    }
    // A file without room for the text must not lose the one it has, so the room is taken first.
    let descriptor = open(target, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw OutputError(path: path, reason: systemMessage(errno)) }
    defer { close(descriptor) }
    let count = off_t(text.utf8.count)
    let code = count > status.st_size ? posix_fallocate(descriptor, 0, count) : 0
    guard code == 0 || code == EOPNOTSUPP || code == EINVAL else {
      ftruncate(descriptor, status.st_size)
      throw OutputError(path: path, reason: systemMessage(code))
    }
    try writeAll(text, to: descriptor, path)
    guard ftruncate(descriptor, count) == 0, fsync(descriptor) == 0 else {
      throw OutputError(path: path, reason: systemMessage(errno))
    }
  }

  /// Makes a folder with all that are missing above it; one that exists is fine.
  package static func makeFolder(_ path: String) throws(OutputError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix == "/" ? String(part) : "/" + part
      guard mkdir(prefix, 0o777) == 0 || errno == EEXIST else {
        throw OutputError(path: prefix, reason: systemMessage(errno))
      }
    }
  }

  private static func makeTemporary(
    beside target: String, _ path: String, isExecutable: Bool
  ) throws(OutputError) -> (name: String, descriptor: Int32) {
    let (folder, base) = split(target)
    for attempt in 0..<100 {
      let name = "\(folder).\(base.prefix(100)).\(getpid()).\(attempt).tmp"
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isExecutable ? 0o777 : 0o666)
      if descriptor >= 0 { return (name, descriptor) }
      guard errno == EEXIST else { break }
    }
    let code = errno
    guard code == ENOENT else { throw OutputError(path: path, reason: systemMessage(code)) }
    // Some folders, such as those of /proc, are there and take no files.
    let isThere = folder.isEmpty || access(folder, F_OK) == 0
    throw OutputError(
      path: path, reason: isThere ? "no file can be made there" : "there is no folder `\(folder.dropLast())`")
  }

  /// The folder with its slash, empty for the current one, and the name in it.
  private static func split(_ path: String) -> (folder: String, base: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    let next = path.utf8.index(after: slash)
    return (String(path[..<next]), String(path[next...]))
  }

  /// Seconds that a pipe by name may stand there without a reader.
  private static let patience = 10

  private static func writeInPlace(_ text: String, to path: String) throws(OutputError) {
    // A pipe by name whose reader does not come would keep an ordinary `open` for ever.
    var descriptor: Int32 = -1
    for _ in 0..<patience * 10 {
      descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      guard descriptor < 0, errno == ENXIO else { break }
      usleep(100_000)
    }
    guard descriptor >= 0 else {
      let reason = errno == ENXIO ? "nobody has read from it for \(patience) s" : systemMessage(errno)
      throw OutputError(path: path, reason: reason)
    }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, O_WRONLY)
    try writeAll(text, to: descriptor, path)
  }

  private static func writeAll(_ text: String, to descriptor: Int32, _ path: String) throws(OutputError) {
    let code = writeBytes(of: text, to: descriptor)
    guard code == 0 else { throw OutputError(path: path, reason: systemMessage(code)) }
  }

  /// Makes the rename itself last; a file system that cannot is none of our business.
  private static func syncFolder(of target: String) {
    let folder = split(target).folder
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// Writes a whole text to an open file or stream; 0, or the system's error number.
package func writeBytes(of text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let written = write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    return 0
  }
}
