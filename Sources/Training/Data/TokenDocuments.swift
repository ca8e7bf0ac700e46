/// A sequence of tokenized documents.
package protocol TokenDocuments: Sendable {
  /// Where they come from, for messages.
  var name: String { get }
  var count: Int { get }
  /// Tokens of a document, its end-of-document token included.
  func length(_ document: Int) -> Int
  /// Copies tokens of a document; the range lies within its length.
  /// - Throws: ``DatasetError`` for a token that does not fit `Int32`.
  func copy(_ document: Int, _ range: Range<Int>, to destination: UnsafeMutableBufferPointer<Int32>) throws
}

/// Documents held in memory, one behind the other.
package struct DocumentsInMemory: TokenDocuments {
  package let name: String
  private var tokens: [Int32] = []
  /// Where each document begins, and the end.
  private var starts = [0]

  package init(name: String) { self.name = name }

  package mutating func append(_ document: some Sequence<Int32>) {
    tokens.append(contentsOf: document)
    starts.append(tokens.count)
  }

  package var count: Int { starts.count - 1 }
  package var tokenCount: Int { tokens.count }
  package func length(_ document: Int) -> Int { starts[document + 1] - starts[document] }

  package func copy(_ document: Int, _ range: Range<Int>, to destination: UnsafeMutableBufferPointer<Int32>) {
    let start = starts[document]
    _ = destination.update(fromContentsOf: tokens[(start + range.lowerBound)..<(start + range.upperBound)])
  }

  subscript(_ document: Int) -> ArraySlice<Int32> { tokens[starts[document]..<starts[document + 1]] }
}

extension DocumentsInMemory {
  /// Reads the `text` field of JSON lines and tokenizes it, with an end-of-document token behind each document.
  ///
  /// As Megatron's `preprocess_data.py`: the field holds a string or a list of strings, which become one document.
  /// - Parameter key: the field's name (Megatron's `json-keys`).
  /// - Parameter appendEOD: Megatron's `append-eod`.
  /// - Throws: ``SystemError``, ``DatasetError`` with the line's number.
  package init(
    jsonLines path: String, key: String = "text", tokenizer: any Tokenizer, appendEOD: Bool = true
  ) throws {
    self.init(name: path)
    try Self.readText(path, key: key, tokenizer: tokenizer, appendEOD: appendEOD) { append($0) }
  }

  /// Tokenizes document by document, as ``init(jsonLines:key:tokenizer:appendEOD:)`` does, without keeping them.
  static func readText(
    _ path: String, key: String, tokenizer: any Tokenizer, appendEOD: Bool, _ document: ([Int32]) throws -> Void
  ) throws {
    if appendEOD, tokenizer.eod == nil {
      throw DatasetError("the tokenizer has no end-of-document token to append", file: path)
    }
    try JSONLines(path).eachLine { cursor, line in
      var tokens: [Int32]?
      try cursor.object { cursor, name in
        guard name == key else { return try cursor.skip() }
        tokens = []
        if try cursor.kind() == .array {
          try cursor.array { cursor in tokens?.append(contentsOf: try tokenizer.encode(try cursor.string())) }
        } else {
          tokens = try tokenizer.encode(try cursor.string())
        }
      }
      guard var tokens else { throw DatasetError("the object has no \"\(key)\"", file: path, line: line) }
      // An empty document stays one, without an end: Megatron skips its end token too.
      if appendEOD, !tokens.isEmpty, let eod = tokenizer.eod { tokens.append(eod) }
      try document(tokens)
    }
  }

  /// Reads lines of `{"tokens": [...]}`.
  /// - Parameter vocabularySize: tokens outside it are refused.
  /// - Throws: ``SystemError``, ``DatasetError`` with the line's number.
  package init(tokenLines path: String, vocabularySize: Int) throws {
    self.init(name: path)
    try JSONLines(path).eachLine { cursor, line in
      var found = false
      try cursor.object { cursor, name in
        guard name == "tokens" else { return try cursor.skip() }
        found = true
        try cursor.array { cursor in
          let token = try cursor.integer()
          guard token >= 0, token < vocabularySize, let token = Int32(exactly: token) else {
            throw DatasetError(
              "token \(token) lies outside the vocabulary of \(vocabularySize)", file: path, line: line)
          }
          tokens.append(token)
        }
      }
      guard found else { throw DatasetError("the object has no \"tokens\"", file: path, line: line) }
      starts.append(tokens.count)
    }
  }
}
