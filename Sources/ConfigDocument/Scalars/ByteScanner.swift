/// Walks over the bytes of a scalar; what regular expressions would do, without building any.
struct ByteScanner {
  let bytes: [UInt8]
  var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }
  /// The byte ahead; 0 at the end.
  var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// Steps over a byte if it is one of these.
  mutating func take(_ wanted: StaticString) -> Bool {
    guard !isAtEnd, wanted.contains(next) else { return false }
    position += 1
    return true
  }

  /// Steps over bytes of a kind, and says how many there were.
  @discardableResult
  mutating func skip(upTo limit: Int = .max, _ isWanted: (UInt8) -> Bool) -> Int {
    var count = 0
    while !isAtEnd, count < limit, isWanted(bytes[position]) {
      position += 1
      count += 1
    }
    return count
  }

  /// Steps over decimal digits.
  mutating func digits(upTo limit: Int = .max) -> Int { skip(upTo: limit) { $0.isDigit } }
}

extension StaticString {
  fileprivate func contains(_ byte: UInt8) -> Bool {
    withUTF8Buffer { $0.contains(byte) }
  }
}

extension UInt8 {
  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
  var isUnderscore: Bool { self == UInt8(ascii: "_") }
  var isASCIILetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

  /// The value of a hexadecimal digit.
  var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
