/// Eight bytes of a text, looked at together: texts are searched for line ends and the like more often than they have any.
package struct ByteWord {
  private let bits: UInt64

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The bytes of a buffer from a place on; `nil` where there are no eight.
  package init?(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) {
    guard place >= 0, place <= bytes.count - 8 else { return nil }
    bits = UInt64(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// Which of them are this one, a character of ASCII.
  package func places(of byte: UInt8) -> Places {
    let difference = bits ^ (Self.ones &* UInt64(byte))
    return Places(~((difference | Self.highs) &- Self.ones) & ~bits & Self.highs)
  }

  /// Whether all of them are characters of ASCII that YAML gives no meaning before its grammar is read: no control
  /// character but line feeds, and no `%`.
  package var isPlainText: Bool {
    guard bits & Self.highs == 0 else { return false }
    let controls = ~((bits | Self.highs) &- Self.ones &* 0x20) & Self.highs
    let others = (bits &+ Self.ones) & Self.highs
    return controls == places(of: UInt8(ascii: "\n")).bits && others == 0 && places(of: UInt8(ascii: "%")).bits == 0
  }

  /// Some of the eight, from the first on; each is the highest bit of its byte.
  package struct Places: Sequence, IteratorProtocol {
    fileprivate var bits: UInt64

    fileprivate init(_ bits: UInt64) { self.bits = bits }

    func union(_ other: Places) -> Places { Places(bits | other.bits) }

    package mutating func next() -> Int? {
      guard bits != 0 else { return nil }
      defer { bits &= bits &- 1 }
      return bits.trailingZeroBitCount / 8
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The first place of a character of ASCII from a place on.
  package func firstPlace(of byte: UInt8, from start: Int = 0) -> Int? {
    var place = start
    while let word = ByteWord(self, at: place) {
      var found = word.places(of: byte)
      if let first = found.next() { return place + first }
      place += 8
    }
    while place < count {
      if self[place] == byte { return place }
      place += 1
    }
    return nil
  }
}
