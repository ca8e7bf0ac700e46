/// The shortest digits that read back as the same number, in a form that YAML 1.1, YAML 1.2 and JSON readers all take
/// for a float: always a point, and an exponent with a sign and two digits.
///
/// Plain decimal from 0.0001 up to below 1e16, scientific beyond: `0.0003`, `1.0e-05`, `1.5e+16`. Infinities and
/// not-a-number come out as in YAML (`.inf`, `.nan`).
package func floatText(_ value: Double) -> String {
  if value.isNaN { return ".nan" }
  if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
  if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
  let (digits, exponent) = shortestDigits(value.magnitude)
  let sign = value < 0 ? "-" : ""
  guard (-4..<16).contains(exponent) else {
    let size = String(abs(exponent))
    let mantissa = String(digits.prefix(1)) + "." + (digits.count > 1 ? String(digits.dropFirst()) : "0")
    return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + (size.utf8.count < 2 ? "0" : "") + size
  }
  if exponent < 0 {
    return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
  }
  let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
  let fraction = padded.dropFirst(exponent + 1)
  return sign + padded.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
}

/// The significant digits of a positive number without zeros at either end, and the power of ten of the first.
private func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
  // Swift prints the shortest digits that round-trip, in one of the forms 12.5, 1e-05, 1.5e+16.
  let text = value.description
  let parts = text.split(separator: "e", maxSplits: 1)
  let mantissa = parts.first ?? ""
  var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  let whole = mantissa.prefix { $0 != "." }
  var digits = mantissa.filter { $0 != "." }
  exponent += whole.count - 1
  let leadingZeros = digits.prefix { $0 == "0" }.count
  digits.removeFirst(leadingZeros)
  exponent -= leadingZeros
  while digits.last == "0" { digits.removeLast() }
  return (digits, exponent)
}
