import Testing

@testable import Training

@Suite("Fine-tuning data")
struct SupervisedSamplesTests {
  static func rows(
    _ content: String, length: Int = 64, _ change: (inout SupervisedOptions) -> Void = { _ in }
  ) throws -> [SupervisedRow] {
    let folder = try TemporaryFolder()
    let path = try folder.write("sft.jsonl", content)
    var options = SupervisedOptions(sequenceLength: length, vocabularySize: 264)
    change(&options)
    return try SupervisedRow.read(path, ByteTokenizer(), options)
  }

  /// The text of a row with what is to be produced in brackets.
  static func marked(_ row: SupervisedRow) -> String {
    var text = ""
    var inside = false
    for (token, produced) in zip(row.tokens, row.produced) {
      if produced != inside { text += produced ? "[" : "]" }
      inside = produced
      text += ByteTokenizer().decode([token])
    }
    return inside ? text + "]" : text
  }

  @Test(
    "Prompt and completion are joined; the completion and its end count",
    arguments: [
      #"{"prompt": "Q: a ", "completion": " b"}"#, #"{"input": "Q: a", "output": "b", "id": [1]}"#,
    ])
  func readsPairs(line: String) throws {
    #expect(try Self.rows(line).map(Self.marked) == ["Q: a[b<eos>]"])
  }

  @Test("Separator, first token and full loss are options")
  func readsOptions() throws {
    let row = try Self.rows(#"{"prompt": "a", "completion": "b"}"#) {
      $0.separator = "\n"
      $0.addBOS = true
      $0.addEOS = false
    }
    #expect(row.map(Self.marked) == ["<bos>a\n[b]"])
    #expect(
      try Self.rows(#"{"prompt": "a", "completion": "b"}"#) { $0.lossOn = .full }.map(Self.marked) == ["[ab<eos>]"])
  }

  static let chat =
    #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "#
    + #"{"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}"#

  @Test(
    "In a conversation the assistant's turns count, as the loss mode says",
    arguments: [
      (
        SupervisedOptions.LossOn.assistant,
        "<|im_user|>a<|im_end|><|im_assistant|>[b<|im_end|>]<|im_user|>c<|im_end|><|im_assistant|>[d<|im_end|>]"
      ),
      (
        .lastTurn,
        "<|im_user|>a<|im_end|><|im_assistant|>b<|im_end|><|im_user|>c<|im_end|><|im_assistant|>[d<|im_end|>]"
      ),
      (
        .full,
        "[<|im_user|>a<|im_end|><|im_assistant|>b<|im_end|><|im_user|>c<|im_end|><|im_assistant|>d<|im_end|>]"
      ),
    ])
  func readsChat(lossOn: SupervisedOptions.LossOn, expected: String) throws {
    #expect(try Self.rows(Self.chat) { $0.lossOn = lossOn }.map(Self.marked) == [expected])
  }

  @Test("ShareGPT's names and a system field are understood; conversations go before messages")
  func readsShareGPT() throws {
    let line =
      #"{"messages": [], "system": "s", "conversations": [{"from": "Human", "value": "a"}, {"from": "gpt", "value": "b"}]}"#
    #expect(
      try Self.rows(line).map(Self.marked)
        == ["<|im_system|>s<|im_end|><|im_user|>a<|im_end|><|im_assistant|>[b<|im_end|>]"])
  }

  @Test(
    "A bad row is named by its line",
    arguments: [
      (#"{"prompt": "a"}"#, "neither messages nor"),
      (#"{"prmpt": "a", "completion": "b"}"#, "its keys are \"prmpt\", \"completion\""),
      ("{}", "it has no keys"),
      (#"{"prompt": "a", "completion": "  "}"#, "the completion is empty"),
      (#"{"messages": [{"role": "user", "content": "a"}]}"#, "no turn of the assistant"),
      (#"{"messages": [{"role": "tool", "content": "a"}]}"#, "the role \"tool\""),
      (#"{"messages": [{"role": "user"}]}"#, "needs a role and a content"),
      (#"{"messages": [1]}"#, "expected object"),
      ("", "the line is empty"),
      ("{", "the text ends"),
    ])
  func namesLine(line: String, problem: String) throws {
    let good = #"{"prompt": "a", "completion": "b"}"#
    let found = try #require(message { _ = try Self.rows(good + "\n" + line + "\n" + good) })
    #expect(found.contains("sft.jsonl:2: ") && found.contains(problem), "\(found)")
  }

  @Test("A row that is too long is an error with its numbers, or is cut off")
  func truncates() throws {
    let line = #"{"prompt": "abcdef", "completion": "ghij"}"#
    #expect(
      message { _ = try Self.rows(line, length: 8) }?
        .hasSuffix("sft.jsonl:1: the row has 11 tokens, 5 of them to be produced; a sequence of 8 holds 9") == true)
    #expect(try Self.rows(line, length: 10).map(Self.marked) == ["abcdef[ghij<eos>]"])
    #expect(try Self.rows(line, length: 8) { $0.truncation = .right }.map(Self.marked) == ["abcdef[ghi]"])
    #expect(
      message { _ = try Self.rows(line, length: 4) { $0.truncation = .right } }?
        .hasSuffix("sft.jsonl:1: the prompt alone fills the 5 tokens of a sequence") == true)
  }

  @Test("A tokenizer without a chat template, or larger than the model, is said")
  func refusesTokenizers() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("sft.jsonl", Self.chat)
    let options = SupervisedOptions(sequenceLength: 64, vocabularySize: 264)
    #expect(
      message { _ = try SupervisedRow.read(path, NullTokenizer(vocabularySize: 9), options) }?
        .contains("NullTokenizer has no chat template") == true)
    #expect(
      message { _ = try Self.rows(Self.chat) { $0.vocabularySize = 260 } }?
        .contains("token 260 lies outside the model's vocabulary of 260") == true)
  }

  /// Rows of 3 to 7 tokens; their tokens tell them apart.
  static let many = (0..<23).map { number in
    SupervisedRow(
      tokens: (0..<(3 + number % 5)).map { Int32(number * 8 + $0) },
      produced: (0..<(3 + number % 5)).map { $0 > 0 }, line: number + 1)
  }

  static func samples(packs: Bool, shuffle: Bool = true, seed: UInt64 = 1) throws -> SupervisedSamples {
    try SupervisedSamples(
      many, file: "test", sequenceLength: 16, packs: packs, pad: 255, shuffle: shuffle, seed: seed)
  }

  /// The rows of a sample: inputs, targets and mask of each segment but the padding.
  static func parts(_ sample: TrainingSample) -> [[[Int]]] {
    var start = 0
    return (sample.segmentLengths ?? []).compactMap { length in
      defer { start += length }
      let range = start..<(start + length)
      guard sample.tokens[start] != 255 else { return nil }
      return [
        sample.tokens[range].map(Int.init), sample.targets[range].map(Int.init),
        sample.lossMask.map { $0[range].map { Int($0) } } ?? [],
      ]
    }
  }

  @Test("Packed and padded epochs hold the same rows with the same targets and masks, each once")
  func packsSameRows() throws {
    var padded = try Self.samples(packs: false)
    var packed = try Self.samples(packs: true)
    let single = try (0..<23).map { try padded.sample($0) }
    let together = try (0..<packed.samplesPerEpoch).map { try packed.sample($0) }
    #expect(single.allSatisfy { $0.tokens.count == 16 } && together.allSatisfy { $0.tokens.count == 16 })
    #expect(together.count < 10)
    let expected = Self.many.map { row in
      [
        row.tokens.dropLast().map(Int.init), row.tokens.dropFirst().map(Int.init),
        row.produced.dropFirst().map { $0 ? 1 : 0 },
      ]
    }
    let order = { (parts: [[[Int]]]) in parts.sorted { $0[0][0] < $1[0][0] } }
    #expect(order(single.flatMap(Self.parts)) == expected)
    #expect(order(together.flatMap(Self.parts)) == expected)
    #expect(single.flatMap(Self.parts) == together.flatMap(Self.parts))  // the same order too
    for sample in single + together {
      #expect(sample.segmentLengths?.reduce(0, +) == 16)
      let real = Self.parts(sample).reduce(0) { $0 + $1[0].count }
      #expect(sample.lossMask.map { $0[real...].allSatisfy { $0 == 0 } } == true)
    }
  }

  @Test("Sample n is the same however one comes to it; epochs and seeds differ", arguments: [false, true])
  func resumesAnywhere(packs: Bool) throws {
    var samples = try Self.samples(packs: packs)
    let inOrder = try (0..<60).map { try samples.sample($0) }
    for index in stride(from: 59, through: 0, by: -9) {
      var fresh = try Self.samples(packs: packs)
      #expect(try fresh.sample(index) == inOrder[index])
      #expect(try samples.sample(index) == inOrder[index])
    }
    let epoch = samples.samplesPerEpoch
    #expect(inOrder[..<5] != inOrder[epoch..<(epoch + 5)])
    var other = try Self.samples(packs: packs, seed: 2)
    #expect(try (0..<5).map { try other.sample($0) } != Array(inOrder[..<5]))
  }

  @Test("Unshuffled rows come in the order of the file")
  func keepsOrder() throws {
    var samples = try Self.samples(packs: false, shuffle: false)
    #expect(try (0..<25).map { try samples.sample($0).tokens[0] } == (0..<25).map { Int32($0 % 23 * 8) })
  }
}
