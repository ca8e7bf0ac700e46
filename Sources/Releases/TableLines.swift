/// The lines of a generated text, whose columns have tabs between them. Such a text is read whenever a program starts, so
/// that it is gone through byte by byte.
enum TableLines {
  /// The columns of one line.
  struct Columns {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let ranges: [Range<Int>]

    fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>, _ ranges: [Range<Int>]) {
      (self.bytes, self.ranges) = (bytes, ranges)
    }

    var count: Int { ranges.count }

    func isEmpty(_ column: Int) -> Bool { ranges[column].isEmpty }

    func text(_ column: Int) -> String { String(decoding: bytes[ranges[column]], as: UTF8.self) }
  }

  /// Hands on each line that is not empty. The columns are good for the call alone.
  static func forEach(of text: String, _ body: (Columns) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      var columns: [Range<Int>] = []
      var start = 0
      var lineStart = 0
      for place in 0...bytes.count {
        let isEnd = place == bytes.count || bytes[place] == UInt8(ascii: "\n")
        guard isEnd || bytes[place] == UInt8(ascii: "\t") else { continue }
        columns.append(start..<place)
        start = place + 1
        guard isEnd else { continue }
        if place > lineStart { body(Columns(bytes, columns)) }
        columns.removeAll(keepingCapacity: true)
        lineStart = start
      }
    }
  }
}
