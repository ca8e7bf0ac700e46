import Testing

@testable import Training

@Suite("Megatron's .bin and .idx")
struct IndexedDatasetTests {
  static func documents(_ dataset: IndexedDataset) throws -> [[Int]] {
    try (0..<dataset.count).map { sequence in
      let length = dataset.length(sequence)
      var tokens = [Int32](repeating: -1, count: length)
      try tokens.withUnsafeMutableBufferPointer { try dataset.copy(sequence, 0..<length, to: $0) }
      return tokens.map(Int.init)
    }
  }

  @Test("Data that Megatron wrote are read", arguments: ["", ".bin", ".idx"])
  func readsMegatron(suffix: String) throws {
    let golden = try IndexedDataset(fixture("indexed_dataset/golden_text_document" + suffix))
    #expect(golden.type == .int32)
    #expect(try Self.documents(golden) == [[1, 2, 163585], [7, 163585]])
    #expect((0..<golden.documentIndexCount).map(golden.documentIndex) == [0, 1, 2])
    let narrow = try IndexedDataset(fixture("indexed_dataset/uint16_text_document" + suffix))
    #expect(narrow.type == .uint16)
    let expected = try FixtureJSON.load("indexed_dataset/reference.json")["documents"].items.map(\.ints)
    #expect(try Self.documents(narrow) == expected)
  }

  @Test("A part of a document is read")
  func readsPart() throws {
    let dataset = try IndexedDataset(fixture("indexed_dataset/golden_text_document"))
    var tokens = [Int32](repeating: 0, count: 2)
    try tokens.withUnsafeMutableBufferPointer { try dataset.copy(0, 1..<3, to: $0) }
    #expect(tokens == [2, 163585])
  }

  @Test("What is written equals Megatron's files byte for byte", arguments: ["golden", "uint16"])
  func writesAsMegatron(name: String) throws {
    let folder = try TemporaryFolder()
    let source = fixture("indexed_dataset/\(name)_text_document")
    let dataset = try IndexedDataset(source)
    let writer = try IndexedDatasetWriter(folder.file("out"), type: dataset.type)
    for document in try Self.documents(dataset) { try writer.append(document.map(Int32.init)) }
    let (documents, _) = try writer.finish()
    #expect(documents == dataset.count)
    for suffix in [".bin", ".idx"] {
      #expect(try contents(folder.file("out" + suffix)) == contents(source + suffix))
    }
    #expect(try POSIXFileSystem().list(folder.path) == ["out.bin", "out.idx"])
  }

  @Test("prepare tokenizes JSON lines, ends each document, and leaves nothing after an error")
  func prepares() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(
      "in.jsonl", "{\"text\": \"1 2\"}\n{\"id\": 3, \"text\": [\"7\", \"8 9\"]}\n{\"text\": \"\"}\n")
    let prefix = IndexedDatasetPreparation.outputPrefix(folder.file("data"))
    #expect(prefix.hasSuffix("data_text_document"))
    let tokenizer = try NullTokenizer(vocabularySize: 163_586)
    let written = try IndexedDatasetPreparation.run(inputs: [input, input], prefix: prefix, tokenizer: tokenizer)
    #expect(written == (4, 14))
    let dataset = try IndexedDataset(prefix)
    #expect(dataset.type == .int32)
    #expect(try Self.documents(dataset) == [[1, 2, 163585], [7, 8, 9, 163585], [1, 2, 163585], [7, 8, 9, 163585]])
    let bad = try folder.write("bad.jsonl", "{\"text\": \"1 2\"}\n{\"text\": \"x\"}\n")
    #expect(
      message { _ = try IndexedDatasetPreparation.run(inputs: [bad], prefix: folder.file("no"), tokenizer: tokenizer) }
        == "\(bad):2: \"x\" is no token id below 163586")
    #expect(try POSIXFileSystem().list(folder.path).filter { $0.hasPrefix("no") } == [])
  }

  @Test(
    "The narrowest type holds the vocabulary", arguments: [(65_499, IndexedDataset.TokenType.uint16), (65_500, .int32)])
  func choosesType(vocabulary: Int, type: IndexedDataset.TokenType) {
    #expect(IndexedDataset.TokenType.optimal(vocabularySize: vocabulary) == type)
  }

  @Test("A token that the type cannot hold is refused")
  func refusesWideToken() throws {
    let folder = try TemporaryFolder()
    let writer = try IndexedDatasetWriter(folder.file("out"), type: .uint16)
    #expect(message { try writer.append([65_536]) }?.contains("token 65536 does not fit uint16") == true)
  }

  struct Damage: CustomTestStringConvertible {
    let offset: Int
    let bytes: [UInt8]
    let problem: String
    var testDescription: String { problem }
  }

  @Test(
    "Lies of the index are refused",
    arguments: [
      Damage(offset: 0, bytes: [0x58], problem: "MMIDIDX is missing"),
      Damage(offset: 9, bytes: [2], problem: "version 2"),
      Damage(offset: 17, bytes: [9], problem: "unknown token type 9"),
      Damage(offset: 17, bytes: [6], problem: "tokens are of type float64"),
      Damage(offset: 17, bytes: [5], problem: "ends behind the 20 bytes"),
      Damage(offset: 18, bytes: [3], problem: "3 sequences and 3 document indices need"),
      Damage(offset: 18, bytes: [UInt8](repeating: 0xFF, count: 8), problem: "claims 18446744073709551615 sequences"),
      Damage(
        offset: 26, bytes: [UInt8](repeating: 0xFF, count: 8), problem: "claims 2 sequences and 18446744073709551615"),
      Damage(offset: 34, bytes: [0xFF, 0xFF, 0xFF, 0xFF], problem: "length -1"),
      Damage(offset: 38, bytes: [3], problem: "sequence 1 of 3 tokens at byte 12 ends behind the 20 bytes"),
      Damage(offset: 49, bytes: [0x80], problem: "offset -9223372036854775808"),
      Damage(offset: 50, bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], problem: "ends behind"),
      Damage(offset: 58, bytes: [1], problem: "document index 0 is 1"),
      Damage(offset: 66, bytes: [3], problem: "document index 1 is 3"),
      Damage(offset: 74, bytes: [1], problem: "the document indices end at 1"),
    ])
  func refusesLies(damage: Damage) throws {
    let folder = try TemporaryFolder()
    var index = try fixtureBytes("indexed_dataset/golden_text_document.idx")
    index.replaceSubrange(damage.offset..<(damage.offset + damage.bytes.count), with: damage.bytes)
    try folder.write("x.idx", index)
    try folder.write("x.bin", try fixtureBytes("indexed_dataset/golden_text_document.bin"))
    let problem = try #require(message { _ = try IndexedDataset(folder.file("x")) })
    #expect(problem.hasPrefix(folder.file("x.idx")) && problem.contains(damage.problem), "\(problem)")
  }

  @Test("Missing files are named")
  func namesMissing() throws {
    let folder = try TemporaryFolder()
    #expect(message { _ = try IndexedDataset(folder.file("x")) }?.contains("x.idx") == true)
    try folder.write("x.idx", try fixtureBytes("indexed_dataset/golden_text_document.idx"))
    #expect(message { _ = try IndexedDataset(folder.file("x")) }?.contains("x.bin") == true)
  }

  @Test("Damaged indices never crash the reader")
  func survivesDamage() throws {
    let folder = try TemporaryFolder()
    let original = try fixtureBytes("indexed_dataset/uint16_text_document.idx")
    try folder.write("x.bin", try fixtureBytes("indexed_dataset/uint16_text_document.bin"))
    var mutator = Mutator(seed: 12)
    var refused = 0
    for _ in 0..<400 {
      try folder.write("x.idx", mutator.mutate(original))
      do { _ = try Self.documents(try IndexedDataset(folder.file("x"))) } catch { refused += 1 }
    }
    #expect(refused > 200)
  }
}
