/// The coefficients of Muon's Newton-Schulz iteration, step by step: `x` becomes `a x + b x³ + c x⁵`.
///
/// Source: emerging_optimizers 0.3.0 `orthogonalized_optimizers/muon_utils.py`, `_COEFFICIENT_SETS` and `newton_schulz`.
package struct NewtonSchulzSchedule: Sendable {
  package typealias Triple = (a: Double, b: Double, c: Double)

  package let triples: [Triple]
  /// Whether steps beyond the last triple begin with the first one again; otherwise they repeat the last one.
  package let startsAgain: Bool

  /// - Parameter type: `muon_coefficient_type`.
  /// - Returns: `nil` for a type that is not known.
  package init?(type: String) {
    guard let schedule = Self.schedules[type] else { return nil }
    (triples, startsAgain) = schedule
  }

  /// The types, in the order of their names.
  package static var types: [String] { schedules.keys.sorted() }

  private static let simple: Triple = (3.4445, -4.7750, 2.0315)

  private static let schedules: [String: (triples: [Triple], startsAgain: Bool)] = [
    "simple": ([simple], true),
    "quintic": (
      [
        (4.0848, -6.8946, 2.9270), (3.9505, -6.3029, 2.6377), (3.7418, -5.5913, 2.3037), (2.8769, -3.1427, 1.2046),
        (2.8366, -3.0525, 1.2012),
      ], true
    ),
    "polar_express": (
      [
        (8.2051, -22.9019, 16.4607), (4.0664, -2.8612, 0.5184), (3.9096, -2.8234, 0.5250), (3.2856, -2.4153, 0.4853),
        (2.2779, -1.6198, 0.3985), (1.8726, -1.2307, 0.3585), (1.8564, -1.2132, 0.3568), (1.8750, -1.2500, 0.3750),
      ], false
    ),
    "cans": (
      [
        (8.4703, -25.1081, 18.6293), (4.1828, -3.1087, 0.5806), (3.9619, -2.9541, 0.5630), (3.2866, -2.4647, 0.5074),
        (2.2737, -1.6447, 0.4162),
      ], false
    ),
    "aol": (
      [
        (4.0098, -7.0585, 2.4635), (3.4585, -5.5479, 2.5959), (2.7573, -3.2939, 1.4254), (2.7215, -3.0494, 1.3169),
      ], true
    ),
    "deepseekv4": (Array(repeating: simple, count: 8) + [(2, -1.5, 0.5), (2, -1.5, 0.5)], false),
  ]

  /// What becomes of a typical matrix's singular values, on average: 1 where the update is orthogonal, 0.1 where it is
  /// ten times too small, below 0 where it points uphill.
  ///
  /// Typical are those of 256 x 1024 random numbers, which are divided by the matrix's norm: 0.031 to 0.093.
  package func meanGain(steps: Int) -> Double {
    let count = 32
    let values = (0..<count).map { (index: Int) -> Double in
      0.031 + 0.062 * (Double(index) + 0.5) / Double(count)
    }
    let gains = values.map { (value: Double) -> Double in
      (0..<steps).reduce(value) { (x: Double, step: Int) -> Double in
        let (a, b, c) = triples[startsAgain ? step % triples.count : min(step, triples.count - 1)]
        let square = x * x
        return x * (a + square * (b + square * c))
      }
    }
    return gains.reduce(0, +) / Double(count)
  }
}
