/// One mistake made in a good file, with where a person would point at it.
struct Mutation: Sendable {
  /// What kind of mistake, and in which file: `typo in a key, pretrain.yaml`.
  let name: String
  let file: String
  let text: String
  /// The line of the mistake, from 1.
  let line: Int
  /// The columns that are right, from 1; any column of the line where the mistake has no more exact place.
  let columns: ClosedRange<Int>
  /// The codes that say something fitting, each whole or a family: `FIELD-02`, `PIPE`.
  let codes: [String]

  static let wholeLine = 1...10_000
}

/// A file that is valid, line by line.
struct GoodFile: Sendable {
  let name: String
  let lines: [String]

  /// A line that gives a scalar to a field: `  train_iters: 500000`.
  struct FieldLine: Sendable {
    /// Index into ``lines``.
    let index: Int
    let section: String
    let key: String
    let value: String
    /// Columns of the key and the value, from 1. A key in quotes begins with its quote.
    let keyColumn: Int
    let valueColumn: Int
  }

  let fields: [FieldLine]
  /// The lines that begin a section, by index.
  let sections: [(index: Int, name: String)]

  var isJSON: Bool { name.hasSuffix(".json") }

  init(name: String, text: String) {
    self.name = name
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let isJSON = name.hasSuffix(".json")
    let step = isJSON ? 2 : 0
    var section = ""
    var fields: [FieldLine] = []
    var sections: [(index: Int, name: String)] = []
    for (index, line) in lines.enumerated() {
      let indentation = line.prefix { $0 == " " }.count - step
      guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("#") else { continue }
      let key = line[..<colon].filter { $0 != " " && $0 != "\"" }
      var value = line[line.index(after: colon)...].drop { $0 == " " }
      if isJSON, value.last == "," { value.removeLast() }
      let isPlain = !value.isEmpty && !"[{|>&*!#\"'".contains(value.first ?? "#") && !value.contains(" #")
      switch indentation {
      case 0 where value.isEmpty || value == "{":
        section = key
        sections.append((index, key))
      case 2 where section != "env_vars" && (isPlain || isJSON && value.first == "\"" && value.count > 1):
        let column = line.distance(from: line.startIndex, to: value.startIndex) + 1
        fields.append(
          FieldLine(
            index: index, section: section, key: key, value: String(value), keyColumn: 3 + step, valueColumn: column))
      default: continue
      }
    }
    self.fields = fields
    self.sections = sections
  }

  /// The text with one line replaced by others.
  func replacing(_ index: Int, with new: String...) -> String {
    (lines[..<index] + new + lines[(index + 1)...]).joined(separator: "\n")
  }
}
