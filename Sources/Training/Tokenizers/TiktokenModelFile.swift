/// Reads `tiktoken.model`: a line a token, its bytes in base64, a space, its rank.
enum TiktokenModelFile {
  /// More tokens than any vocabulary has; bounds what a hostile file can ask for.
  private static let maximumRank = 1 << 24

  /// The tokens by rank.
  /// - Throws: ``SystemError``, ``TokenizerError`` with the line's number.
  static func read(_ path: String) throws -> [[UInt8]] {
    try FileReader.contents(path).withUnsafeBytes { bytes in
      if SentencePieceModel.begins(bytes) { throw TokenizerError(SentencePieceModel.refusal, file: path) }
      var tokens: [[UInt8]] = []
      var line = 0
      for content in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
        line += 1
        let content = content.last == 0x0D ? content.dropLast() : content
        if content.isEmpty { continue }
        let fail = { (message: String) in TokenizerError("line \(line): \(message)", file: path) }
        guard let space = content.firstIndex(of: 0x20),
          let rank = Int(Substring(decoding: content[(space + 1)...], as: UTF8.self)),
          let token = decodeBase64(content[..<space]), !token.isEmpty
        else { throw fail("a token in base64, a space and its rank are expected") }
        // Ranks are ids: they must be complete, so that special tokens can follow them.
        guard rank == tokens.count, rank < maximumRank else {
          throw fail("rank \(rank) stands where \(tokens.count) is due")
        }
        tokens.append(token)
      }
      try check(tokens, path)
      return tokens
    }
  }

  private static func check(_ tokens: [[UInt8]], _ path: String) throws {
    var single = [Bool](repeating: false, count: 256)
    var seen: Set<[UInt8]> = []
    for (rank, token) in tokens.enumerated() {
      guard seen.insert(token).inserted else { throw TokenizerError("rank \(rank) repeats a token", file: path) }
      if token.count == 1 { single[Int(token[0])] = true }
    }
    if let missing = single.firstIndex(of: false) {
      throw TokenizerError("no token stands for the single byte \(missing)", file: path)
    }
  }

  static func decodeBase64(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    var digits = 0
    var padding = 0
    for character in text {
      let digit: UInt32
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = UInt32(character) - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = UInt32(character) - 97 + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(character) - 48 + 52
      case UInt8(ascii: "+"): digit = 62
      case UInt8(ascii: "/"): digit = 63
      case UInt8(ascii: "="):
        digit = 0
        padding += 1
      default: return nil
      }
      if padding > 0, character != UInt8(ascii: "=") { return nil }
      group = group << 6 | digit
      digits += 1
      if digits == 4 {
        for shift in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(shift))) }
        (group, digits) = (0, 0)
      }
    }
    guard padding <= 2, padding <= bytes.count else { return nil }
    bytes.removeLast(padding)
    return bytes
  }
}
