/// `tokenizer.json` of the tokenizers library, as far as byte-level byte pairs go: what the DeepSeek models and most others
/// of today are released with.
struct TokenizerFile {
  static let fileName = "tokenizer.json"

  struct AddedToken: Hashable {
    var id: Int32 = -1
    var content = ""
    var isSpecial = false
    /// Found in what the normalizer leaves of a text, rather than in the text as it was written.
    var isNormalized = false
    /// Takes the white space on that side with it.
    var stripsLeft = false
    var stripsRight = false
  }

  private(set) var vocabulary: [String: Int32] = [:]
  /// Pairs of the vocabulary's texts.
  private(set) var merges: [(left: String, right: String)] = []
  private(set) var addedTokens: [AddedToken] = []
  /// Whether texts are brought to Normalization Form C first, as Qwen does.
  private(set) var composes = false
  private(set) var splitters: [TextSplitter] = []
  /// A piece that is a token is that token, whatever the merges make of it.
  private(set) var ignoresMerges = false
  private var isByteLevel = false

  /// More tokens than any vocabulary has; bounds what a hostile file can ask for.
  static let maximumID = 1 << 24

  /// - Throws: ``SystemError``; ``TokenizerError`` for another kind of tokenizer, and for each part that is not computed.
  init(_ path: String) throws {
    var hasModel = false
    var section = ""
    do {
      try FileReader.readJSON(path) { cursor in
        try cursor.object { cursor, key in
          section = key
          switch key {
          case "added_tokens": try cursor.array { addedTokens.append(try Self.addedToken(&$0)) }
          case "normalizer": try readNormalizer(&cursor)
          case "pre_tokenizer": try readPreTokenizer(&cursor)
          case "model":
            hasModel = true
            try readModel(&cursor)
          case "decoder", "post_processor", "version", "truncation", "padding": try cursor.skip()
          default: throw cursor.error("\"\(key)\" is not known")
          }
        }
      }
    } catch let error as JSONError {
      throw TokenizerError(section.isEmpty ? "\(error)" : "\(section): \(error)", file: path)
    }
    guard hasModel else { throw TokenizerError("there is no model", file: path) }
    guard isByteLevel else { throw TokenizerError("pre_tokenizer: only byte-level ones are computed", file: path) }
    guard composes else { return }
    for index in addedTokens.indices where addedTokens[index].isNormalized {
      addedTokens[index].content = addedTokens[index].content.canonicallyComposed
    }
  }

  private static func addedToken(_ cursor: inout JSONCursor) throws -> AddedToken {
    var token = AddedToken()
    try cursor.object { cursor, key in
      switch key {
      case "id":
        let id = try cursor.integer()
        guard (0..<maximumID).contains(id) else { throw cursor.error("\(id) is no token id") }
        token.id = Int32(id)
      case "content": token.content = try cursor.string()
      case "special": token.isSpecial = try cursor.boolean()
      case "normalized": token.isNormalized = try cursor.boolean()
      case "lstrip": token.stripsLeft = try cursor.boolean()
      case "rstrip": token.stripsRight = try cursor.boolean()
      case "single_word":
        guard try !cursor.boolean() else { throw cursor.error("single_word is not computed") }
      default: try cursor.skip()
      }
    }
    guard token.id >= 0, !token.content.isEmpty else { throw cursor.error("an added token needs id and content") }
    return token
  }

  private mutating func readNormalizer(_ cursor: inout JSONCursor) throws {
    guard try cursor.kind() != .null else { return try cursor.null() }
    var type = ""
    try cursor.object { cursor, key in
      switch key {
      case "type": type = try cursor.string()
      case "normalizers": try cursor.array { try readNormalizer(&$0) }
      default: try cursor.skip()
      }
    }
    switch type {
    case "Sequence": break
    case "NFC": composes = true
    // The spaces that SentencePiece marks, and its own tables of characters.
    case "Prepend", "Replace", "Precompiled", "Nmt", "NFKC":
      throw cursor.error(SentencePieceModel.refusalOfConverted("\"\(type)\""))
    default: throw cursor.error("\"\(type)\" is not computed")
    }
  }

  private mutating func readPreTokenizer(_ cursor: inout JSONCursor) throws {
    guard try cursor.kind() != .null else { return try cursor.null() }
    var type = ""
    var pattern: String?
    var behaviour = "Isolated"
    var (inverts, prefixes, usesExpression, individual) = (false, false, true, false)
    try cursor.object { cursor, key in
      switch key {
      case "type": type = try cursor.string()
      case "pretokenizers": try cursor.array { try readPreTokenizer(&$0) }
      case "pattern": pattern = try Self.pattern(&cursor)
      case "behavior": behaviour = try cursor.string()
      case "invert": inverts = try cursor.boolean()
      case "add_prefix_space": prefixes = try cursor.boolean()
      case "use_regex": usesExpression = try cursor.boolean()
      case "individual_digits": individual = try cursor.boolean()
      default: try cursor.skip()
      }
    }
    switch type {
    case "Sequence": break
    case "Split":
      guard let pattern, !inverts, ["Isolated", "Removed"].contains(behaviour) else {
        throw cursor.error("a Split that is inverted, or \(behaviour), is not computed")
      }
      guard let splitter = TextSplitter(pattern, removesMatches: behaviour == "Removed") else {
        throw cursor.error("the expression \"\(pattern)\" is not understood")
      }
      splitters.append(splitter)
    case "Digits":
      if let splitter = TextSplitter(individual ? #"\p{N}"# : #"\p{N}+"#) { splitters.append(splitter) }
    case "ByteLevel":
      isByteLevel = true
      if prefixes { splitters.append(.prefixSpace) }
      if usesExpression, let splitter = TextSplitter.gpt2 { splitters.append(splitter) }
    case "Metaspace": throw cursor.error(SentencePieceModel.refusalOfConverted("\"\(type)\""))
    default: throw cursor.error("\"\(type)\" is not computed")
    }
  }

  /// `{"Regex": …}`, or `{"String": …}` for the text itself.
  private static func pattern(_ cursor: inout JSONCursor) throws -> String? {
    var pattern: String?
    try cursor.object { cursor, key in
      let text = try cursor.string()
      switch key {
      case "Regex": pattern = text
      case "String":
        pattern = text.unicodeScalars.map { "\\u{\(String($0.value, radix: 16))}" }.joined()
      default: throw cursor.error("\"\(key)\" is no kind of pattern")
      }
    }
    return pattern
  }

  private mutating func readModel(_ cursor: inout JSONCursor) throws {
    var type: String?
    try cursor.object { cursor, key in
      switch key {
      case "type": type = try cursor.string()
      case "vocab":
        try cursor.object { cursor, text in
          let id = try cursor.integer()
          guard (0..<Self.maximumID).contains(id) else { throw cursor.error("\(id) is no token id") }
          vocabulary[text] = Int32(id)
        }
      case "merges": try cursor.array { merges.append(try Self.merge(&$0)) }
      case "ignore_merges": ignoresMerges = try cursor.boolean()
      case "byte_fallback":
        guard try !cursor.boolean() else {
          throw cursor.error(SentencePieceModel.refusalOfConverted("byte_fallback"))
        }
      case "dropout", "continuing_subword_prefix", "end_of_word_suffix":
        guard try cursor.kind() != .null else { return try cursor.null() }
        guard try cursor.kind() == .string, try cursor.string().isEmpty else {
          throw cursor.error("\(key) is not computed")
        }
      default: try cursor.skip()
      }
    }
    if type == "Unigram" { throw cursor.error(SentencePieceModel.refusalOfConverted("a model of type Unigram")) }
    // Files of before 2021 leave the type out.
    guard type ?? "BPE" == "BPE" else { throw cursor.error("a model of type \(type ?? "") is not computed; BPE is") }
  }

  /// `"a b"`, or `["a", "b"]`.
  private static func merge(_ cursor: inout JSONCursor) throws -> (left: String, right: String) {
    var parts: [String] = []
    if try cursor.kind() == .array {
      try cursor.array { parts.append(try $0.string()) }
    } else {
      parts = try cursor.string().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }
    guard parts.count == 2 else { throw cursor.error("a merge has two parts") }
    return (parts[0], parts[1])
  }
}
