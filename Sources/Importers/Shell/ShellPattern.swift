/// A pattern of a shell: `*`, `?`, `[a-z]` and literal text.
struct ShellPattern {
  let bytes: [UInt8]
  /// Whether it fits nothing but its own text.
  let isLiteral: Bool

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isLiteral = !bytes.contains { "*?[\\".utf8.contains($0) }
  }

  /// Whether it fits the whole text.
  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    var (place, index) = (0, text.startIndex)
    // Where the last `*` stands, and how far it reaches.
    var star: (place: Int, index: Int)?
    while index < text.endIndex {
      if place < bytes.count, bytes[place] == UInt8(ascii: "*") {
        star = (place, index)
        place += 1
      } else if let next = next(place, text[index]) {
        place = next
        index += 1
      } else if let (starPlace, starIndex) = star {
        star = (starPlace, starIndex + 1)
        (place, index) = (starPlace + 1, starIndex + 1)
      } else {
        return false
      }
    }
    return bytes[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Where the pattern goes on behind a byte that fits it.
  private func next(_ place: Int, _ byte: UInt8) -> Int? {
    guard place < bytes.count else { return nil }
    switch bytes[place] {
    case UInt8(ascii: "?"): return place + 1
    case UInt8(ascii: "["):
      guard let close = bytes[min(place + 2, bytes.count)...].firstIndex(of: UInt8(ascii: "]")) else { break }
      var set = bytes[(place + 1)..<close]
      let isInverted = set.first.map { "!^".utf8.contains($0) } ?? false
      if isInverted { set.removeFirst() }
      return Self.has(byte, set) != isInverted ? close + 1 : nil
    case UInt8(ascii: "\\") where place + 1 < bytes.count: return bytes[place + 1] == byte ? place + 2 : nil
    default: break
    }
    return bytes[place] == byte ? place + 1 : nil
  }

  private static func has(_ byte: UInt8, _ set: ArraySlice<UInt8>) -> Bool {
    var index = set.startIndex
    while index < set.endIndex {
      if index + 2 < set.endIndex, set[index + 1] == UInt8(ascii: "-") {
        if set[index] <= byte, byte <= set[index + 2] { return true }
        index += 3
      } else {
        if set[index] == byte { return true }
        index += 1
      }
    }
    return false
  }
}
