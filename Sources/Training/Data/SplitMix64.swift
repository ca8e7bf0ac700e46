/// A small random generator whose output is fixed by its seed on every machine: shuffles and mock data must not change
/// with the standard library.
///
/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A generator for one of many independent streams of a seed.
  package init(seed: UInt64, stream: UInt64...) {
    state = seed
    for value in stream { state = Self.mix(state &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mix(value &+ 0xD1B5_4A32_D192_ED03) }
  }

  package static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// Uniform in `0..<bound`, without bias (Lemire 2019); 0 for a bound of 0.
  package mutating func next(below bound: UInt64) -> UInt64 {
    guard bound > 0 else { return 0 }
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// Uniform in `0..<1`, 53 bits.
  package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A permutation of `0..<count` (Fisher-Yates).
  package static func permutation(_ count: Int, seed: UInt64, stream: UInt64...) -> [UInt32] {
    var generator = SplitMix64(seed: seed)
    for value in stream { generator = SplitMix64(seed: generator.state, stream: value) }
    var order = Array(0..<UInt32(clamping: count))
    guard order.count > 1 else { return order }
    for index in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(index, Int(generator.next(below: UInt64(index + 1))))
    }
    return order
  }
}
