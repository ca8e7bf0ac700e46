@testable import Training

/// Seeded damage to valid input: what a reader must survive with an error or a sensible value, never a crash.
struct Mutator {
  var generator: RandomStream

  init(seed: UInt64) { generator = RandomStream(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int(generator.next(below: UInt64(bound))) }

  /// One to four edits: flipped bits, removed or repeated runs, inserted tokens, cut ends.
  mutating func mutate(_ original: [UInt8], inserting tokens: [String] = []) -> [UInt8] {
    var bytes = original
    for _ in 0...below(4) where !bytes.isEmpty {
      let place = below(bytes.count)
      switch below(6) {
      case 0: bytes[place] ^= 1 << UInt8(below(8))
      case 1: bytes[place] = UInt8(below(256))
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(8)))
      case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + below(16))], at: place)
      case 4: bytes.removeSubrange(place...)
      default:
        if tokens.isEmpty {
          bytes.insert(UInt8(below(256)), at: place)
        } else {
          bytes.insert(contentsOf: Array(tokens[below(tokens.count)].utf8), at: place)
        }
      }
    }
    return bytes
  }
}
