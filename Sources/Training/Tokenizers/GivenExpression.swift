/// A regular expression from a file that somebody else wrote: a tokenizer.json, an adapter_config.json.
enum GivenExpression {
  /// Far more than anybody writes. The parser of expressions goes down into each group and class, and its stack ends at some
  /// thousand.
  static let deepest = 100

  /// - Returns: `nil` for what is no expression, or one with groups and classes that lie too deep in each other.
  static func parsed(_ text: String) -> Regex<AnyRegexOutput>? { isDeep(text) ? nil : try? Regex(text) }

  /// Whether more brackets are open at once than may be. Those of a class that mean themselves are counted too.
  private static func isDeep(_ text: String) -> Bool {
    var open = 0
    var isEscaped = false
    for byte in text.utf8 {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\"): isEscaped = true
      case UInt8(ascii: "["), UInt8(ascii: "("): open += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"): open = max(0, open - 1)
      default: break
      }
      if open > deepest { return true }
    }
    return false
  }
}
