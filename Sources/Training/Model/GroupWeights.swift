internal import CKernels

/// The weights of one group of parameters as products and norms read them, adapters included.
///
/// fp32 weights are read where they are, and bf16 ones by bf16 products. For others these are widened a block of rows at a
/// time, on the thread that multiplies by them, so that a frozen base is in memory once and in its own format.
struct GroupWeights {
  private enum Values {
    case fp32(Floats)
    case bf16(UnsafeMutablePointer<UInt16>)
  }

  private let values: Values
  /// All norm gains of the model in fp32, where `values` does not hold them.
  private let gains: Floats?
  private let adapters: UnsafeBufferPointer<LowRankAdapter>
  /// Where the group's matrices are packed: all that are multiplied in bf16.
  private let packed: UnsafeBufferPointer<PackedWeights.Matrix>
  let products: MatrixProduct
  let dropout: AdapterDropout?
  /// Elements from the group's start to where `values` points.
  private let start: Int
  /// Number of the first row that products are given, among all rows that meet the same weights in this pass.
  let firstRow: Int

  /// Elements of a widened block: it stays in a core's cache while it is multiplied by.
  private static let blockCount = 1 << 16

  init(
    fp32: Floats, products: MatrixProduct, adapters: UnsafeBufferPointer<LowRankAdapter>? = nil,
    dropout: AdapterDropout? = nil
  ) {
    self.init(.fp32(fp32), gains: nil, products: products, adapters: adapters, dropout: dropout)
  }

  /// - Parameter gains: of the model, as ``ParameterLayout/gainPlace(_:)`` counts them.
  init(
    bf16: UnsafeMutablePointer<UInt16>, gains: Floats, products: MatrixProduct,
    packed: UnsafeBufferPointer<PackedWeights.Matrix>? = nil, adapters: UnsafeBufferPointer<LowRankAdapter>? = nil,
    dropout: AdapterDropout? = nil
  ) {
    self.init(.bf16(bf16), gains: gains, products: products, packed: packed, adapters: adapters, dropout: dropout)
  }

  private init(
    _ values: Values, gains: Floats?, products: MatrixProduct,
    packed: UnsafeBufferPointer<PackedWeights.Matrix>? = nil, adapters: UnsafeBufferPointer<LowRankAdapter>?,
    dropout: AdapterDropout?, start: Int = 0, firstRow: Int = 0
  ) {
    self.values = values
    self.gains = gains
    self.products = products
    self.adapters = adapters ?? UnsafeBufferPointer(start: nil, count: 0)
    self.packed = packed ?? UnsafeBufferPointer(start: nil, count: 0)
    self.dropout = dropout
    self.start = start
    self.firstRow = firstRow
  }

  /// The same from an element on: of one expert of many.
  func advanced(by count: Int, firstRow: Int) -> GroupWeights {
    let moved: Values =
      switch values {
      case .fp32(let base): .fp32(base + count)
      case .bf16(let base): .bf16(base + count)
      }
    return GroupWeights(
      moved, gains: gains, products: products, packed: packed, adapters: adapters, dropout: dropout,
      start: start + count, firstRow: firstRow)
  }

  /// The same, whose products fetch on the side what their thread reads next.
  func fetching(_ upcoming: UpcomingMemory) -> GroupWeights {
    GroupWeights(
      values, gains: gains, products: products.fetching(upcoming), packed: packed, adapters: adapters, dropout: dropout,
      start: start, firstRow: firstRow)
  }

  /// The same, whose products fetch a linear's weight on the side, which the next one is multiplied by.
  ///
  /// - Parameter count: elements from the linear's place in these weights to its place in another expert's.
  func fetching(_ linear: Linear, _ direction: Direction, by count: Int = 0) -> GroupWeights {
    fetching(memory(of: linear, direction, by: count))
  }

  /// Where products read a linear's weight.
  private func memory(of linear: Linear, _ direction: Direction, by count: Int) -> UpcomingMemory {
    let elements = linear.outputs * linear.inputs
    switch values {
    case .fp32(let base):
      return UpcomingMemory(UnsafePointer(base + linear.offset + count), count: elements)
    case .bf16(let base):
      if let matrix = packedMatrix(at: start + linear.offset + count, outputs: linear.outputs) {
        return UpcomingMemory(matrix.packed(for: direction), bytes: matrix.packedBytes(for: direction))
      }
      return UpcomingMemory(UnsafePointer(base + linear.offset + count), count: elements)
    }
  }

  func gain(_ norm: RMSNorm) -> UnsafePointer<Float> {
    if let gains { return UnsafePointer(gains + norm.gainPlace) }
    guard case .fp32(let base) = values else { preconditionFailure("bf16 weights come with their gains") }
    return UnsafePointer(base + norm.offset)
  }

  /// Calls `body(adapter, column)` for each adapter of a linear's matrices, with its first output among the linear's.
  func forEachAdapter(of linear: Linear, _ body: (LowRankAdapter, Int) -> Void) {
    guard !adapters.isEmpty else { return }
    let first = start + linear.offset
    let end = first + linear.inputs * linear.outputs
    var low = Self.firstIndex(in: adapters, from: first) { $0.offset }
    while low < adapters.count, adapters[low].offset < end {
      body(adapters[low], (adapters[low].offset - first) / linear.inputs)
      low += 1
    }
  }

  /// The first element at or behind an offset; they are in this order.
  private static func firstIndex<Element>(
    in elements: UnsafeBufferPointer<Element>, from offset: Int, _ offsetOf: (Element) -> Int
  ) -> Int {
    var (low, high) = (0, elements.count)
    while low < high {
      let middle = (low + high) / 2
      if offsetOf(elements[middle]) < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func hasAdapter(of linear: Linear) -> Bool {
    var found = false
    forEachAdapter(of: linear) { _, _ in found = true }
    return found
  }

  /// Calls `body(rows, W)` for consecutive blocks of a linear's weight rows in fp32, each row times its factor.
  ///
  /// - Parameters:
  ///   - rows: of the weight; all if not given.
  ///   - scales: factors of these rows.
  func forEachBlock(
    of linear: Linear, rows: Range<Int>? = nil, scales: Floats? = nil,
    _ body: (Range<Int>, UnsafePointer<Float>) -> Void
  ) {
    let rows = rows ?? 0..<linear.outputs
    guard !rows.isEmpty else { return }
    if case .fp32(let base) = values, scales == nil {
      return body(rows, base + linear.offset + rows.lowerBound * linear.inputs)
    }
    let perBlock = max(16, Self.blockCount / linear.inputs)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: min(perBlock, rows.count) * linear.inputs) { block in
      guard let block = block.baseAddress else { return }
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: perBlock) {
        let part = first..<min(first + perBlock, rows.upperBound)
        let (offset, count) = (linear.offset + first * linear.inputs, part.count * linear.inputs)
        switch values {
        case .fp32(let base): block.update(from: base + offset, count: count)
        case .bf16(let base): kernel_from_bf16(base + offset, block, count)
        }
        if let scales {
          for row in part {
            kernel_scale(block + (row - first) * linear.inputs, scales[row - rows.lowerBound], linear.inputs)
          }
        }
        body(part, UnsafePointer(block))
      }
    }
  }

  /// For one vector, without adapters: `y` [outputs] `(+)= W x` for some outputs of a linear.
  func multiply(
    _ linear: Linear, outputs: Range<Int>, _ x: UnsafePointer<Float>, to y: Floats, accumulate: Bool = false
  ) {
    let (first, inputs) = (linear.offset + outputs.lowerBound * linear.inputs, linear.inputs)
    switch values {
    case .fp32(let base): kernel_gemv(base + first, inputs, x, y, outputs.count, inputs, accumulate ? 1 : 0)
    case .bf16(let base): kernel_gemv_bf16(base + first, inputs, x, y, outputs.count, inputs, accumulate ? 1 : 0)
    }
  }

  /// For one vector, without adapters: `y` [inputs] `+= Wᵀ x` from some outputs of a linear.
  func addTransposed(_ linear: Linear, outputs: Range<Int>, _ x: UnsafePointer<Float>, to y: Floats) {
    let (first, inputs) = (linear.offset + outputs.lowerBound * linear.inputs, linear.inputs)
    switch values {
    case .fp32(let base): kernel_gemv_transposed(base + first, inputs, x, y, outputs.count, inputs)
    case .bf16(let base): kernel_gemv_transposed_bf16(base + first, inputs, x, y, outputs.count, inputs)
    }
  }

  /// Some weights in fp32.
  func copyElements(_ first: Int, count: Int, to out: Floats) {
    switch values {
    case .fp32(let base): out.update(from: base + first, count: count)
    case .bf16(let base): kernel_from_bf16(base + first, out, count)
    }
  }

  /// What a linear's weight is multiplied with: its input, or the gradient of its output.
  enum Direction {
    case forward
    case backward
  }

  /// Some of a linear's weight rows where just these are packed.
  private func packedOperand(of linear: Linear, rows: Range<Int>, _ direction: Direction) -> MatrixProduct.Operand? {
    let offset = start + linear.offset + rows.lowerBound * linear.inputs
    return packedMatrix(at: offset, outputs: rows.count).map { .packed($0.packed(for: direction)) }
  }

  private func packedMatrix(at offset: Int, outputs: Int) -> PackedWeights.Matrix? {
    guard !packed.isEmpty else { return nil }
    let index = Self.firstIndex(in: packed, from: offset) { $0.offset }
    guard index < packed.count, packed[index].offset == offset, packed[index].outputs == outputs else { return nil }
    return packed[index]
  }

  /// As ``forEachBlock(of:rows:scales:_:)``, but as `products` reads the weights: bf16 ones whole and as they are, or packed.
  private func forEachOperand(
    of linear: Linear, rows: Range<Int>, scales: Floats? = nil, for products: MatrixProduct, _ direction: Direction,
    _ body: (Range<Int>, MatrixProduct.Operand) -> Void
  ) {
    guard !rows.isEmpty else { return }
    if case .bf16(let base) = values, scales == nil, products.precision == .bf16 {
      if let operand = packedOperand(of: linear, rows: rows, direction) { return body(rows, operand) }
      return body(rows, .bf16(base + linear.offset + rows.lowerBound * linear.inputs))
    }
    forEachBlock(of: linear, rows: rows, scales: scales) { block, w in body(block, .fp32(w)) }
  }

  /// Calls `body(rows, W)` for consecutive blocks of some of a linear's weight rows, as its output is computed from its input:
  /// where no dropout sets an adapter's input apart, DoRA's rows are multiplied by their factors.
  func forEachOutputBlock(
    of linear: Linear, rows: Range<Int>, for products: MatrixProduct, _ direction: Direction,
    _ body: (Range<Int>, MatrixProduct.Operand) -> Void
  ) {
    var next = rows.lowerBound
    if dropout == nil {
      forEachAdapter(of: linear) { adapter, column in
        guard let scales = adapter.scales, rows.contains(column) else { return }
        forEachOperand(of: linear, rows: next..<column, for: products, direction, body)
        next = column + adapter.outputs
        forEachOperand(of: linear, rows: column..<next, scales: scales, for: products, direction, body)
      }
    }
    forEachOperand(of: linear, rows: next..<rows.upperBound, for: products, direction, body)
  }
}
