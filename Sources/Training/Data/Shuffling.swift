extension RandomStream {
  /// A stream of its own for each list of numbers, so that any sample or epoch is drawn without those before it and
  /// shuffles have no state to save.
  init(seed: UInt64, path: UInt64...) {
    let increment: UInt64 = 0x9e37_79b9_7f4a_7c15
    func mix(_ value: UInt64) -> UInt64 {
      var mixed = value &+ increment
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
    self.init(seed: path.reduce(seed) { mix($0 ^ mix($1)) })
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
