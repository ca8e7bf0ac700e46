import TestSupport

@testable import ConfigDocument

/// Values that bring out what is hard about YAML.
struct RandomValues {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  static let hardStrings = [
    "", " ", "a", "yes", "No", "on", "y", "N", "null", "~", "Null", "true", "1", "-1", "+1", "017", "0o17", "0x1F",
    "0b11", "1_000", "1:30", "1:30:00.5", "1e5", "1e-5", "1.0e-05", ".5", "-.5", "5.", ".inf", "-.INF", ".nan", "NaN",
    "inf", "Infinity", "2024-01-01", "2001-12-14t21:59:43.10-05:00", "=", "<<", "-", "- a", "--- a", "---", "...", "?",
    "? a", ":", ": a", "a: b", "a:", "a:b", "a #b", "#a", "a#b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'",
    "\"a\"", "[a]", "{a}", "a, b", " a", "a ", "a\tb", "\ta", "a\nb", "\n", "a\r\nb", "a\rb", "\u{85}", "\u{2028}",
    "a\u{2029}b", "\u{FEFF}", "a\u{FEFF}b", "\u{7F}", "\u{0}", "\u{1B}[0m", "\u{FFFE}", "é", "e\u{301}", "😀", "中文",
    "Et*14|t*13L", "8+7+7+6", "/data/pile.jsonl", "s3://bucket/x", "moonshotai/Moonlight-16B-A3B", "C:\\x", "it's",
    "don\"t", "${oc.env:X}", "a  b", "_x", "/", "/ ", "...a", "0.1.2", "08", "1__0",
    "9" + String(repeating: "0", count: 30),
    String(repeating: "word ", count: 60) + "end", String(repeating: "x", count: 2000), "off", "OFF", "None", "none",
    "\u{A0}",
    "a\u{A0}b", "\u{1F}", "\u{9F}", "\u{10FFFF}", "\u{E000}", "\u{1FFFE}", "a\\nb", "\\", "a=b", "(a)", "$x", "a@b",
  ]

  mutating func string() -> String {
    if Int.random(in: 0..<3, using: &generator) > 0 {
      return Self.hardStrings[Int.random(in: 0..<Self.hardStrings.count, using: &generator)]
    }
    let alphabet = Array("aeznyoNO019-+._:#,[]{}&*!|>'\"%@` \t\n~=<?/\\é😀\u{85}\u{2028}".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
    }
    return String(text)
  }

  /// Finite, of every size.
  mutating func number() -> Double {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      let value = Double(bitPattern: generator.next())
      return value.isFinite ? value : 0.5
    case 1: return Double(Int.random(in: -1_000_000...1_000_000, using: &generator))
    case 2: return Double(Int.random(in: -9999...9999, using: &generator)) / 10000
    default:
      return [
        1e-5, 3e-4, 0.1, 1e15, 1e16, 1e17, 1e22, 1e-7, .leastNonzeroMagnitude, -0.0, 123456789012345680.0, 1e100,
      ][
        Int.random(in: 0..<12, using: &generator)]
    }
  }

  mutating func scalar() -> ConfigValue {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: .null
    case 1: .bool(Bool.random(using: &generator))
    case 2: .int(Int.random(in: -100...100, using: &generator))
    case 3: .int(Int(truncatingIfNeeded: generator.next()))
    case 4: .float(number())
    default: .string(string())
    }
  }

  mutating func value(depth: Int) -> ConfigValue {
    let kind = depth == 0 ? 0 : Int.random(in: 0..<4, using: &generator)
    switch kind {
    case 1: return .list((0..<Int.random(in: 0...6, using: &generator)).map { _ in value(depth: depth - 1) })
    case 2, 3: return mapping(depth: depth)
    default: return scalar()
    }
  }

  mutating func mapping(depth: Int) -> ConfigValue {
    var mapping = ConfigMapping()
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      // YAML readers find no colon behind a longer key of a JSON text.
      mapping[String(string().prefix(1000))] = value(depth: depth - 1)
    }
    return .mapping(mapping)
  }
}
