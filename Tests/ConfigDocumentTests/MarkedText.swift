import Diagnostics

/// A text with one place marked as in `a: «1»`, so that nobody counts columns.
struct MarkedText {
  let text: String
  let range: SourceRange

  init(_ marked: String) {
    var plain: [UInt8] = []
    var marks: [Int] = []
    for scalar in marked.unicodeScalars {
      if scalar == "«" || scalar == "»" {
        marks.append(plain.count)
      } else {
        plain += Array(String(scalar).utf8)
      }
    }
    text = String(decoding: plain, as: UTF8.self)
    range = SourceRange(marks.first ?? 0, marks.last ?? 0)
  }

  /// A text with a range marked: what a failing test shows.
  static func mark(_ text: String, _ range: SourceRange) -> String {
    let bytes = Array(text.utf8)
    let start = min(range.start, bytes.count)
    let end = min(max(range.end, start), bytes.count)
    return String(decoding: bytes[..<start], as: UTF8.self) + "«" + String(decoding: bytes[start..<end], as: UTF8.self)
      + "»" + String(decoding: bytes[end...], as: UTF8.self)
  }
}
