import ConfigDocument
import Diagnostics
import Testing

@testable import LanguageServer

@Suite("Messages and positions of the protocol")
struct ProtocolTests {
  private func items(_ pieces: [String]) -> [MessageStream.Item] {
    var stream = MessageStream()
    var items: [MessageStream.Item] = []
    for piece in pieces {
      stream.append(Array(piece.utf8))
      while let item = stream.next() { items.append(item) }
    }
    return items
  }

  private func message(_ text: String) -> MessageStream.Item { .message(Array(text.utf8)) }

  @Test("A message comes out whole, however the stream is cut")
  func framing() {
    let text = MessageStream.framed("{\"a\": \"ü\"}") + "content-length:2\r\nContent-Type: x\r\n\r\n{}"
    let expected = [message("{\"a\": \"ü\"}"), message("{}")]
    #expect(items([text]) == expected)
    var stream = MessageStream()
    var found: [MessageStream.Item] = []
    for byte in text.utf8 {
      stream.append([byte])
      while let item = stream.next() { found.append(item) }
    }
    #expect(found == expected)
  }

  @Test(
    "What is no header is passed over",
    arguments: ["Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n", "x\r\n\r\n", "\r\n\r\n"])
  func badHeaders(text: String) {
    #expect(items([text, MessageStream.framed("{}")]) == [.badHeader, message("{}")])
  }

  @Test("A message that is too long is dropped as it comes, and the next one is read")
  func tooLarge() {
    let count = MessageStream.largestMessage + 1
    let half = String(repeating: "x", count: count / 2)
    let rest = String(repeating: "x", count: count - count / 2)
    #expect(
      items(["Content-Length: \(count)\r\n\r\n" + half, rest + MessageStream.framed("{}")])
        == [.tooLarge(byteCount: count), message("{}")])
    #expect(items([String(repeating: "x", count: 20_000)]) == [.badHeader])
  }

  @Test(
    "What columns count is what the client likes best of what is known; UTF-16 where it says nothing",
    arguments: [
      (offered: ["utf-8", "utf-16", "utf-32"], encoding: PositionEncoding.utf8), (["utf-16", "utf-8"], .utf16),
      (["utf-7", "utf-32"], .utf32), (["utf-7"], .utf16), ([], .utf16),
    ])
  func encodings(offered: [String], encoding: PositionEncoding) {
    let capabilities: ConfigValue = ["general": ["positionEncodings": .list(offered.map { .string($0) })]]
    #expect(ClientCapabilities(capabilities).encoding == encoding)
    #expect(ClientCapabilities(nil).encoding == .utf16)
  }

  @Test(
    "A place goes there and back in every encoding",
    arguments: [PositionEncoding.utf8, .utf16, .utf32], [0, 2, 4, 5, 9, 10, 12, 13, 14])
  func roundTrip(encoding: PositionEncoding, offset: Int) throws {
    let positions = TextPositions(file: SourceFile(name: "a.yaml", text: "äéa𝄞b\r\nc\n"), encoding: encoding)
    #expect(try positions.offset(positions.position(at: offset)) == offset)
  }

  @Test(
    "Columns count UTF-16 units; what lies beyond or between is moved to a character",
    arguments: [
      (line: 0, character: 3, offset: 5), (line: 0, character: 5, offset: 9), (line: 0, character: 4, offset: 5),
      (line: 0, character: 99, offset: 10), (line: 1, character: 1, offset: 13), (line: 2, character: 0, offset: 14),
      (line: 99, character: 0, offset: 14), (line: -1, character: 0, offset: 0), (line: 1, character: -5, offset: 12),
      (line: 1, character: .max, offset: 13),
    ])
  func positions(line: Int, character: Int, offset: Int) {
    // `ä` is one unit and two bytes, `é` likewise, `𝄞` two units and four bytes.
    let positions = TextPositions(file: SourceFile(name: "a.yaml", text: "äéa𝄞b\r\nc\n"), encoding: .utf16)
    #expect(positions.offset(line: line, character: character) == offset)
  }

  @Test("The address of a file and its path", arguments: [("/a b/ü.yaml", "file:///a%20b/%C3%BC.yaml")])
  func addresses(path: String, uri: String) {
    #expect(DocumentAddress(path: path).uri == uri)
    #expect(DocumentAddress(uri: uri).path == path)
    #expect(DocumentAddress(uri: "untitled:1").path == "untitled:1")
  }
}
