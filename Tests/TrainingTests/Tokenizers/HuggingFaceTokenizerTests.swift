import Foundation
import Testing

@testable import Training

/// `tokenizer.json` against the tokenizers library.
@Suite("Tokenizers of tokenizer.json") struct HuggingFaceTokenizerTests {
  static let names = ["deepseek-v3", "deepseek-v2", "qwen", "gpt2"]

  private struct Case: Decodable {
    let text: String
    let tokens: [Int32]
    /// Without special tokens, where that differs.
    let plain: [Int32]?
    let decoded: String
  }

  @Test("every text becomes the library's tokens, and these its text", arguments: names)
  func agrees(name: String) throws {
    let tokenizer = try HuggingFaceTokenizer(fixture("tokenizer/json/\(name)"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(try fixtureBytes("tokenizer/json/\(name)/cases.json")))
    #expect(cases.count > 150)
    for item in cases {
      #expect(
        tokenizer.encode(item.text, recognizesSpecialTokens: true) == item.tokens, "\(item.text.debugDescription)")
      let plain = tokenizer.encode(item.text, recognizesSpecialTokens: false)
      #expect(plain == item.plain ?? item.tokens, "\(item.text.debugDescription)")
      #expect(Array(tokenizer.decode(item.tokens).utf8) == Array(item.decoded.utf8), "\(item.text.debugDescription)")
    }
  }

  @Test("the ends of a text are those of tokenizer_config.json")
  func readsEnds() throws {
    let tokenizer = try HuggingFaceTokenizer(fixture("tokenizer/json/qwen"))
    #expect(tokenizer.bos == 0 && tokenizer.eos == 1 && tokenizer.eod == 1 && tokenizer.pad == nil)
    #expect(tokenizer.vocabularySize == 526)
  }

  @Test(
    "what is not computed is refused by name",
    arguments: [
      (#""normalizer":null"#, #""normalizer":{"type":"NFD"}"#, #"normalizer: "NFD" is not computed"#),
      (
        #""normalizer":null"#, #""normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"}]}"#,
        #"normalizer: "Prepend", as tokenizers converted from SentencePiece have it, is not computed; take tokens"#
      ),
      (
        #""type":"BPE""#, #""type":"Unigram""#,
        "a model of type Unigram, as tokenizers converted from SentencePiece have it, is not computed; take tokens"
      ),
      (
        #""byte_fallback":false"#, #""byte_fallback":true"#,
        "byte_fallback, as tokenizers converted from SentencePiece have it, is not computed; take tokens"
      ),
      (#""behavior":"Isolated""#, #""behavior":"MergedWithNext""#, "MergedWithNext, is not computed"),
      (#""single_word":false"#, #""single_word":true"#, "single_word is not computed"),
      (#"\\p{N}{1,3}"#, String(repeating: "[", count: 5000), "is not understood"),
      (#""type":"Split""#, #""type":"Metaspace""#, #""Metaspace", as tokenizers converted from"#),
      (#"["à","¤"]"#, #"["à","nothing"]"#, "names what is no token"),
      (#""version":"1.0""#, #""version":"1.0","future":1"#, #""future" is not known"#),
    ])
  func refuses(part: String, other: String, problem: String) throws {
    let original = try text(fixture("tokenizer/json/deepseek-v3/tokenizer.json"))
    let changed = original.replacingOccurrences(of: part, with: other)
    #expect(changed != original)
    let folder = try TemporaryFolder()
    let path = try folder.write("tokenizer.json", changed)
    let said = message { _ = try HuggingFaceTokenizer(path) }
    #expect(said?.hasPrefix(path) == true && said?.contains(problem) == true, "\(said ?? "nothing")")
  }
}
