import Diagnostics
import Testing

@testable import ConfigDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What no config contains: refused with a clear message and in no time.
@Suite struct LimitTests {
  static func bytes(_ text: String, _ count: Int = 1) -> [UInt8] {
    let unit = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(unit.count * count)
    for _ in 0..<count { result += unit }
    return result
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let what: String
    let name: String
    let code: String
    let bytes: @Sendable () -> [UInt8]

    init(_ what: String, _ name: String, _ code: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
      (self.what, self.name, self.code, self.bytes) = (what, name, code, bytes)
    }

    var testDescription: String { what }
  }

  static let bomb =
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + zip("bcdefghij", "abcdefghi").map { "\($0): &\($0) [*\($1),*\($1),*\($1),*\($1),*\($1),*\($1),*\($1),*\($1)]\n" }
    .joined()

  static let cases = [
    Case("100 MB of spaces", "f.yaml", "DOC-05") { [UInt8](repeating: 0x20, count: 100 << 20) },
    Case("one byte too many", "f.json", "DOC-05") { [UInt8](repeating: 0x20, count: 16 << 20 + 1) },
    Case("40,000 brackets", "f.yaml", "DOC-06") { bytes("[", 40_000) },
    Case("40,000 brackets on lines of their own", "f.yaml", "DOC-06") { bytes("[\n", 40_000) },
    Case("40,000 braces", "f.yaml", "DOC-06") { bytes("{a: ", 40_000) },
    Case("40,000 dashes", "f.yaml", "DOC-06") { bytes("- ", 40_000) },
    Case("40,000 question marks", "f.yaml", "DOC-06") { bytes("? ", 40_000) },
    Case("40,000 brackets of JSON", "f.json", "DOC-06") { bytes("[", 40_000) },
    Case("40,000 objects of JSON", "f.json", "DOC-06") { bytes("{\"a\":", 40_000) },
    Case("mappings ever deeper", "f.yaml", "DOC-06") {
      (0..<2000).flatMap { [UInt8](repeating: 0x20, count: $0) + Array("a:\n".utf8) }
    },
    Case("a depth made of aliases", "f.yaml", "DOC-06") {
      let deep = "a: &a " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "\n"
      return Array((deep + "b: " + String(repeating: "[", count: 40) + "*a" + String(repeating: "]", count: 40)).utf8)
    },
    Case("an alias bomb", "f.yaml", "DOC-07") { Array(bomb.utf8) },
    Case("merge keys of a large mapping", "f.yaml", "DOC-07") {
      let large = (0..<2000).map { "k\($0): 1" }.joined(separator: ", ")
      return Array(("a: &a {\(large)}\n" + (0..<100).map { "m\($0): {<<: *a}\n" }.joined()).utf8)
    },
    Case("too many values", "f.json", "DOC-05") { bytes("[") + bytes("1,", 1_000_000) + bytes("1]") },
    Case("%TAG lines, which libyaml compares with each other", "f.yaml", "DOC-05") {
      bytes("%TAG !a! tag:x\n", 20_000) + bytes("---\na: 1\n")
    },
    Case("a zero byte", "f.yaml", "DOC-14") { bytes("a: 1\0\n") },
    Case("an escape character", "f.yaml", "DOC-14") { bytes("a: \u{1B}[0m\n") },
    Case("a control character of Unicode", "f.yaml", "DOC-14") { bytes("a: \u{9B}\n") },
    Case("a noncharacter", "f.yaml", "DOC-14") { bytes("a: \u{FFFF}\n") },
    Case("UTF-16, least byte first", "f.yaml", "DOC-01") { [0xFF, 0xFE, 0x61, 0, 0x3A, 0, 0x20, 0, 0x31, 0] },
    Case("UTF-16, greatest byte first", "f.json", "DOC-01") { [0xFE, 0xFF, 0, 0x7B, 0, 0x7D] },
    Case("UTF-16 without a mark", "f.yaml", "DOC-14") { [0x61, 0, 0x3A, 0, 0x20, 0, 0x31, 0] },
    Case("Latin-1", "f.yaml", "DOC-01") { bytes("a: caf") + [0xE9, 0x0A] },
    Case("Latin-1 in JSON", "f.json", "DOC-01") { bytes("{\"a\": \"caf") + [0xE9] + bytes("\"}") },
    Case("an overlong form", "f.yaml", "DOC-01") { bytes("a: ") + [0xC0, 0x80] },
    Case("a surrogate", "f.yaml", "DOC-01") { bytes("a: ") + [0xED, 0xA0, 0x80] },
    Case("a character cut off", "f.yaml", "DOC-01") { bytes("a: ") + [0xF0, 0x9F, 0x98] },
    Case("beyond Unicode", "f.yaml", "DOC-01") { bytes("a: ") + [0xF4, 0x90, 0x80, 0x80] },
    Case("nothing but zero bytes", "f.yaml", "DOC-14") { [UInt8](repeating: 0, count: 1 << 20) },
  ]

  @Test(arguments: cases) func isRefused(_ example: Case) {
    let bytes = example.bytes()
    let (document, seconds) = Self.timed { DocumentReader.read(bytes: bytes, name: example.name) }
    #expect(document.diagnostics.map(\.code.rawValue) == [example.code])
    #expect(document.root == nil)
    #expect(document.isUnreadable)
    #expect(document.diagnostics.allSatisfy { $0.severity == .error && $0.location != nil })
    // Milliseconds when built for release.
    #expect(seconds < Self.secondsOfLargestText)
  }

  /// What the largest text that is allowed would take here, by 64 KiB of an ordinary one. A debug build takes so many
  /// times longer for either, and one with a sanitizer so many times that.
  private static let secondsOfLargestText: Double = {
    let line = "num_layers: [27, 'a', 1e-5] # of the model\n"
    let lines = (0..<(1 << 16) / line.utf8.count).map { "key\($0)_\(line)" }.joined()
    return timed { DocumentReader.read(text: lines, name: "f.yaml") }.seconds * Double(DocumentLimit.byteCount >> 16)
  }()

  /// Seconds of this thread, so that work beside it does not count.
  private static func timed(_ read: () -> ParsedDocument) -> (document: ParsedDocument, seconds: Double) {
    func seconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = seconds()
    let document = read()
    return (document, seconds() - start)
  }

  @Test func messagesNameThePlaceAndTheNumber() throws {
    let spaces = DocumentReader.read(bytes: [UInt8](repeating: 0x20, count: 100 << 20), name: "f.yaml")
    #expect(spaces.diagnostics.first?.message == "the text has 104857600 bytes; a config may have 16777216 (16 MiB)")
    let latin1 = DocumentReader.read(bytes: Array("a: b\nc: caf".utf8) + [0xE9, 0x0A], name: "f.yaml")
    #expect(latin1.diagnostics.first?.message == "the text is not UTF-8: byte 0xE9 at offset 11")
    #expect(latin1.diagnostics.first?.location?.description == "f.yaml:2:7")
    let deep = DocumentReader.read(text: String(repeating: "[", count: 100), name: "f.yaml")
    #expect(deep.diagnostics.first?.location?.description == "f.yaml:1:65")
    let marked = DocumentReader.read(text: "\u{FEFF}a: ]\n", name: "f.yaml")
    #expect(marked.diagnostics.first?.location?.description == "f.yaml:1:4")
  }

  @Test(arguments: ["f.yaml", "f.json"]) func theLimitItselfIsAllowed(name: String) {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    let document = DocumentReader.read(text: text, name: name)
    #expect(document.diagnostics.isEmpty)
    #expect(document.root != nil)
  }

  @Test func aliasesUpToTheLimitAreAllowed() {
    // 9 + 1 values behind `*a`, named 9,000 times.
    let text = "a: &a [x,x,x,x,x,x,x,x,x]\nb:\n" + String(repeating: "- *a\n", count: 9000)
    let document = DocumentReader.read(text: text, name: "f.yaml")
    #expect(document.diagnostics.isEmpty)
    #expect(document.root?["b"]?.items?.count == 9000)
  }

  @Test func noMoreProblemsAreListedThanAnybodyReads() {
    let text = String(repeating: "k: 1\n", count: 5000)
    let document = DocumentReader.read(text: text, name: "f.yaml")
    #expect(document.diagnostics.count == DocumentLimit.diagnosticCount)
  }
}
