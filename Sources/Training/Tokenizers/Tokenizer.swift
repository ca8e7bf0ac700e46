/// Text to token ids and back.
package protocol Tokenizer: Sendable {
  /// As in `tokenizer.tokenizer_type`.
  var name: String { get }
  /// All ids lie below it. The model's vocabulary must be at least as large.
  var vocabularySize: Int { get }
  /// The end-of-document token, as Megatron calls it; for most tokenizers the end-of-sequence token.
  var eod: Int32? { get }
  var bos: Int32? { get }
  var eos: Int32? { get }
  var pad: Int32? { get }
  /// How a chat becomes tokens; `nil` where the tokenizer does not say.
  var chatTemplate: (any ChatRenderer)? { get }

  /// - Parameter recognizesSpecialTokens: whether the text of a special token becomes that token. Text from others, such
  ///   as the content of a chat turn, is read without, so that it cannot forge a turn.
  /// - Throws: ``TokenizerError`` for text that has no tokens.
  func encode(_ text: String, recognizesSpecialTokens: Bool) throws -> [Int32]

  /// Ids outside the vocabulary and bytes that are no UTF-8 become U+FFFD.
  func decode(_ tokens: some Sequence<Int32>) -> String
}

extension Tokenizer {
  /// As Megatron and Hugging Face read training text: special tokens in it are recognized.
  package func encode(_ text: String) throws -> [Int32] { try encode(text, recognizesSpecialTokens: true) }
}

/// Why a tokenizer cannot be loaded or cannot read a text.
package struct TokenizerError: Error, Hashable, CustomStringConvertible {
  package let file: String?
  package let message: String

  package init(_ message: String, file: String? = nil) {
    self.file = file
    self.message = message
  }

  package var description: String { file.map { "\($0): \(message)" } ?? message }
}
