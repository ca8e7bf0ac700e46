/// A text as messages show it: its beginning, on one line.
package func shortened(_ text: some StringProtocol) -> String {
  let longest = 60
  var result = String.UnicodeScalarView()
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == longest { return String(result) + "…" }
    result.append(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? " " : scalar)
  }
  return String(result)
}
