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
    guard let expression = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return nil }
    rule = removesMatches ? .removed(expression) : .isolated(expression)
  }

  private init(_ rule: Rule) { self.rule = rule }

  static let prefixSpace = TextSplitter(.prefixSpace)

  /// GPT-2's own, which `ByteLevel` has unless it says otherwise.
  static let gpt2 = TextSplitter(#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)

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
