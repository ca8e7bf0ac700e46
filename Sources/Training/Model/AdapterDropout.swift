/// Dropout on the adapters of one micro-batch: `nn.Dropout` in training, with a mask of its own for each adapter.
///
/// Whether an element is dropped is a function of its place alone (adapter, row, column) and of the key, so the backward
/// pass and every recomputation find the mask of the forward pass, whatever the threads.
struct AdapterDropout {
  /// Where an adapter drops: its input, or (Megatron's `post`, LoRA alone) its output.
  typealias Position = AdapterSettings.DropoutPosition

  let position: Position
  private let key: UInt64
  /// Of 2^32: 32 bits below it mean dropped.
  private let threshold: UInt64
  /// 1 / (1 - p), so that the mean stays; 0 where everything is dropped.
  private let scale: Float

  /// `nil` without dropout.
  ///
  /// - Parameters:
  ///   - step: optimizer steps done.
  ///   - microBatch: number within the step.
  init?(_ settings: AdapterSettings, step: Int, microBatch: Int) {
    guard settings.dropout > 0 else { return nil }
    position = settings.dropoutPosition
    threshold = UInt64((min(settings.dropout, 1) * 0x1p32).rounded())
    scale = settings.dropout < 1 ? Float(1 / (1 - settings.dropout)) : 0
    key = Self.mix(Self.mix(settings.dropoutSeed &+ UInt64(bitPattern: Int64(step))) &+ UInt64(microBatch))
  }

  /// `out = mask * x` on rows whose first has the number `firstRow`, and on `columns`; `x` and `out` begin at the first of
  /// them and may be the same.
  ///
  /// - Parameter adapter: ``LowRankAdapter/id``.
  func apply(
    adapter: UInt64, firstRow: Int, rows: Int, columns: Range<Int>, _ x: UnsafePointer<Float>, ldx: Int, to out: Floats,
    ldo: Int
  ) {
    for row in 0..<rows {
      let rowKey = Self.mix(key ^ Self.mix(adapter &+ UInt64(firstRow + row)))
      let (source, target) = (x + row * ldx, out + row * ldo)
      // One number decides about two columns.
      for pair in columns.lowerBound / 2..<(columns.upperBound + 1) / 2 {
        let bits = Self.mix(rowKey &+ UInt64(pair) &* 0x9e37_79b9_7f4a_7c15)
        let place = 2 * pair - columns.lowerBound
        if place >= 0 { target[place] = bits & 0xffff_ffff < threshold ? 0 : source[place] * scale }
        if place + 1 < columns.count { target[place + 1] = bits >> 32 < threshold ? 0 : source[place + 1] * scale }
      }
    }
  }

  /// SplitMix64's finalizer.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
