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
  ///
  /// Empty lines end a file and stand nowhere else: so Megatron-Bridge reads files, which drops them from the end and fails
  /// at any other (0.6.2, `build_index_from_memdata` and `_JSONLMemMapDataset` in data/datasets/utils.py).
  /// - Parameter body: reads the line's one JSON value.
  /// - Throws: ``DatasetError`` with the line's number for an empty line, malformed JSON, text behind the value, and for a
  ///   ``JSONError`` or ``TokenizerError`` of `body`; other errors of `body` as they are.
  package func eachLine(_ body: (inout JSONCursor, _ line: Int) throws -> Void) throws {
    var (line, rows) = (0, 0)
    var firstEmpty: Int?
    try file.eachLine { bytes in
      line += 1
      if bytes.isEmpty {
        firstEmpty = firstEmpty ?? line
        return
      }
      let hasMark = line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
      let content = UnsafeRawBufferPointer(rebasing: bytes[(hasMark ? 3 : 0)...])
      guard firstEmpty == nil, content.contains(where: { $0 > 0x20 }) else {
        throw DatasetError("the line is empty; a JSON object is expected", file: path, line: firstEmpty ?? line)
      }
      rows += 1
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
    if rows == 0 { throw DatasetError("the file is empty", file: path) }
  }
}
