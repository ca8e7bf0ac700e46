/// Texts that are one token each, found in text before anything else.
struct SpecialTokens: Sendable {
  private struct Entry {
    let bytes: [UInt8]
    let id: Int32
  }

  private let texts: [Int32: String]
  private let ids: [String: Int32]
  /// By first byte, the longest first.
  private let byFirstByte: [[Entry]]

  init(_ texts: [Int32: String]) {
    self.texts = texts
    ids = Dictionary(texts.map { ($1, $0) }, uniquingKeysWith: min)
    var table = [[Entry]](repeating: [], count: 256)
    for (id, text) in texts {
      let bytes = Array(text.utf8)
      if let first = bytes.first { table[Int(first)].append(Entry(bytes: bytes, id: id)) }
    }
    for index in table.indices {
      table[index].sort { ($0.bytes.count, $1.id) > ($1.bytes.count, $0.id) }
    }
    byFirstByte = table
  }

  var isEmpty: Bool { texts.isEmpty }
  subscript(_ text: String) -> Int32? { ids[text] }
  func text(of id: Int32) -> String? { texts[id] }

  /// The first special token at or behind an offset.
  func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> (range: Range<Int>, id: Int32)? {
    for offset in start..<bytes.count {
      for entry in byFirstByte[Int(bytes[offset])]
      where entry.bytes.count <= bytes.count - offset
        && entry.bytes.elementsEqual(bytes[offset..<(offset + entry.bytes.count)])
      {
        return (offset..<(offset + entry.bytes.count), entry.id)
      }
    }
    return nil
  }
}

/// What a `tokenizer_config.json` says about special tokens.
struct TokenizerConfig {
  var addedTokens: [Int32: String] = [:]
  var bos: String?
  var eos: String?
  var pad: String?
  /// The template named `default` where there are several.
  var chatTemplate: String?

  init() {}

  /// - Throws: ``SystemError``, ``TokenizerError``.
  init(_ path: String) throws {
    do {
      try FileReader.readJSON(path) { cursor in
        try cursor.object { cursor, key in
          switch key {
          case "bos_token": bos = try Self.token(&cursor)
          case "eos_token": eos = try Self.token(&cursor)
          case "pad_token": pad = try Self.token(&cursor)
          case "chat_template": chatTemplate = try Self.template(&cursor)
          case "added_tokens_decoder":
            try cursor.object { cursor, id in
              guard let id = Int32(id), id >= 0 else { throw cursor.error("\"\(id)\" is no token id") }
              addedTokens[id] = try Self.token(&cursor)
            }
          default: try cursor.skip()
          }
        }
      }
    } catch let error as JSONError { throw TokenizerError("\(error)", file: path) }
  }

  /// A template, or the one named `default` of a list of `{name, template}`.
  private static func template(_ cursor: inout JSONCursor) throws -> String? {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return nil
    case .array:
      var found: String?
      try cursor.array { cursor in
        var (name, template): (String?, String?)
        try cursor.object { cursor, key in
          switch key {
          case "name": name = try cursor.string()
          case "template": template = try cursor.string()
          default: try cursor.skip()
          }
        }
        if name == "default" { found = template }
      }
      return found
    default: return try cursor.string()
    }
  }

  /// A token's text: a string, or the `content` of an object; `nil` for null.
  private static func token(_ cursor: inout JSONCursor) throws -> String? {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return nil
    case .object:
      var content: String?
      try cursor.object { cursor, key in
        if key == "content" { content = try cursor.string() } else { try cursor.skip() }
      }
      return content
    default: return try cursor.string()
    }
  }
}
