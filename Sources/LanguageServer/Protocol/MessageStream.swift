import ConfigDocument

/// Takes messages out of a stream of bytes: each a header with its length, an empty line, and so many bytes
/// (Language Server Protocol 3.17, "Base Protocol").
///
/// Whatever the bytes are, it goes on: a header without a length is passed over, and a message that is too long is dropped
/// as it comes, so that no input makes it keep more than the two limits.
package struct MessageStream: Sendable {
  /// Bytes of one message.
  package static let largestMessage = DocumentLimit.byteCount
  /// Bytes of one header.
  static let largestHeader = 8 << 10

  package enum Item: Equatable, Sendable {
    case message([UInt8])
    /// A header without a usable length.
    case badHeader
    /// A message that was dropped.
    case tooLarge(byteCount: Int)
  }

  private var buffer: [UInt8] = []
  /// Where the unread part of the buffer begins.
  private var start = 0
  /// The length of the message whose header was read.
  private var expected: Int?
  /// Bytes still to be dropped.
  private var dropping = 0

  package init() {}

  package mutating func append(_ bytes: some Collection<UInt8>) {
    let skipped = min(dropping, bytes.count)
    dropping -= skipped
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes.dropFirst(skipped)
  }

  /// The next thing in the stream; `nil` until more bytes come.
  package mutating func next() -> Item? {
    if expected == nil {
      guard let header = takeHeader() else {
        guard buffer.count - start > Self.largestHeader else { return nil }
        // What is no header may end with the beginning of one.
        start = buffer.count - Self.headerEnd.count
        return .badHeader
      }
      guard let length = Self.contentLength(of: header) else { return .badHeader }
      guard length <= Self.largestMessage else {
        let held = min(length, buffer.count - start)
        start += held
        dropping = length - held
        return .tooLarge(byteCount: length)
      }
      expected = length
    }
    guard let length = expected, buffer.count - start >= length else { return nil }
    defer {
      start += length
      expected = nil
    }
    return .message(Array(buffer[start..<start + length]))
  }

  private static let headerEnd = Array("\r\n\r\n".utf8)

  private mutating func takeHeader() -> ArraySlice<UInt8>? {
    let rest = buffer[start...].prefix(Self.largestHeader)
    guard let end = rest.firstRange(of: Self.headerEnd) else { return nil }
    defer { start = end.upperBound }
    return buffer[start..<end.lowerBound]
  }

  private static func contentLength(of header: ArraySlice<UInt8>) -> Int? {
    for line in header.split(whereSeparator: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "content-length" else {
        continue
      }
      let digits = parts[1].drop { $0 == UInt8(ascii: " ") }
      guard !digits.isEmpty, digits.count <= 12, let length = Int(String(decoding: digits, as: UTF8.self)), length >= 0
      else { return nil }
      return length
    }
    return nil
  }

  /// A message as it goes over the stream.
  package static func framed(_ text: String) -> String { "Content-Length: \(text.utf8.count)\r\n\r\n" + text }
}
