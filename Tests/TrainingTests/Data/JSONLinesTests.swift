import Testing

@testable import Training

@Suite("JSON lines")
struct JSONLinesTests {
  static func documents(_ content: String, appendEOD: Bool = true) throws -> [[Int32]] {
    let folder = try TemporaryFolder()
    let path = try folder.write("data.jsonl", content)
    let documents = try DocumentsInMemory(jsonLines: path, tokenizer: ByteTokenizer(), appendEOD: appendEOD)
    return (0..<documents.count).map { Array(documents[$0]) }
  }

  @Test("The text field becomes a document with its end", arguments: ["", "\n", "\r\n", "\n\n\n"])
  func readsText(end: String) throws {
    #expect(
      try Self.documents("{\"id\": 1, \"text\": \"ab\"}\n{\"text\": [\"c\", \"d\"]}" + end) == [
        [97, 98, 257], [99, 100, 257],
      ])
  }

  @Test("Escapes and a byte order mark are understood")
  func readsEscapes() throws {
    let text = #"{"text": "\u00e9\ud83d\ude00\n\"\\\/\t\b\f\r"}"#
    #expect(try Self.documents("\u{FEFF}" + text, appendEOD: false) == ["é😀\n\"\\/\t\u{8}\u{C}\r".utf8.map(Int32.init)])
  }

  @Test(
    "A bad line is named by its number",
    arguments: [
      ("{\"text\": \"a\"}\n\n\n{\"text\": \"b\"}\n", ":2: the line is empty"),
      ("\n{\"text\": \"a\"}\n", ":1: the line is empty"),
      ("{\"text\": \"a\"}\n \n", ":2: the line is empty"),
      ("{\"text\": \"a\"}\r\n\r\n", ":2: the line is empty"),
      ("\n\n", "the file is empty"),
      ("{\"text\": \"a\"}\n{\"text\": \"b\"\n", ":2: the text ends"),
      ("{\"text\": \"a\"}\n{\"tekst\": \"b\"}\n", ":2: the object has no \"text\""),
      ("{\"text\": 5}\n", ":1: expected string, found number at byte 9"),
      ("{\"text\": \"a\", \"text\": \"b\"}\n", "key \"text\" is repeated"),
      ("[\"a\"]\n", ":1: expected object, found array"),
      ("{\"text\": \"a\"} {}\n", "text follows the JSON value"),
      ("{\"text\": \"a\",}\n", "a comma stands before the closing"),
      ("{'text': 'a'}\n", "no JSON value begins here"),
      ("{\"text\": \"\\ud83d\"}\n", "a surrogate stands alone"),
      ("{\"text\": \"\\x\"}\n", "unknown escape"),
      ("{\"text\": \"\\u12\"}\n", "unfinished escape"),
      ("{\"text\": \"\\u12g4\"}\n", "four hexadecimal digits"),
      ("{\"text\": \"\u{1}\"}\n", "a control character"),
      ("{\"text\": \"a\", \"n\": 01}\n", "superfluous zero"),
      ("{\"text\": \"a\", \"n\": -}\n", "expected a digit"),
      ("{\"text\": \"a\", \"n\": 1.}\n", "expected a digit"),
      ("{\"text\": \"a\", \"n\": nul}\n", "expected null"),
      ("{\"text\": \"a\", \"n\": " + String(repeating: "[", count: 1000) + "\n", "nested deeper than 64"),
      ("", "the file is empty"),
    ])
  func namesLine(content: String, problem: String) throws {
    #expect(try #require(message { _ = try Self.documents(content) }).contains(problem))
  }

  @Test("Text that is no UTF-8 is refused")
  func refusesBadUTF8() throws {
    let folder = try TemporaryFolder()
    for bad in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE4, 0xB8]] as [[UInt8]] {
      let path = try folder.write("bad.jsonl", Array("{\"text\": \"abcdefghij".utf8) + bad + Array("\"}\n".utf8))
      #expect(
        message { _ = try DocumentsInMemory(jsonLines: path, tokenizer: ByteTokenizer()) }?
          .contains(":1: the string is not valid UTF-8 at byte 20") == true)
    }
  }

  @Test("Token lines are read in order, and checked against the vocabulary")
  func readsTokens() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("t.jsonl", "{\"tokens\": [1, 2, 3]}\n{\"tokens\": []}\n{\"tokens\": [9]}\n")
    let documents = try DocumentsInMemory(tokenLines: path, vocabularySize: 10)
    #expect((0..<3).map { Array(documents[$0]) } == [[1, 2, 3], [], [9]])
    #expect(
      message { _ = try DocumentsInMemory(tokenLines: path, vocabularySize: 9) }
        == "\(path):3: token 9 lies outside the vocabulary of 9")
    for (content, problem) in [
      ("{\"tokens\": [-1]}", "token -1"), ("{\"tokens\": [1.5]}", "whole number"),
      ("{\"tokens\": \"1\"}", "expected array"),
      ("{\"tokens\": [99999999999999999999]}", "too large"), ("{}", "has no \"tokens\""),
    ] {
      let bad = try folder.write("bad.jsonl", content)
      #expect(
        message { _ = try DocumentsInMemory(tokenLines: bad, vocabularySize: 10) }.map {
          $0.hasPrefix("\(bad):1: ") && $0.contains(problem)
        } == true, "\(content)")
    }
  }

  @Test("Damaged lines never crash the reader")
  func survivesDamage() throws {
    let folder = try TemporaryFolder()
    let original = Array(
      #"{"text": "aé\u00e9\ud83d\ude00 b", "n": [1, -2.5e3, true, null, {"k": "v"}], "tokens": [1, 2, 300]}"#.utf8)
    var mutator = Mutator(seed: 13)
    var refused = 0
    for _ in 0..<600 {
      let path = try folder.write(
        "fuzz.jsonl", mutator.mutate(original, inserting: ["{", "[", "\"", "\\u", "\\ud800", "e+", "1e999", "\n", ","]))
      do {
        _ = try DocumentsInMemory(jsonLines: path, tokenizer: ByteTokenizer())
        _ = try DocumentsInMemory(tokenLines: path, vocabularySize: 1000)
      } catch { refused += 1 }
    }
    #expect(refused > 300)
  }
}
