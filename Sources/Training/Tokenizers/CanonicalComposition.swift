#if canImport(Darwin)
  import Foundation
#else
  // The standard library composes strings to compare them, and lends that to Foundation under this name. All of Foundation
  // for one function would bring ICU's tables into the program.
  @_spi(_Unicode) import Swift
#endif

extension String {
  /// Normalization Form C (Unicode Standard Annex #15) as the tokenizers library has it (0.23.3, with the tables of Unicode
  /// 9): what stands for one character in several scalars becomes one where there is one, and marks come in one order.
  var canonicallyComposed: String {
    // Nothing before U+0300 is decomposed or moved.
    guard unicodeScalars.contains(where: { $0.value >= 0x300 }) else { return self }
    var result = ""
    // What the tables do not know stays where it is, and nothing goes past it.
    for part in unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: \.isYoungerThanTheTables) {
      result.unicodeScalars += String(part).composedByLatestTables
      if part.endIndex < endIndex { result.unicodeScalars.append(unicodeScalars[part.endIndex]) }
    }
    return result
  }

  private var composedByLatestTables: String.UnicodeScalarView {
    #if canImport(Darwin)
      return precomposedStringWithCanonicalMapping.unicodeScalars
    #else
      // Three marks of Tibetan that are two each: the standard library (Swift 6) moves no mark past them.
      guard unicodeScalars.contains(where: { Self.doubleMarks[$0] != nil }) else { return UnicodeScalarView(_nfc) }
      return UnicodeScalarView(
        String(UnicodeScalarView(unicodeScalars.flatMap { Self.doubleMarks[$0] ?? [$0] }))._nfc)
    #endif
  }

  private static let doubleMarks: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{F73}": ["\u{F71}", "\u{F72}"], "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]
}

extension Unicode.Scalar {
  fileprivate var isYoungerThanTheTables: Bool {
    guard value >= 0x300, let age = properties.age else { return false }
    return age > (9, 0)
  }
}
