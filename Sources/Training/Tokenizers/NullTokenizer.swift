/// Megatron's `NullTokenizer`: text that is already ids, separated by spaces. The last id is the end of a document.
package struct NullTokenizer: Tokenizer {
  package let vocabularySize: Int

  /// - Throws: ``TokenizerError`` for a vocabulary without room for ids.
  package init(vocabularySize: Int) throws {
    guard vocabularySize > 0, vocabularySize <= Int(Int32.max) else {
      throw TokenizerError("NullTokenizer needs a vocab_size of at least 1, not \(vocabularySize)")
    }
    self.vocabularySize = vocabularySize
  }

  package var name: String { "NullTokenizer" }
  package var eod: Int32? { Int32(vocabularySize - 1) }
  package var eos: Int32? { eod }
  package var bos: Int32? { nil }
  package var pad: Int32? { nil }
  package var chatTemplate: (any ChatRenderer)? { nil }

  package func encode(_ text: String, recognizesSpecialTokens: Bool) throws -> [Int32] {
    try text.split(whereSeparator: \.isWhitespace).map { word in
      guard let token = Int32(word), token >= 0, token < vocabularySize else {
        throw TokenizerError("\"\(word.prefix(40))\" is no token id below \(vocabularySize)")
      }
      return token
    }
  }

  package func decode(_ tokens: some Sequence<Int32>) -> String { tokens.map(String.init).joined(separator: " ") }
}
