/// How the first matrix of a new adapter, `[rank, in]`, is drawn: `lora_A_init_method` (megatron-bridge 0.3.1 to 0.6.2,
/// `peft/utils.py`, `ParallelLinearAdapter._get_init_fn`).
package enum AdapterStart: String, Sendable, CaseIterable {
  /// Normal, with the variance 2 / (rank + in): at a small rank about √6 times as wide as `kaiming`, and so is a run's first
  /// gradient, which is that of the zero second matrix alone.
  case xavier
  /// Normal, with a standard deviation of 0.2.
  case normal
  /// Uniform within 1 / sqrt(in), as peft has it.
  case kaiming
  case zero

  func fill(_ values: UnsafeMutableBufferPointer<Float>, rank: Int, from stream: inout RandomStream) {
    let columns = values.count / max(rank, 1)
    switch self {
    case .xavier: fill(values, std: (2 / Double(rank + columns)).squareRoot(), from: &stream)
    case .normal: fill(values, std: 0.2, from: &stream)
    case .kaiming:
      let bound = 1 / Double(columns).squareRoot()
      for index in values.indices { values[index] = Float((2 * stream.uniform() - 1) * bound) }
    case .zero: values.update(repeating: 0)
    }
  }

  private func fill(_ values: UnsafeMutableBufferPointer<Float>, std: Double, from stream: inout RandomStream) {
    for index in stride(from: 0, to: values.count, by: 2) {
      let (first, second) = stream.normalPair()
      values[index] = Float(first * std)
      if index + 1 < values.count { values[index + 1] = Float(second * std) }
    }
  }
}

extension TrainingEngine {
  /// The start of every adapter: A as the settings say, B zero, magnitudes the norms of the base weight's rows. Load the
  /// base weights first.
  package func initializeAdapters(seed: UInt64) throws {
    guard let adapters else { return }
    for target in adapters.settings.targets {
      guard let base = layout[target.name] else { continue }
      let (rows, columns) = (base.shape[0], base.shape[1])
      let prefix = target.prefix
      var stream = RandomStream(seed: seed, name: target.name)
      try adapters.withTensor(prefix + ".lora_A.weight") {
        adapters.settings.start.fill($0, rank: target.rank, from: &stream)
      }
      try adapters.withTensor(prefix + ".lora_B.weight") { $0.update(repeating: 0) }
      guard adapters.settings.useDora else { continue }
      try parameters.withTensor(target.name) { weights in
        try adapters.withTensor(prefix + ".lora_magnitude_vector") { magnitude in
          for row in 0..<rows {
            let squares = weights[row * columns..<(row + 1) * columns].reduce(0.0) { $0 + Double($1) * Double($1) }
            magnitude[row] = Float(squares.squareRoot())
          }
        }
      }
    }
  }
}
