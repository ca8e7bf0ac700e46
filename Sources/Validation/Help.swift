/// Sentences that several rules offer: the nearest legal values.
enum Help {
  /// The nearest numbers of GPUs that are a multiple of something.
  static func worldSize(_ run: RunFacts, multipleOf unit: Int) -> String {
    let (below, above) = neighbours(of: run.worldSize, multipleOf: unit)
    return below.map { "nearest: \($0) or \(above) GPUs" } ?? "at least \(above) GPUs are needed"
  }

  /// The multiples of a unit around a number; `nil` below where that would be 0.
  static func neighbours(of number: Int, multipleOf unit: Int) -> (below: Int?, above: Int) {
    let unit = max(unit, 1)
    let below = number / unit * unit
    return (below > 0 ? below : nil, below == number ? number : below + unit)
  }
}
