/// The tokenizer that a `tokenizer.json` describes: byte-level byte pairs with added tokens.
///
/// Gives the ids of the tokenizers library with `add_special_tokens=False`: what its post-processor would put around a text
/// is left to those who build sequences.
package struct HuggingFaceTokenizer: Tokenizer {
  package static let fileName = TokenizerFile.fileName

  private let rules: MergeRules
  /// By id; `nil` where no token of the vocabulary has it.
  private let bytes: [[UInt8]?]
  /// Pieces that are tokens, where merges do not count for them.
  private let whole: [[UInt8]: Int32]
  private let splitters: [TextSplitter]
  private let added: [Int32: TokenizerFile.AddedToken]
  private let special: SpecialTokens
  /// Added tokens that are found in any text, whatever its source.
  private let plain: SpecialTokens
  package let bos: Int32?
  package let eos: Int32?
  package let pad: Int32?

  package var name: String { "HuggingFaceTokenizer" }
  package var vocabularySize: Int { max(bytes.count, (added.keys.max().map { Int($0) + 1 }) ?? 0) }
  package var eod: Int32? { eos }
  package let chatTemplate: (any ChatRenderer)?

  /// Loads a file and, where they stand beside it, `tokenizer_config.json`, which says what begins, ends and pads a text, and
  /// `chat_template.jinja`, which comes before a template in that.
  ///
  /// - Parameter path: the file, or the folder that holds `tokenizer.json`.
  /// - Throws: ``SystemError``; ``TokenizerError`` for a tokenizer of another kind.
  package init(_ path: String) throws {
    let path = POSIXFileSystem().kind(path) == .directory ? FilePath.join(path, Self.fileName) : path
    let file = try TokenizerFile(path)
    let fail = { (message: String) in TokenizerError(message, file: path) }
    var bytes = [[UInt8]?](repeating: nil, count: file.vocabulary.values.max().map { Int($0) + 1 } ?? 0)
    var single = [Int32](repeating: -1, count: 256)
    var whole: [[UInt8]: Int32] = [:]
    for (text, id) in file.vocabulary {
      // Added tokens may stand in the vocabulary, too, in characters of their own.
      guard let token = ByteAlphabet.bytes(text) else { continue }
      bytes[Int(id)] = token
      if token.count == 1 { single[Int(token[0])] = id }
      if file.ignoresMerges { whole[token] = id }
    }
    // Some vocabularies leave out the bytes that UTF-8 never has.
    if let missing = single.indices.first(where: { single[$0] < 0 && ![0xC0, 0xC1].contains($0) && $0 < 0xF5 }) {
      throw fail("no token stands for the single byte \(missing)")
    }
    let merges = try file.merges.map { merge in
      guard let left = file.vocabulary[merge.left], let right = file.vocabulary[merge.right],
        let result = file.vocabulary[merge.left + merge.right]
      else { throw fail("the merge of \"\(merge.left)\" and \"\(merge.right)\" names what is no token") }
      return (left, right, result)
    }
    let folder = FilePath.parent(of: path)
    let configPath = FilePath.join(folder, TiktokenTokenizer.configFileName)
    let config = POSIXFileSystem().kind(configPath) == nil ? TokenizerConfig() : try TokenizerConfig(configPath)
    rules = MergeRules(merges, single: single)
    self.bytes = bytes
    self.whole = whole
    splitters = file.splitters
    added = Dictionary(file.addedTokens.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    special = SpecialTokens(added.mapValues(\.content))
    plain = SpecialTokens(added.filter { !$0.value.isSpecial }.mapValues(\.content))
    let templatePath = FilePath.join(folder, "chat_template.jinja")
    let hasTemplate = POSIXFileSystem().kind(templatePath) != nil
    let template =
      hasTemplate ? String(decoding: try FileReader.contents(templatePath), as: UTF8.self) : config.chatTemplate
    let words = [("bos_token", config.bos), ("eos_token", config.eos), ("pad_token", config.pad)]
    chatTemplate = try template.map {
      try JinjaChatTemplate(
        $0, file: hasTemplate ? templatePath : configPath,
        specialTokens: Dictionary(uniqueKeysWithValues: words.compactMap { name, word in word.map { (name, $0) } }))
    }
    let names = file.vocabulary
    let find = { [special] (name: String?) in name.flatMap { special[$0] ?? names[$0] } }
    (bos, eos, pad) = (find(config.bos), find(config.eos), find(config.pad))
  }

  package func encode(_ text: String, recognizesSpecialTokens: Bool) -> [Int32] {
    var tokens: [Int32] = []
    var text = text
    text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      let known = recognizesSpecialTokens ? special : plain
      var start = 0
      while let found = known.next(in: bytes, from: start) {
        var (before, behind) = (found.range.lowerBound, found.range.upperBound)
        if added[found.id]?.stripsLeft == true {
          before -= Self.trailingSpace(UnsafeRawBufferPointer(rebasing: bytes[start..<before]))
        }
        if added[found.id]?.stripsRight == true {
          behind += Self.leadingSpace(UnsafeRawBufferPointer(rebasing: bytes[behind...]))
        }
        encodeOrdinary(UnsafeRawBufferPointer(rebasing: bytes[start..<before]), into: &tokens)
        tokens.append(found.id)
        start = behind
      }
      encodeOrdinary(UnsafeRawBufferPointer(rebasing: bytes[start...]), into: &tokens)
    }
    return tokens
  }

  /// Bytes of the white space at an end of a text.
  private static func trailingSpace(_ bytes: UnsafeRawBufferPointer) -> Int {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.reversed().prefix { $0.properties.isWhitespace }
      .reduce(0) { $0 + UTF8.width($1) }
  }

  private static func leadingSpace(_ bytes: UnsafeRawBufferPointer) -> Int {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0.properties.isWhitespace }
      .reduce(0) { $0 + UTF8.width($1) }
  }

  private func encodeOrdinary(_ bytes: UnsafeRawBufferPointer, into tokens: inout [Int32]) {
    guard bytes.count > 0 else { return }
    var pieces = [String(decoding: bytes, as: UTF8.self)]
    for splitter in splitters { pieces = pieces.flatMap(splitter.split) }
    for piece in pieces {
      if !whole.isEmpty, let token = whole[Array(piece.utf8)] {
        tokens.append(token)
      } else {
        rules.encode(piece.utf8, into: &tokens)
      }
    }
  }

  package func decode(_ tokens: some Sequence<Int32>) -> String {
    var result: [UInt8] = []
    for token in tokens {
      if let content = added[token]?.content {
        result.append(contentsOf: content.utf8)
      } else if token >= 0, Int(token) < bytes.count, let own = bytes[Int(token)] {
        result.append(contentsOf: own)
      } else {
        result.append(contentsOf: "\u{FFFD}".utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
