#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be read.
package enum InputError: Error, Hashable, Sendable {
  case missing
  case isDirectory
  case noPermission
  /// More bytes than asked for; how many, where that is known before reading.
  case tooLarge(byteCount: Int?)
  /// What the system says.
  case system(String)
}

extension InputError: CustomStringConvertible {
  /// Completes a sentence that begins with the name of the file.
  package var description: String {
    switch self {
    case .missing: "there is no such file"
    case .isDirectory: "is a directory"
    case .noPermission: "permission denied"
    case .tooLarge(let count): count.map { "has \($0) bytes, which is too large" } ?? "is too large"
    case .system(let reason): reason
    }
  }
}

/// Reads files whole.
package enum InputFile {
  /// The bytes of a file; `-` is standard input. Never more than a limit is read.
  ///
  /// - Throws: ``InputError``; `tooLarge` before anything is read, where the size is known.
  package static func read(_ path: String, limit: Int) throws(InputError) -> [UInt8] {
    if path == "-" { return try readAll(STDIN_FILENO, limit: limit, expecting: 0) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw InputError(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .isDirectory
    case S_IFREG where status.st_size > limit: throw .tooLarge(byteCount: Int(status.st_size))
    case S_IFREG: return try readAll(descriptor, limit: limit, expecting: Int(status.st_size))
    default: return try readAll(descriptor, limit: limit, expecting: 0)
    }
  }

  /// Whether there is something by this name that is not a directory.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  private static func readAll(_ descriptor: Int32, limit: Int, expecting count: Int) throws(InputError) -> [UInt8] {
    var bytes: [UInt8] = []
    // One byte more, so that a file of the expected size ends with the second read.
    bytes.reserveCapacity(count + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let read = buffer.withUnsafeMutableBytes { readBytes(descriptor, $0.baseAddress, $0.count) }
      if read < 0 {
        if errno == EINTR { continue }
        throw InputError(errno)
      }
      if read == 0 { return bytes }
      guard bytes.count + read <= limit else { throw .tooLarge(byteCount: nil) }
      bytes += buffer[..<read]
    }
  }
}

/// `read` by another name, since a method here is called so.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

extension InputError {
  init(_ code: Int32) {
    switch code {
    case ENOENT, ENOTDIR: self = .missing
    case EISDIR: self = .isDirectory
    case EACCES, EPERM: self = .noPermission
    default: self = .system(systemMessage(code))
    }
  }
}

/// What the system calls an error, such as `No space left on device`.
package func systemMessage(_ code: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
  return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "error \(code)" }
}
