/// The numbers that have a meaning for a field; applies to every number inside a list as well.
public struct Bounds: Hashable, Sendable {
  public let lower: Double?
  public let upper: Double?
  /// The bounds themselves are not allowed.
  public let excludesLower: Bool
  public let excludesUpper: Bool
  /// Infinity means something: no limit.
  public let includesInfinity: Bool

  public init(
    lower: Double? = nil, upper: Double? = nil, excludesLower: Bool = false, excludesUpper: Bool = false,
    includesInfinity: Bool = false
  ) {
    self.lower = lower
    self.upper = upper
    self.excludesLower = excludesLower
    self.excludesUpper = excludesUpper
    self.includesInfinity = includesInfinity
  }

  /// Any finite number.
  public static let finite = Bounds()
  public static let positive = Bounds(lower: 0, excludesLower: true)
  public static let nonNegative = Bounds(lower: 0)
  /// A probability, a share, a momentum.
  public static let unitInterval = Bounds(lower: 0, upper: 1)
  /// Like ``unitInterval`` but below 1: the decay rates of moving averages.
  public static let decayRate = Bounds(lower: 0, upper: 1, excludesUpper: true)

  /// Sizes of process groups, nodes, layers and experts: three of them multiply within 64 bits.
  public static let groupSize = Bounds(lower: 1, upper: 1_048_576)
  /// Widths, lengths and batch sizes: two of them multiply within 64 bits.
  public static let size = Bounds(lower: 1, upper: 2_147_483_647)
  /// Like ``size``, with zero as "off" or "none".
  public static let count = Bounds(lower: 0, upper: 2_147_483_647)
  /// Numbers of samples.
  public static let samples = Bounds(lower: 0, upper: 9_007_199_254_740_992)

  public func contains(_ number: Double) -> Bool {
    guard number.isFinite || includesInfinity && number.isInfinite else { return false }
    if let lower, excludesLower ? number <= lower : number < lower { return false }
    if let upper, excludesUpper ? number >= upper : number > upper { return false }
    return true
  }

  /// `at least 1`, `between 0 and 1`, `above 0`; empty where every finite number is allowed.
  public var description: String {
    switch (lower, upper) {
    case (nil, nil): ""
    case (let lower?, nil): excludesLower ? "above \(lower.short)" : "at least \(lower.short)"
    case (nil, let upper?): excludesUpper ? "below \(upper.short)" : "at most \(upper.short)"
    case (let lower?, let upper?):
      if excludesLower || excludesUpper {
        "\(excludesLower ? "above" : "at least") \(lower.short) and \(excludesUpper ? "below" : "at most") \(upper.short)"
      } else {
        "between \(lower.short) and \(upper.short)"
      }
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  var short: String {
    Int(exactly: self).map(String.init) ?? "\(self)"
  }
}
