import ConfigDocument
import Estimation

extension Support {
  /// What a number of seconds stands on: `assumed: no known run has TP 2, 8 nodes; 0.78 to 2.70 times ...`.
  func text(of seconds: Double) -> String {
    let range = range(of: seconds)
    let both = "\(Numbers.decimal(range.lowerBound, 3)) to \(Numbers.decimal(range.upperBound, 3)) s"
    switch origin {
    case .measured: return "like runs measured on H200, which puts it at \(both)"
    case .published: return "like runs published of 4 to 16 H100, which puts it at \(both)"
    case .assumed, .dataSheet, .given:
      return "assumed, as no known run has \(beyond.joined(separator: ", ")): from known runs of other kinds, \(both)"
        + (extrapolatesHost
          ? "; what the host takes to launch a layer was fitted to whole layers, and is extrapolated" : "")
    }
  }

  /// The same of memory in GiB.
  func memoryText(of bytes: Double) -> String {
    let range = range(of: bytes)
    let both = "\(Numbers.gibibytes(range.lowerBound)) to \(Numbers.gibibytes(range.upperBound)) GiB"
    guard origin != .measured else { return "Peaks measured on H200 put it at \(both)." }
    return "No measured run has \(beyond.joined(separator: ", ")); others would put it at \(both)."
  }

  /// For programs.
  func tree(of estimate: Double) -> ConfigMapping {
    let range = range(of: estimate)
    return [
      "origin": .string(origin.rawValue), "range": [.float(range.lowerBound), .float(range.upperBound)],
      "beyond": .list(beyond.map { .string($0) }),
    ]
  }
}
