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

  package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(message)" }
}
