/// Cuts text into the pieces within which byte pairs merge: one step of a `pre_tokenizer` of tokenizer.json.
///
/// Immutable; an expression is not marked as safe to share only because expressions can hold closures, which these do not.
struct TextSplitter: @unchecked Sendable {
  private enum Rule {
    /// Matches are pieces of their own.
    case isolated(Regex<AnyRegexOutput>)
    /// Matches separate pieces and vanish.
    case removed(Regex<AnyRegexOutput>)
    /// A space in front where there is none.
    case prefixSpace
  }

  private let rule: Rule

  /// - Parameter pattern: an expression as the tokenizers library writes it (Oniguruma's syntax).
  /// - Returns: `nil` for an expression that is not understood.
  init?(_ pattern: String, removesMatches: Bool = false) {
    guard let parsed = GivenExpression.parsed(Self.spelledOut(pattern)) else { return nil }
    let expression = parsed.matchingSemantics(.unicodeScalar)
    rule = removesMatches ? .removed(expression) : .isolated(expression)
  }

  private init(_ rule: Rule) { self.rule = rule }

  static let prefixSpace = TextSplitter(.prefixSpace)

  /// GPT-2's own, which `ByteLevel` has unless it says otherwise.
  static let gpt2 = TextSplitter(#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)

  /// The same expression, its scalars beyond ASCII as escapes, which stand for one scalar whatever follows, and its classes
  /// without bounds that Swift's expressions refuse: those that Unicode's composition replaces, as U+212A by K.
  private static func spelledOut(_ pattern: String) -> String {
    let scalars = Array(pattern.unicodeScalars)
    var result = ""
    var classes = 0
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar == "\\", index + 1 < scalars.count {
        result.unicodeScalars.append(contentsOf: scalars[index...index + 1])
        index += 2
        continue
      }
      if scalar == "[" { classes += 1 }
      if scalar == "]" { classes = max(0, classes - 1) }
      if classes > 0, !scalar.isASCII, index + 2 < scalars.count, scalars[index + 1] == "-",
        scalar.value <= scalars[index + 2].value
      {
        result += range(scalar.value, scalars[index + 2].value)
        index += 3
        continue
      }
      if scalar.isASCII { result.unicodeScalars.append(scalar) } else { result += escape(scalar.value) }
      index += 1
    }
    return result
  }

  /// What lies between two scalars, as members of a class.
  private static func range(_ lower: UInt32, _ upper: UInt32) -> String {
    var (lower, upper) = (lower, upper)
    var result = ""
    while lower <= upper, !isBound(lower) {
      if Unicode.Scalar(lower) != nil { result += escape(lower) }
      lower += 1
    }
    while upper > lower, !isBound(upper) {
      if Unicode.Scalar(upper) != nil { result += escape(upper) }
      upper -= 1
    }
    return lower <= upper ? result + escape(lower) + "-" + escape(upper) : result
  }

  private static func escape(_ value: UInt32) -> String { "\\u{\(String(value, radix: 16))}" }

  private static func isBound(_ value: UInt32) -> Bool {
    Unicode.Scalar(value) != nil && (try? Regex("[\(escape(value))-\(escape(value))]")) != nil
  }

  /// Every piece is cut for itself: what stands around it is not seen.
  func split(_ piece: String) -> [String] {
    switch rule {
    case .prefixSpace: return piece.unicodeScalars.first == " " ? [piece] : [" " + piece]
    case .isolated(let expression): return cut(piece, expression, keepsMatches: true)
    case .removed(let expression): return cut(piece, expression, keepsMatches: false)
    }
  }

  private func cut(_ piece: String, _ expression: Regex<AnyRegexOutput>, keepsMatches: Bool) -> [String] {
    var pieces: [String] = []
    var start = piece.startIndex
    func add(_ range: Range<String.Index>) {
      if !range.isEmpty { pieces.append(String(piece[range])) }
    }
    for match in piece.matches(of: expression) where !match.range.isEmpty {
      add(start..<match.range.lowerBound)
      if keepsMatches { add(match.range) }
      start = match.range.upperBound
    }
    add(start..<piece.endIndex)
    return pieces
  }
}
