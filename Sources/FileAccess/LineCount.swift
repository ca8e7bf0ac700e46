#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of a file that are not blank.
package struct LineCount: Hashable, Sendable {
  package let lines: Int
  /// Whether the file was read to its end; else the number follows from its beginning and its size.
  package let isExact: Bool

  /// - Parameter limit: bytes that are read.
  /// - Returns: `nil` for what is no regular file here.
  package init?(of path: String, limit: Int = 1 << 26) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var counter = LineCounter()
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    var seen = 0
    while seen < limit {
      let count = read(descriptor, &piece, min(piece.count, limit - seen))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      piece.withUnsafeBytes { counter.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      seen += count
    }
    isExact = seen >= Int(status.st_size)
    lines =
      isExact ? counter.withLastLine : Int(Double(counter.lines) * Double(status.st_size) / Double(max(seen, 1)))
  }
}

/// Counts lines in pieces of a text.
private struct LineCounter {
  /// Those that have ended.
  private(set) var lines = 0
  /// Whether the line that goes on holds something.
  private var isOpen = false

  var withLastLine: Int { lines + (isOpen ? 1 : 0) }

  mutating func add(_ piece: UnsafeRawBufferPointer) {
    var rest = piece
    while let start = rest.baseAddress, !rest.isEmpty {
      let end = memchr(start, 0x0A, rest.count)
      let length = end.map { start.distance(to: UnsafeRawPointer($0)) } ?? rest.count
      if !isOpen { isOpen = rest[..<length].contains { $0 > 0x20 } }
      guard end != nil else { return }
      if isOpen { lines += 1 }
      isOpen = false
      rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
    }
  }
}
