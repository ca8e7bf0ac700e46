#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A system call that failed on a file: what was tried, where, and the system's reason.
package struct SystemError: Error, Hashable, CustomStringConvertible {
  /// What was being done, as messages say it.
  package enum Operation: String, Sendable {
    case open, read, list
    case create, lock, write, synchronize, close, rename, remove
    case createDirectory = "create directory"

    /// Whether what failed is an input of the program, rather than something that it writes.
    package var isReading: Bool {
      switch self {
      case .open, .read, .list: true
      case .create, .createDirectory, .lock, .write, .synchronize, .close, .rename, .remove: false
      }
    }
  }

  package let operation: Operation
  package let path: String
  /// The value of `errno`.
  package let code: Int32
  /// What is known beyond that, in place of the system's reason.
  private var detail: String?

  package init(_ operation: Operation, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// A pipe or a device where a file belongs.
  init(notRegular path: String, _ operation: Operation) {
    self.init(operation, path, code: EINVAL)
    detail = "it is no regular file"
  }

  /// A file that ended before the bytes it had when it was opened.
  init(shortened path: String, at offset: Int) {
    self.init(.read, path, code: EIO)
    detail = "it ends at byte \(offset) now; something shortened it while it was read"
  }

  /// The disk, the user's quota or the largest file allowed is full.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
  package var isMissingFile: Bool { code == ENOENT }

  package var description: String {
    "cannot \(operation.rawValue) \(path): \(detail ?? strerror(code).map { String(cString: $0) } ?? "error \(code)")"
  }
}
