#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A seeded stream of random numbers (xoshiro256**, seeded through SplitMix64). The state is public so that a
/// checkpoint can hold it.
package struct RandomStream: Sendable, Equatable {
  package private(set) var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9e37_79b9_7f4a_7c15
      var z = mix
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// A stream of its own for each name, so that what one consumer draws does not move another's.
  package init(seed: UInt64, name: String) {
    self.init(seed: Self.hash(name) ^ seed)
  }

  /// FNV-1a.
  static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  package init(state: (UInt64, UInt64, UInt64, UInt64)) { self.state = state }

  package static func == (a: RandomStream, b: RandomStream) -> Bool { a.state == b.state }

  package mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(state.1 &* 5, 7) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotate(state.3, 45)
    return result
  }

  /// In [0, 1), a multiple of 2^-53.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A pair of independent standard normal values (Box and Muller).
  package mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }
}
