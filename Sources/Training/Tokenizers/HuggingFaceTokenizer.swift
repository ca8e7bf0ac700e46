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
  private let composes: Bool
  private let added: [Int32: TokenizerFile.AddedToken]
  private let all: AddedTokens
  /// Those that are found in any text, whatever its source.
  private let plain: AddedTokens
  package let bos: Int32?
  package let eos: Int32?
  package let pad: Int32?

  /// What is found in a text before anything else.
  private struct AddedTokens {
    /// In the text as it was written.
    let written: SpecialTokens
    /// In what the normalizer makes of the rest.
    let normalized: SpecialTokens

    init(_ tokens: [Int32: TokenizerFile.AddedToken]) {
      written = SpecialTokens(tokens.filter { !$0.value.isNormalized }.mapValues(\.content))
      normalized = SpecialTokens(tokens.filter(\.value.isNormalized).mapValues(\.content))
    }
  }

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
    composes = file.composes
    all = AddedTokens(added)
    plain = AddedTokens(added.filter { !$0.value.isSpecial })
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
    let special = SpecialTokens(added.mapValues(\.content))
    let find = { (name: String?) in name.flatMap { special[$0] ?? names[$0] } }
    (bos, eos, pad) = (find(config.bos), find(config.eos), find(config.pad))
  }

  package func encode(_ text: String, recognizesSpecialTokens: Bool) -> [Int32] {
    let known = recognizesSpecialTokens ? all : plain
    var tokens: [Int32] = []
    split(text, at: known.written, into: &tokens) { part, tokens in
      let part = composes ? part.canonicallyComposed : part
      split(part, at: known.normalized, into: &tokens, encodeOrdinary)
    }
    return tokens
  }

  /// The added tokens of a text, and what `encode` makes of everything between them.
  private func split(
    _ text: String, at known: SpecialTokens, into tokens: inout [Int32], _ encode: (String, inout [Int32]) -> Void
  ) {
    guard !known.isEmpty else { return encode(text, &tokens) }
    var text = text
    text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      func encodePart(_ range: Range<Int>) {
        if !range.isEmpty { encode(String(decoding: bytes[range], as: UTF8.self), &tokens) }
      }
      var start = 0
      while let found = known.next(in: bytes, from: start) {
        var (before, behind) = (found.range.lowerBound, found.range.upperBound)
        if added[found.id]?.stripsLeft == true {
          before -= Self.trailingSpace(UnsafeRawBufferPointer(rebasing: bytes[start..<before]))
        }
        if added[found.id]?.stripsRight == true {
          behind += Self.leadingSpace(UnsafeRawBufferPointer(rebasing: bytes[behind...]))
        }
        encodePart(start..<before)
        tokens.append(found.id)
        start = behind
      }
      encodePart(start..<bytes.count)
    }
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

  private func encodeOrdinary(_ text: String, into tokens: inout [Int32]) {
    guard !text.isEmpty else { return }
    var pieces = [text]
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
        // Read like the vocabulary's texts where it could be one, as the library's decoder does.
        result.append(contentsOf: ByteAlphabet.bytes(content) ?? Array(content.utf8))
      } else if token >= 0, Int(token) < bytes.count, let own = bytes[Int(token)] {
        result.append(contentsOf: own)
      } else {
        result.append(contentsOf: "\u{FFFD}".utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
