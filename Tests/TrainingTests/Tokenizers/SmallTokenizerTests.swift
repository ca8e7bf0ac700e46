import Testing

@testable import Training

@Suite("The byte and the null tokenizer")
struct SmallTokenizerTests {
  @Test("Bytes come back as text", arguments: ["", "abc", "é中😀", "<eos>"])
  func roundTripsBytes(text: String) {
    let tokenizer = ByteTokenizer()
    let tokens = tokenizer.encode(text, recognizesSpecialTokens: true)
    #expect(tokens == text.utf8.map(Int32.init))
    #expect(tokenizer.decode(tokens) == text)
  }

  @Test("Special tokens have their texts, strangers the replacement character")
  func decodesSpecials() {
    let tokenizer = ByteTokenizer()
    #expect(tokenizer.vocabularySize == 264)
    #expect(tokenizer.decode([72, 105, 257, 264, -1, 0xFF]) == "Hi<eos>\u{FFFD}\u{FFFD}\u{FFFD}")
  }

  @Test("A conversation of bytes has markers only")
  func rendersPlainChat() throws {
    let tokenizer = ByteTokenizer()
    let rendering = try #require(tokenizer.chatTemplate).render(
      [ChatMessage(.user, "a"), ChatMessage(.assistant, "b")], tokenizer, generationPrompt: true)
    #expect(tokenizer.decode(rendering.tokens) == "<|im_user|>a<|im_end|><|im_assistant|>b<|im_end|><|im_assistant|>")
  }

  @Test("Ids in text are read as Megatron's NullTokenizer reads them")
  func readsIds() throws {
    let tokenizer = try NullTokenizer(vocabularySize: 100)
    #expect(tokenizer.eod == 99)
    #expect(try tokenizer.encode("1 2  98") == [1, 2, 98])
    #expect(tokenizer.decode([1, 2, 98]) == "1 2 98")
  }

  @Test("What is no id is refused", arguments: ["x", "100", "-1", "1.5", "99999999999"])
  func refusesNonIds(text: String) throws {
    let tokenizer = try NullTokenizer(vocabularySize: 100)
    #expect(message { _ = try tokenizer.encode("1 \(text)") } == "\"\(text)\" is no token id below 100")
  }

  @Test("A vocabulary without room is refused", arguments: [0, -5, 1 << 40])
  func refusesVocabulary(size: Int) {
    #expect(throws: TokenizerError.self) { try NullTokenizer(vocabularySize: size) }
  }
}
