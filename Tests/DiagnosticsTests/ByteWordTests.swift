import Testing

@testable import Diagnostics

/// Eight bytes at a time find what one at a time does, wherever it stands.
@Suite struct ByteWordTests {
  /// Every byte in every place among others that differ from it in one bit.
  @Test(arguments: [UInt8(ascii: "\n"), UInt8(ascii: "%"), 0, 0x7F])
  func places(wanted: UInt8) throws {
    for other in (0..<8).map({ wanted ^ 1 << $0 }) {
      for place in 0..<8 {
        var bytes = [UInt8](repeating: other, count: 8)
        bytes[place] = wanted
        let found = try bytes.withUnsafeBufferPointer { try #require(ByteWord($0, at: 0)).places(of: wanted) }
        #expect(Array(found) == [place])
      }
    }
  }

  @Test func plainText() throws {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<8 {
        var bytes = Array("a\n ~\nbcd".utf8)
        bytes[place] = byte
        let isPlain = try bytes.withUnsafeBufferPointer { try #require(ByteWord($0, at: 0)).isPlainText }
        #expect(isPlain == ((0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "%") || byte == 0x0A))
      }
    }
  }

  @Test(arguments: 0..<20)
  func firstPlace(place: Int) {
    let bytes = [UInt8](repeating: 0x2B, count: place) + Array("*++++*".utf8)
    bytes.withUnsafeBufferPointer {
      #expect($0.firstPlace(of: UInt8(ascii: "*")) == place)
      #expect($0.firstPlace(of: UInt8(ascii: "*"), from: place + 1) == place + 5)
      #expect($0.firstPlace(of: UInt8(ascii: "-")) == nil)
    }
  }

  /// Line ends of all three kinds at every place of a word, before, between and behind letters of two bytes.
  @Test(arguments: 0..<9)
  func lines(before: Int) {
    let start = String(repeating: "x", count: before)
    let text = start + "é\n\r\nab\rcd\r\n\n\u{10A}\r\r\n"
    let lines = ["\(start)é", "", "ab", "cd", "", "\u{10A}", "", ""]
    let file = SourceFile(name: "f", text: text)
    #expect((1...file.lineCount).map { String(file.line($0).text) } == lines)
  }
}
