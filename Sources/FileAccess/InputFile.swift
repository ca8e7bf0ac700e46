#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be read.
package enum InputError: Error, Hashable, Sendable {
  case missing
  case isDirectory
  /// A device, a pipe, or a file that the kernel makes up.
  case notRegular
  case noPermission
  /// A pipe by name that nobody opened for writing within so many seconds.
  case noWriter(seconds: Int)
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
    case .notRegular: "is no regular file"
    case .noPermission: "permission denied"
    case .noWriter(let seconds): "is a pipe that nobody has written to for \(seconds) s"
    case .tooLarge(let count): count.map { "has \($0) bytes, which is too large" } ?? "is too large"
    case .system(let reason): reason
    }
  }
}

/// Reads files whole.
package enum InputFile {
  /// The bytes of a file that the user named; `-` is standard input. Pipes and devices are read as well, never more than
  /// a limit.
  ///
  /// - Throws: ``InputError``; `tooLarge` before anything is read, where the size is known.
  package static func read(_ path: String, limit: Int) throws(InputError) -> [UInt8] {
    if path == "-" { return try readAll(STDIN_FILENO, limit: limit, expecting: 0) }
    let (descriptor, status) = try openForReading(path)
    defer { close(descriptor) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .isDirectory
    case S_IFREG where status.st_size > limit: throw .tooLarge(byteCount: Int(status.st_size))
    case S_IFREG: return try readAll(descriptor, limit: limit, expecting: Int(status.st_size))
    case S_IFIFO: return try readAll(descriptor, limit: limit, expecting: 0, patience: 10)
    default:
      _ = fcntl(descriptor, F_SETFL, O_RDONLY)
      return try readAll(descriptor, limit: limit, expecting: 0)
    }
  }

  /// The bytes of a regular file, through links, and where it really lies.
  ///
  /// - Throws: ``InputError``; `notRegular` for anything else, the files of `/proc` and `/sys` included, which only look
  ///   regular: the environment of this process is one of them.
  package static func readRegular(_ path: String, limit: Int) throws(InputError) -> (bytes: [UInt8], realPath: String) {
    let (descriptor, status) = try openForReading(path)
    defer { close(descriptor) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .isDirectory
    case S_IFREG: break
    default: throw .notRegular
    }
    guard let real = realPath(path), !["/proc/", "/sys/"].contains(where: { real.hasPrefix($0) }) else {
      throw .notRegular
    }
    guard status.st_size <= limit else { throw .tooLarge(byteCount: Int(status.st_size)) }
    return (try readAll(descriptor, limit: limit, expecting: Int(status.st_size)), real)
  }

  /// The first bytes of a regular file, all of a short one.
  package static func readHead(_ path: String, count: Int) throws(InputError) -> [UInt8] {
    let (descriptor, status) = try openForReading(path)
    defer { close(descriptor) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    var bytes = [UInt8](repeating: 0, count: min(count, Int(status.st_size)))
    var filled = 0
    while filled < bytes.count {
      let read = bytes.withUnsafeMutableBytes {
        readBytes(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
      }
      if read == 0 { break }
      if read < 0, errno != EINTR { throw InputError(errno) }
      filled += max(0, read)
    }
    return Array(bytes[..<filled])
  }

  /// Opens without waiting: a pipe that nobody writes to would keep an ordinary `open` for ever.
  private static func openForReading(_ path: String) throws(InputError) -> (descriptor: Int32, status: stat) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw InputError(errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw InputError(code)
    }
    return (descriptor, status)
  }

  /// Whether there is something by this name that is not a directory.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  /// - Parameter patience: seconds that a pipe by name may stand there without a writer; with one, as long as it takes.
  private static func readAll(
    _ descriptor: Int32, limit: Int, expecting count: Int, patience: Int = 0
  ) throws(InputError) -> [UInt8] {
    var bytes: [UInt8] = []
    // One byte more, so that a file of the expected size ends with the second read.
    bytes.reserveCapacity(count + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var hasHadWriter = patience == 0
    var waits = patience * 10
    while true {
      let read = buffer.withUnsafeMutableBytes { readBytes(descriptor, $0.baseAddress, $0.count) }
      if read > 0 {
        hasHadWriter = true
        guard bytes.count + read <= limit else { throw .tooLarge(byteCount: nil) }
        bytes += buffer[..<read]
      } else if read == 0 {
        if hasHadWriter { return bytes }
        guard waits > 0 else { throw .noWriter(seconds: patience) }
        waits -= 1
        // Tells of something to read, and of a writer that has come and gone.
        hasHadWriter = awaitInput(descriptor, milliseconds: 100)
      } else if errno == EAGAIN {
        hasHadWriter = true
        _ = awaitInput(descriptor, milliseconds: -1)
      } else if errno != EINTR {
        throw InputError(errno)
      }
    }
  }
}

/// Waits until a read would not wait; `false` where the time is up.
private func awaitInput(_ descriptor: Int32, milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&request, 1, milliseconds) > 0
}

/// What links and `..` in a path lead to; `nil` where there is nothing.
package func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
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
