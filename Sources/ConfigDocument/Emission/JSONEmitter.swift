/// Writes a value as JSON with two spaces of indentation, laid out as Python's `json.dumps(indent=2)` does.
///
/// It means the same as what ``YAMLEmitter`` writes, number forms included.
package struct JSONEmitter: Sendable {
  package init() {}

  /// The text, with a line end at its end.
  ///
  /// - Throws: ``EmissionError`` for an infinity or not-a-number, with its path.
  package func emit(_ value: ConfigValue) throws(EmissionError) -> String {
    var writer = Writer()
    try writer.write(value, indent: 0)
    return writer.text + "\n"
  }

  private struct Writer {
    var text = ""
    var path: [String] = []

    mutating func write(_ value: ConfigValue, indent: Int) throws(EmissionError) {
      switch value {
      case .list(let items) where !items.isEmpty:
        text += "["
        for (index, item) in items.enumerated() {
          startItem(index, indent: indent + 2)
          path.append(String(index))
          try write(item, indent: indent + 2)
          path.removeLast()
        }
        startLine(indent)
        text += "]"
      case .mapping(let mapping) where !mapping.entries.isEmpty:
        text += "{"
        for (index, entry) in mapping.distinctEntries.enumerated() {
          startItem(index, indent: indent + 2)
          text += doubleQuoted(entry.key) + ": "
          path.append(entry.key)
          try write(entry.value, indent: indent + 2)
          path.removeLast()
        }
        startLine(indent)
        text += "}"
      default:
        do {
          text += try FlowText.json(value)
        } catch {
          throw EmissionError(number: error.number, path: path)
        }
      }
    }

    private mutating func startItem(_ index: Int, indent: Int) {
      if index > 0 { text += "," }
      startLine(indent)
    }

    private mutating func startLine(_ indent: Int) {
      text += "\n" + String(repeating: " ", count: indent)
    }
  }
}
