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

    mutating func write(_ value: ConfigValue, indent: Int) throws(EmissionError) {
      switch value {
      case .list(let items) where !items.isEmpty:
        text += "["
        for (index, item) in items.enumerated() {
          startItem(index, indent: indent + 2)
          do { try write(item, indent: indent + 2) } catch { throw error.below(String(index)) }
        }
        startLine(indent)
        text += "]"
      case .mapping(let mapping) where !mapping.entries.isEmpty:
        text += "{"
        for (index, entry) in mapping.distinctEntries.enumerated() {
          startItem(index, indent: indent + 2)
          appendDoubleQuoted(entry.key, to: &text)
          text += ": "
          do { try write(entry.value, indent: indent + 2) } catch { throw error.below(entry.key) }
        }
        startLine(indent)
        text += "}"
      case .string(let string): appendDoubleQuoted(string, to: &text)
      default: text += try FlowText.json(value)
      }
    }

    private mutating func startItem(_ index: Int, indent: Int) {
      if index > 0 { text += "," }
      startLine(indent)
    }

    private mutating func startLine(_ indent: Int) {
      text += "\n"
      text.append(blanks: indent)
    }
  }
}

extension EmissionError {
  /// The same, seen from the list or the mapping that holds the value.
  fileprivate func below(_ step: String) -> EmissionError { EmissionError(number: number, path: [step] + path) }
}
