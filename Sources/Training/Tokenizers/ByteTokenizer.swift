/// The built-in tokenizer: every byte of UTF-8 is a token, and eight special tokens follow.
package struct ByteTokenizer: Tokenizer {
  package static let bos: Int32 = 256
  package static let eos: Int32 = 257
  package static let pad: Int32 = 258
  private static let system: Int32 = 259
  private static let user: Int32 = 260
  private static let assistant: Int32 = 261
  private static let end: Int32 = 262
  private static let reserved: Int32 = 263

  /// The texts of the special tokens, from id 256.
  package static let specialTokens = [
    "<bos>", "<eos>", "<pad>", "<|im_system|>", "<|im_user|>", "<|im_assistant|>", "<|im_end|>", "<reserved>",
  ]

  package init() {}

  package var name: String { "ByteTokenizer" }
  package var vocabularySize: Int { 256 + Self.specialTokens.count }
  package var bos: Int32? { Self.bos }
  package var eos: Int32? { Self.eos }
  package var eod: Int32? { Self.eos }
  package var pad: Int32? { Self.pad }

  package var chatTemplate: (any ChatRenderer)? {
    ChatTemplate.plain(system: Self.system, user: Self.user, assistant: Self.assistant, end: Self.end)
  }

  /// Special tokens are never recognized in text: no text is set aside for them.
  package func encode(_ text: String, recognizesSpecialTokens: Bool) -> [Int32] { text.utf8.map(Int32.init) }

  package func decode(_ tokens: some Sequence<Int32>) -> String {
    var bytes: [UInt8] = []
    for token in tokens {
      if let byte = UInt8(exactly: token) {
        bytes.append(byte)
      } else if let special = Self.specialTokens.indices.contains(Int(token) - 256) ? Int(token) - 256 : nil {
        bytes.append(contentsOf: Self.specialTokens[special].utf8)
      } else {
        bytes.append(contentsOf: "\u{FFFD}".utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
