/// A file with one JSON object a line (`.jsonl`, `.nvjsonl`).
package struct JSONLines {
  package let path: String
  private let file: FileReader

  /// - Throws: ``SystemError``.
  package init(_ path: String) throws {
    self.path = path
    file = try FileReader(path)
  }

  /// Calls `body` for each line, front to back. The last line may lack its line end; a byte order mark is skipped.
  /// - Parameter body: reads the line's one JSON value.
  /// - Throws: ``DatasetError`` with the line's number for an empty line, malformed JSON, text behind the value, and for a
  ///   ``JSONError`` or ``TokenizerError`` of `body`; other errors of `body` as they are.
  package func eachLine(_ body: (inout JSONCursor, _ line: Int) throws -> Void) throws {
    var line = 0
    try file.eachLine { bytes in
      line += 1
      let hasMark = line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
      let content = UnsafeRawBufferPointer(rebasing: bytes[(hasMark ? 3 : 0)...])
      guard content.contains(where: { $0 > 0x20 }) else {
        throw DatasetError("the line is empty; a JSON object is expected", file: path, line: line)
      }
      do {
        var cursor = JSONCursor(content)
        try body(&cursor, line)
        try cursor.finish()
      } catch let error as JSONError {
        throw DatasetError("\(error)", file: path, line: line)
      } catch let error as TokenizerError {
        throw DatasetError("\(error)", file: path, line: line)
      }
    }
    if line == 0 { throw DatasetError("the file is empty", file: path) }
  }
}
