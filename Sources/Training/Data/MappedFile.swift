#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A whole file mapped read-only into memory; unmapped when the last reference goes.
///
/// A file that another process shortens while it is mapped kills this one (SIGBUS), as with every memory map. Data and
/// checkpoints are replaced by renaming, never rewritten in place.
package final class MappedFile: @unchecked Sendable {  // immutable after init
  package let path: String
  private let bytes: UnsafeRawBufferPointer

  /// Maps a regular file.
  /// - Throws: ``SystemError``.
  package init(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError("read", path, code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    self.path = path
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw SystemError("map", path)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  package var count: Int { bytes.count }

  /// The content; valid within `body` alone, since the mapping may go with the last use of this object.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  /// Reads the content as one JSON text.
  /// - Throws: ``JSONError``, what `body` throws.
  package func readJSON(_ body: (inout JSONCursor) throws -> Void) throws {
    try withBytes { bytes in
      var cursor = JSONCursor(bytes)
      try body(&cursor)
      try cursor.finish()
    }
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }

  /// Tells the kernel that a range is read once, front to back, or is no longer needed.
  package func advise(_ range: Range<Int>, willNeed: Bool) {
    let page = Int(getpagesize())
    let start = range.lowerBound / page * page
    guard let base = bytes.baseAddress, range.upperBound <= bytes.count, range.upperBound > start else { return }
    let address = UnsafeMutableRawPointer(mutating: base + start)
    madvise(address, range.upperBound - start, Int32(willNeed ? MADV_WILLNEED : MADV_DONTNEED))
  }
}
