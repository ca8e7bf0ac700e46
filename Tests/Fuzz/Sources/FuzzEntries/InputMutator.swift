import TestSupport

/// Makes inputs of good ones: bytes and pieces changed, moved, repeated, cut off and put in.
struct InputMutator {
  private var generator: SeededGenerator
  /// Inputs stay this short: what is wrong with long ones is for the tests of limits.
  private static let longest = 1 << 16

  init(seed: UInt64, number: UInt64) {
    var mix = SeededGenerator(seed: seed ^ number &* 0xD129_0D3A_87A5_33E5)
    generator = SeededGenerator(seed: mix.next())
  }

  mutating func input(from seeds: [[UInt8]], _ tokens: [[UInt8]]) -> [UInt8] {
    // Now and then nothing but noise, which no seed leads to.
    if seeds.isEmpty || below(64) == 0 {
      return (0..<below(80)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    var bytes = seeds[below(seeds.count)]
    for _ in 0...below(5) { mutate(&bytes, tokens, seeds) }
    return Array(bytes.prefix(Self.longest))
  }

  private mutating func mutate(_ bytes: inout [UInt8], _ tokens: [[UInt8]], _ seeds: [[UInt8]]) {
    let place = below(bytes.count + 1)
    let length = min(below(bytes.count < 64 ? 8 : 40), bytes.count - place)
    switch below(10) {
    case 0: bytes.removeSubrange(place..<place + length)
    case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case 2: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: below(bytes.count + 1))
    case 3: bytes.removeSubrange(place...)
    case 4 where !bytes.isEmpty: bytes[min(place, bytes.count - 1)] ^= 1 << below(8)
    case 5:
      // The same byte very often: long lines, deep nesting, wide gaps.
      let byte = bytes.isEmpty ? 0x20 : bytes[min(place, bytes.count - 1)]
      bytes.insert(contentsOf: repeatElement(byte, count: 1 << below(13)), at: place)
    case 6:
      let other = seeds[below(seeds.count)]
      let start = below(other.count + 1)
      bytes.insert(contentsOf: other[start..<min(other.count, start + below(200))], at: place)
    case 7: replaceNumber(&bytes, from: place)
    default:
      let token = tokens.isEmpty ? [] : tokens[below(tokens.count)]
      if below(2) == 0 {
        bytes.insert(contentsOf: token, at: place)
      } else {
        bytes.replaceSubrange(place..<place + length, with: token)
      }
    }
  }

  /// The next number becomes one at which arithmetic breaks.
  private mutating func replaceNumber(_ bytes: inout [UInt8], from place: Int) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Array(Self.numbers[below(Self.numbers.count)].utf8))
  }

  private static let numbers = [
    "0", "-1", "1", "2", "3", "7", "8", "27", "64", "4096", "1048576", "2147483647", "2147483648", "4294967296",
    "1099511627776", "4611686018427387904", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "1e308", "1e-320", "0.5", ".inf", ".nan", "1e999", "0x7fffffffffffffff",
  ]

  private mutating func below(_ bound: Int) -> Int { bound > 1 ? Int.random(in: 0..<bound, using: &generator) : 0 }
}
