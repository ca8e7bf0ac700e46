/// Where the factors of adapters come from: a folder of the peft library's form, or a run.
package protocol AdapterFactors {
  /// `A` [rank, in], `B` [out, rank], and DoRA's magnitudes [out].
  func factors(of target: AdapterTarget) throws -> LowRankFactors
}

/// The factors of one adapter, row-major.
package struct LowRankFactors {
  package var a: [Float]
  package var b: [Float]
  package var magnitudes: [Float]?
}

extension AdapterStore: AdapterFactors {
  package func factors(of target: AdapterTarget) throws -> LowRankFactors {
    func values(_ suffix: AdapterTensor) throws -> [Float] {
      try withTensor(target.prefix + suffix.rawValue) { Array($0) }
    }
    return LowRankFactors(
      a: try values(.a), b: try values(.b), magnitudes: settings.useDora ? try values(.magnitude) : nil)
  }

  /// Brings the adapters to those of a source.
  package func load(_ source: some AdapterFactors) throws {
    for target in settings.targets {
      let factors = try source.factors(of: target)
      for (suffix, values) in [(AdapterTensor.a, factors.a), (.b, factors.b), (.magnitude, factors.magnitudes ?? [])]
      where !values.isEmpty {
        try withTensor(target.prefix + suffix.rawValue) { destination in
          guard destination.count == values.count else {
            throw EngineError.wrongCount(
              tensor: target.prefix + suffix.rawValue, expected: destination.count, found: values.count)
          }
          _ = destination.update(fromContentsOf: values)
        }
      }
    }
  }
}

/// The ends of the names of an adapter's tensors, as peft stores them.
enum AdapterTensor: String, CaseIterable {
  case a = ".lora_A.weight"
  case b = ".lora_B.weight"
  case magnitude = ".lora_magnitude_vector"
}
