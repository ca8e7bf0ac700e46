/// What is wrong with training data; names the file and, where there is one, the line or document.
package struct DatasetError: Error, Hashable, CustomStringConvertible {
  package let file: String
  /// From 1.
  package let line: Int?
  package let message: String

  package init(_ message: String, file: String, line: Int? = nil) {
    self.file = file
    self.line = line
    self.message = message
  }

  /// Longer sequences have no meaning, and arithmetic on them need not be checked.
  static func checkSequenceLength(_ length: Int, file: String) throws {
    guard (1...(1 << 30)).contains(length) else {
      throw DatasetError("a sequence length of \(length) is impossible", file: file)
    }
  }

  package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(message)" }
}
