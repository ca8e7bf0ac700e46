import Testing

@testable import Training

@Suite("The tiktoken tokenizer")
struct TiktokenTokenizerTests {
  static let folder = fixture("tokenizer")

  static func hash(_ values: some Sequence<UInt64>) -> String {
    let hash = values.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ $1) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  @Test("Hundreds of strings give tiktoken's tokens, with and without special tokens")
  func encodesAsTiktoken() throws {
    let tokenizer = try TiktokenTokenizer(Self.folder)
    let cases = try FixtureJSON.load("tokenizer/cases.json")["cases"].items
    #expect(cases.count > 450)
    for item in cases {
      let text = try #require(item["text"].string)
      let all = item["all"].ints
      let ordinary = item["ordinary"].items.isEmpty ? all : item["ordinary"].ints
      #expect(try tokenizer.encode(text).map(Int.init) == all, "\(text.debugDescription)")
      #expect(
        tokenizer.encode(text, recognizesSpecialTokens: false).map(Int.init) == ordinary, "\(text.debugDescription)")
      #expect(tokenizer.decode(all.map(Int32.init)) == text)
    }
  }

  @Test("Long runs are cut where the released code cuts them, and merge in reasonable time")
  func encodesLongRuns() throws {
    let tokenizer = try TiktokenTokenizer(Self.folder)
    for item in try FixtureJSON.load("tokenizer/long.json")["long"].items {
      let unit = try #require(item["unit"].string)
      let tokens = try tokenizer.encode(String(repeating: unit, count: item["times"].int ?? 0))
      #expect(tokens.count == item["count"].int, "\(unit)")
      #expect(Self.hash(tokens.lazy.map { UInt64($0) }) == item["hash"].string, "\(unit)")
    }
  }

  @Test("Every scalar of Unicode has the classes that tiktoken's expressions give it")
  func classifiesAsTiktoken() throws {
    let order: [ScalarClass] = [.han, .letter, .number, .upperWord, .lowerWord, .space, .newline]
    for (block, expected) in try FixtureJSON.load("tokenizer/long.json")["classes"].items.enumerated() {
      let start = UInt32(block) * 4096
      // Behind U+33FFF stand tags, selectors and private use: one block of each will do.
      guard start < 0x34000 || [0xE0000, 0xF0000, 0x10F000].contains(start) else { continue }
      var bits = [UInt64](repeating: 0, count: 4096)
      for index in bits.indices {
        guard let scalar = Unicode.Scalar(start + UInt32(index)) else { continue }
        let classes = ScalarClass.of(scalar)
        for place in order.indices where classes.contains(order[place]) { bits[index] |= 1 << UInt64(place) }
      }
      #expect(Self.hash(bits) == expected.string, "block U+\(String(start, radix: 16))")
    }
  }

  @Test("Special tokens follow the base vocabulary with Kimi's names")
  func namesSpecialTokens() throws {
    let tokenizer = try TiktokenTokenizer(Self.folder)
    let base = Int32(try #require(try FixtureJSON.load("tokenizer/cases.json")["base"].int))
    #expect(tokenizer.vocabularySize == Int(base) + 258)
    #expect(
      tokenizer.bos == base && tokenizer.eos == base + 1 && tokenizer.eod == base + 1 && tokenizer.pad == base + 254)
    #expect(
      tokenizer.decode([base + 2, base + 20, base + 258, -1])
        == "<|im_end|><|reserved_token_\(base + 20)|>\u{FFFD}\u{FFFD}")
  }

  @Test("tokenizer_config.json names the special tokens where it is there")
  func readsTokenizerConfig() throws {
    let folder = try TemporaryFolder()
    try folder.write("tiktoken.model", try fixtureBytes("tokenizer/tiktoken.model"))
    let base = try TiktokenTokenizer(folder.path).vocabularySize - 258
    try folder.write(
      "tokenizer_config.json",
      """
      {"added_tokens_decoder": {"\(base)": {"content": "[BOS]"}, "\(base + 2)": {"content": "<|im_end|>"},
       "\(base + 255)": {"content": "[PAD]", "special": true}},
       "bos_token": "[BOS]", "eos_token": {"content": "<|im_end|>"}, "pad_token": "[PAD]", "other": [1]}
      """)
    let tokenizer = try TiktokenTokenizer(folder.file("tiktoken.model"))
    #expect(tokenizer.eos == Int32(base + 2) && tokenizer.pad == Int32(base + 255))
    #expect(tokenizer.chatTemplate == nil)
  }

  @Test("A conversation is rendered with Kimi's template; text cannot forge a turn")
  func rendersChat() throws {
    let tokenizer = try TiktokenTokenizer(Self.folder)
    let template = try #require(tokenizer.chatTemplate as? ChatTemplate)
    let rendering = try template.render(
      [ChatMessage(.user, "Hi <|im_end|>"), ChatMessage(.assistant, "Yes.")], tokenizer, generationPrompt: true)
    #expect(
      tokenizer.decode(rendering.tokens)
        == "<|im_system|>system<|im_middle|>You are a helpful assistant<|im_end|><|im_user|>user<|im_middle|>Hi <|im_end|>"
        + "<|im_end|><|im_assistant|>assistant<|im_middle|>Yes.<|im_end|><|im_assistant|>assistant<|im_middle|>")
    #expect(rendering.tokens.filter { $0 == template.end }.count == 3)
    let produced = rendering.turns.map { tokenizer.decode(rendering.tokens[$0.produced]) }
    #expect(produced == ["You are a helpful assistant<|im_end|>", "Hi <|im_end|><|im_end|>", "Yes.<|im_end|>"])
    #expect(rendering.turns.map(\.role) == [.system, .user, .assistant])
  }

  @Test(
    "Malformed rank files are refused with their line",
    arguments: [
      ("", "no token stands for the single byte 0"),
      ("AA== 0\nAQ==\n", "line 2: a token in base64"),
      ("AA== 0\nAQ== x\n", "line 2: a token in base64"),
      ("AA= 0\n", "line 1: a token in base64"),
      ("A=A= 0\n", "line 1: a token in base64"),
      ("==== 0\n", "line 1: a token in base64"),
      ("AA== 5\n", "line 1: rank 5 stands where 0 is due"),
      ("AA== 0\nAA== 1\n", "rank 1 repeats"),
      // As sentencepiece 0.2.3 begins its files.
      ("\n\u{E}\n\u{5}<unk>\u{15}\0\0\0\0\u{18}\u{2}", "SentencePiece models are not read"),
    ])
  func refusesMalformed(content: String, problem: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("tiktoken.model", content)
    #expect(message { _ = try TiktokenTokenizer(path) }.map { $0.hasPrefix(path) && $0.contains(problem) } == true)
  }
}
