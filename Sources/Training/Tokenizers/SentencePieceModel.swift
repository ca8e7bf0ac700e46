/// The `.model` files of SentencePiece, which are told apart from others and not read: their library speaks C++ alone, and
/// Moonlight's relatives come with ranks or byte-level tokenizer.json.
package enum SentencePieceModel {
  package static let fileName = "tokenizer.model"

  /// What to do instead.
  package static let refusal =
    "SentencePiece models are not read; take the model's byte-level tokenizer.json if it has one, or \(ownTokens)"

  /// Why a tokenizer.json with something that only such models have is not read, and what to do instead.
  static func refusalOfConverted(_ part: String) -> String {
    "\(part), as tokenizers converted from SentencePiece have it, is not computed; take \(ownTokens)"
  }

  private static let ownTokens =
    "tokens that its own tokenizer made (dataset.kind: tokens, with tokenizer.tokenizer_type: NullTokenizer)"

  /// Whether a file begins as theirs do, with the first piece of a vocabulary, a message of a text, a score and a kind
  /// (sentencepiece 0.2.3, sentencepiece_model.proto).
  static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let tag = UInt8(1 << 3 | 2)
    guard bytes.count > 4, bytes[0] == tag, bytes[2] == tag, bytes[1] < 128 else { return false }
    let score = 4 + Int(bytes[3])
    return bytes[3] > 0 && score <= 1 + Int(bytes[1]) && score < bytes.count && bytes[score] == 2 << 3 | 5
  }
}
