/// The random numbers of shuffles and mock data: fixed by a seed and a list of numbers on every machine, so that any
/// sample or epoch is drawn without those before it and no state needs saving.
///
/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
struct ShuffleStream: Sendable {
  private var state: UInt64

  /// A stream of its own for each list of numbers.
  init(seed: UInt64, _ path: UInt64...) {
    state = path.reduce(seed) { Self.mix(($0 ^ Self.mix($1 &+ Self.increment)) &+ Self.increment) }
  }

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// Uniform in `0..<bound`, without bias (Lemire 2019); 0 for a bound of 0.
  mutating func next(below bound: UInt64) -> UInt64 {
    guard bound > 0 else { return 0 }
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// Uniform in `0..<1`, a multiple of 2^-53.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A permutation of `0..<count` (Fisher and Yates). Data sets have fewer than 2^32 documents and samples an epoch.
  mutating func permutation(_ count: Int) -> [UInt32] {
    var order = Array(0..<UInt32(clamping: count))
    guard order.count > 1 else { return order }
    for index in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(index, Int(next(below: UInt64(index + 1))))
    }
    return order
  }
}
