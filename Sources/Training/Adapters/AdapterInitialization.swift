/// How the factors of an adapter began (peft's `init_lora_weights`), as far as that matters once they are trained: some
/// beginnings take what the new adapter adds away from the base, and whoever loads the adapter later has to do the same.
///
/// Source: peft 0.21.2, tuners/lora/layer.py, `LoraLayer`.
package enum AdapterInitialization: Hashable, Sendable {
  /// `true`: `B` is zero.
  case zero
  /// The base stays as it is: `false`, `gaussian`, `eva`, `orthogonal`.
  case untouchedBase(String)
  /// Minor components: the base stays as it is, and `B` is never trained.
  case mica
  /// The base loses the best approximation of the adapter's rank.
  case pissa
  /// The base loses the scaling times what lies in the span of its first `rank` columns.
  case olora

  /// - Parameter name: the value of `init_lora_weights`, booleans as JSON has them.
  /// - Returns: `nil` for a beginning that the folder of an adapter does not determine, or that is unknown.
  init?(_ name: String) {
    switch name {
    case "true": self = .zero
    case "false", "gaussian", "orthogonal", "eva": self = .untouchedBase(name)
    case "mica": self = .mica
    case "pissa": self = .pissa
    case "olora": self = .olora
    default: return nil
    }
  }

  /// Why a beginning cannot be made good for.
  static func refusal(_ name: String) -> String {
    let reason: String? =
      switch name {
      case "corda": "its base depends on the covariances of data that the folder does not hold"
      case "loftq": "its base is quantized, by a library that the folder does not name"
      case "lora_ga": "its base depends on gradients that the folder does not hold"
      case _ where name.hasPrefix("pissa_niter_"):
        "its base depends on random numbers (only \"pissa\" is determined)"
      default: nil
      }
    return (reason.map { "\"\(name)\" cannot be undone: \($0)" } ?? "\"\(name)\" is not known here")
      + "; save it in peft with path_initial_model_for_weight_conversion, which makes an ordinary adapter of it"
  }

  /// peft's name; booleans as JSON has them.
  var name: String {
    switch self {
    case .zero: "true"
    case .untouchedBase(let name): name
    case .mica: "mica"
    case .pissa: "pissa"
    case .olora: "olora"
    }
  }

  package var changesBase: Bool { self == .pissa || self == .olora }

  /// Brings a weight of the file to the one that the adapter adds to.
  ///
  /// - Parameters:
  ///   - values: `[rows, columns]`, row-major.
  ///   - scaling: of the adapter.
  /// - Returns: false where the weight does not determine it.
  func takeFromBase(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, rank: Int, scaling: Float
  ) -> Bool {
    switch self {
    case .zero, .untouchedBase, .mica: return true
    case .pissa:
      return rank <= min(rows, columns) && scaling > 0
        && DominantSubspace.remove(rank: rank, from: values, rows: rows, columns: columns)
    case .olora:
      return rank <= min(rows, columns)
        && Self.removeLeadingColumns(rank, from: values, rows: rows, columns: columns, scaling: Double(scaling))
    }
  }

  /// `W -= s Q Qᵀ W` with `Q` the orthonormal basis of the first columns: what a QR decomposition's first `rank` columns and
  /// rows multiply to, whatever their signs.
  private static func removeLeadingColumns(
    _ rank: Int, from values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, scaling: Double
  ) -> Bool {
    var basis: [[Double]] = []
    for column in 0..<rank {
      var vector = (0..<rows).map { Double(values[$0 * columns + column]) }
      let length = norm(vector)
      // Twice, which is enough (Giraud and others, 2005).
      for _ in 0..<2 {
        for other in basis { subtract(&vector, other, dot(vector, other)) }
      }
      let rest = norm(vector)
      guard rest > 1e-6 * length, rest > 0 else { return false }
      basis.append(vector.map { $0 / rest })
    }
    // All products of the matrix as it was come before the first change.
    let products = basis.map { vector in
      (0..<rows).reduce(into: [Double](repeating: 0, count: columns)) { sums, row in
        for column in 0..<columns { sums[column] += vector[row] * Double(values[row * columns + column]) }
      }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let part = basis.indices.reduce(0.0) { $0 + basis[$1][row] * products[$1][column] }
        values[row * columns + column] = Float(Double(values[row * columns + column]) - scaling * part)
      }
    }
    return true
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  private static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
  private static func subtract(_ a: inout [Double], _ b: [Double], _ factor: Double) {
    for index in a.indices { a[index] -= factor * b[index] }
  }
}
