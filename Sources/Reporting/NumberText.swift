import ConfigDocument

/// Numbers as people read them.
package enum NumberText {
  /// With so many digits after the point, rounded; from 1e12 on as `1.2e+15`.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return floatText(value) }
    var scale = 1
    for _ in 0..<min(max(decimals, 0), 6) { scale *= 10 }
    let scaled = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let fraction = String(scaled % scale)
    guard scale > 1 else { return sign + String(scaled) }
    let zeros = String(repeating: "0", count: String(scale).utf8.count - 1 - fraction.utf8.count)
    return sign + String(scaled / scale) + "." + zeros + fraction
  }

  /// As `fixed`, without the zeros at the end.
  package static func short(_ value: Double, _ decimals: Int) -> String {
    var text = fixed(value, decimals)
    guard text.utf8.contains(UInt8(ascii: ".")), !text.utf8.contains(UInt8(ascii: "e")) else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// `15.96B`, `584.8M`, `12.3K`, `999`.
  package static func count(_ value: Int) -> String {
    let number = Double(value)
    for (size, letter, decimals) in [(1e12, "T", 2), (1e9, "B", 2), (1e6, "M", 1), (1e3, "K", 1)]
    where number.magnitude >= size { return fixed(number / size, decimals) + letter }
    return String(value)
  }

  /// `7.02 GiB`; below a tenth of one in MiB.
  package static func bytes(_ value: Double) -> String {
    let mebi = 1_048_576.0
    if value == 0 { return "0 GiB" }
    if value > 0, value < 102.4 * mebi { return fixed(value / mebi, 1) + " MiB" }
    return fixed(value / (1024 * mebi), 2) + " GiB"
  }

  /// `31.3%`.
  package static func percent(_ share: Double) -> String { fixed(100 * share, 1) + "%" }

  /// A number for programs: twelve digits, so that sums of tenths come out as people wrote them.
  package static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0, value.magnitude < 1e150, value.magnitude > 1e-150 else { return value }
    var scale = 1.0
    while value.magnitude * scale < 1e11 { scale *= 10 }
    // Dividing by a power of ten that is exact gives the number nearest to its decimal digits.
    if value.magnitude < 1e12, scale <= 1e22 { return (value * scale).rounded() / scale }
    return value
  }
}
