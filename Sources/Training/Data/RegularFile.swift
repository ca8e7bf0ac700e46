#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Opens files that must be regular ones, and never waits: a pipe by name would keep an ordinary `open` for ever, and the
/// signals that ask a run to end with it.
enum RegularFile {
  /// - Returns: a descriptor, to be closed by the caller.
  /// - Throws: ``SystemError``, also for what is no regular file.
  static func open(_ path: String, _ flags: Int32) throws -> Int32 {
    let opening: SystemError.Operation =
      flags & O_ACCMODE == O_RDONLY ? .open : flags & O_CREAT != 0 ? .create : .write
    let descriptor = openFile(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw SystemError(opening, path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      closeFile(descriptor)
      let operation = opening == .open ? .read : opening
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw isFolder
        ? SystemError(operation, path, code: EISDIR) : SystemError(notRegular: path, operation)
    }
    return descriptor
  }
}

/// The C functions, which methods of those names would hide.
private func openFile(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o666) }
private func closeFile(_ descriptor: Int32) { close(descriptor) }
