#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A regular file, read whole or piece by piece.
///
/// Read with `pread`, never mapped: where another process shortens a file, a map ends this process by a signal
/// (SIGBUS), while a read that comes up short is an error like any other.
package final class FileReader: Sendable {
  package let path: String
  /// Bytes, as they were when it was opened.
  package let count: Int
  private let descriptor: Int32
  private let pieces: SummedPieces?

  /// - Parameter pieces: where the checksum of everything that is read is kept.
  /// - Throws: ``SystemError``, also for what is no regular file.
  package init(_ path: String, summing pieces: SummedPieces? = nil) throws {
    let descriptor = try RegularFile.open(path, O_RDONLY)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = SystemError(.read, path)
      close(descriptor)
      throw error
    }
    self.path = path
    self.pieces = pieces
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills all of `destination` with what stands from byte `offset` on.
  /// - Throws: ``SystemError``, also where the file ends before that.
  package func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < destination.count {
      let end = pieces == nil ? destination.count : min(done + Self.summedBytes, destination.count)
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[done..<end])
      let found = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if found < 0, errno == EINTR { continue }
      guard found >= 0 else { throw SystemError(.read, path) }
      guard found > 0 else { throw SystemError(shortened: path, at: offset + done) }
      pieces?.add(UnsafeRawBufferPointer(rebasing: rest[..<found]), at: offset + done)
      done += found
    }
  }

  /// The bytes of a range.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let wanted = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
      try read(into: wanted, at: range.lowerBound)
      initialized = range.count
    }
  }

  /// The bytes of a whole file.
  /// - Throws: ``SystemError``.
  package static func contents(_ path: String) throws -> [UInt8] {
    let file = try FileReader(path)
    return try file.bytes(0..<file.count)
  }

  /// Reads a whole file as one JSON text.
  /// - Throws: ``SystemError``, ``JSONError``, what `body` throws.
  package static func readJSON(_ path: String, _ body: (inout JSONCursor) throws -> Void) throws {
    try contents(path).withUnsafeBytes { bytes in
      var cursor = JSONCursor(bytes)
      try body(&cursor)
      try cursor.finish()
    }
  }

  /// Gives out line after line without the line ends; the last line may lack one. Only some of the file is in memory.
  package func eachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    // Begins with the part of a line that stood at the end of the last piece.
    var pending: [UInt8] = []
    for place in stride(from: 0, to: count, by: Self.pieceBytes) {
      let searched = pending.count
      pending += try bytes(place..<min(place + Self.pieceBytes, count))
      let whole = try pending.withUnsafeBytes { bytes in
        var (start, search) = (0, searched)
        while let end = bytes[search...].firstIndex(of: 0x0A) {
          try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
          (start, search) = (end + 1, end + 1)
        }
        return start
      }
      pending.removeSubrange(..<whole)
    }
    if !pending.isEmpty { try pending.withUnsafeBytes(body) }
  }

  private static let pieceBytes = 1 << 20
  /// What is summed is read so far at a time, and is still in the second cache then.
  private static let summedBytes = 1 << 18
}
