/// Kimi's tokenizer: byte pairs of a `tiktoken.model` file, ``KimiPretokenizer``, and 258 special tokens behind them.
package struct TiktokenTokenizer: Tokenizer {
  package static let modelFileName = "tiktoken.model"
  package static let configFileName = "tokenizer_config.json"
  /// 256 reserved tokens and two more, as the released tokenizer code counts them. Moonlight's last two have no rows in
  /// the released embedding.
  package static let specialTokenCount = 258

  /// Positions behind the base vocabulary of the special tokens whose text is known without a tokenizer_config.json.
  static let knownSpecialTokens: [Int: String] = [
    0: "[BOS]", 1: "[EOS]", 2: "<|im_end|>", 3: "<|im_user|>", 4: "<|im_assistant|>", 9: "[EOT]", 10: "<|im_system|>",
    17: "<|im_middle|>", 254: "[PAD]",
  ]

  private let vocabulary: BytePairVocabulary
  private let special: SpecialTokens
  package let bos: Int32?
  package let eos: Int32?
  package let pad: Int32?

  package var name: String { "TikTokenTokenizer" }
  package var vocabularySize: Int { vocabulary.count + Self.specialTokenCount }
  package var eod: Int32? { eos }

  /// Loads a rank file and, where it stands beside it, `tokenizer_config.json` with the texts of the special tokens.
  /// - Parameter path: the rank file, or the folder that holds `tiktoken.model`.
  /// - Throws: ``SystemError``, ``TokenizerError``.
  package init(_ path: String) throws {
    let model = Self.modelFile(path)
    let tokens = try TiktokenModelFile.read(model)
    let config = FilePath.join(FilePath.parent(of: model), Self.configFileName)
    let settings = POSIXFileSystem().kind(config) == nil ? TokenizerConfig() : try TokenizerConfig(config)
    self.init(ranks: tokens, settings)
  }

  /// The rank file that a path means.
  package static func modelFile(_ path: String) -> String {
    POSIXFileSystem().kind(path) == .directory ? FilePath.join(path, modelFileName) : path
  }

  init(ranks tokens: [[UInt8]], _ settings: TokenizerConfig) {
    vocabulary = BytePairVocabulary(tokens)
    var texts: [Int32: String] = [:]
    for position in 0..<Self.specialTokenCount {
      let id = Int32(tokens.count + position)
      let known = settings.addedTokens.isEmpty ? Self.knownSpecialTokens[position] : settings.addedTokens[id]
      texts[id] = known ?? "<|reserved_token_\(id)|>"
    }
    special = SpecialTokens(texts)
    bos = special[settings.bos ?? "[BOS]"]
    eos = special[settings.eos ?? "[EOS]"]
    pad = special[settings.pad ?? "[PAD]"]
  }

  package var chatTemplate: (any ChatRenderer)? {
    guard let system = special["<|im_system|>"], let user = special["<|im_user|>"],
      let assistant = special["<|im_assistant|>"], let middle = special["<|im_middle|>"],
      let end = special["<|im_end|>"]
    else { return nil }
    return ChatTemplate.kimi(system: system, user: user, assistant: assistant, middle: middle, end: end)
  }

  package func encode(_ text: String, recognizesSpecialTokens: Bool) -> [Int32] {
    var tokens: [Int32] = []
    var text = text
    text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      for chunk in Self.chunks(bytes) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[chunk])
        guard recognizesSpecialTokens else {
          encodeOrdinary(piece, into: &tokens)
          continue
        }
        var start = 0
        while let found = special.next(in: piece, from: start) {
          encodeOrdinary(UnsafeRawBufferPointer(rebasing: piece[start..<found.range.lowerBound]), into: &tokens)
          tokens.append(found.id)
          start = found.range.upperBound
        }
        encodeOrdinary(UnsafeRawBufferPointer(rebasing: piece[start...]), into: &tokens)
      }
    }
    return tokens
  }

  private func encodeOrdinary(_ bytes: UnsafeRawBufferPointer, into tokens: inout [Int32]) {
    guard bytes.count > 0 else { return }
    let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    let pieces = KimiPretokenizer(scalars)
    var index = 0
    var offset = 0
    while index < scalars.count {
      let end = pieces.end(ofPieceAt: index)
      let start = offset
      for scalar in scalars[index..<end] { offset += UTF8.width(scalar) }
      vocabulary.encode(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), into: &tokens)
      index = end
    }
  }

  /// The released tokenizer code cuts text every 400,000 characters, and runs of white space or of anything else that
  /// exceed 25,000 characters; cuts end a piece, so they show in the tokens.
  static func chunks(_ bytes: UnsafeRawBufferPointer, slice: Int = 400_000, run: Int = 25_000) -> [Range<Int>] {
    // Characters are no more than bytes: short text is one chunk.
    if bytes.count <= min(slice, run) { return bytes.isEmpty ? [] : [0..<bytes.count] }
    var chunks: [Range<Int>] = []
    var start = 0
    var offset = 0
    var inSlice = 0
    var inRun = 0
    var spaces = false
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      let isSpace = ScalarClass.of(scalar).contains(.pythonSpace)
      let continues = inSlice > 0 && isSpace == spaces
      if inSlice == slice || continues && inRun == run {
        chunks.append(start..<offset)
        start = offset
        if inSlice == slice { inSlice = 0 }
        inRun = 0
      } else if !continues {
        inRun = 0
      }
      spaces = isSpace
      inSlice += 1
      inRun += 1
      offset += UTF8.width(scalar)
    }
    if start < offset { chunks.append(start..<offset) }
    return chunks
  }

  package func decode(_ tokens: some Sequence<Int32>) -> String {
    var bytes: [UInt8] = []
    for token in tokens {
      if let token = vocabulary[token] {
        bytes.append(contentsOf: token)
      } else {
        bytes.append(contentsOf: (special.text(of: token) ?? "\u{FFFD}").utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
