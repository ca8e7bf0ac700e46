/// The filter `tojson`, as transformers replaces Jinja's: Python's `json.dumps` without escapes of what is no ASCII
/// (transformers 5.24.0, utils/chat_template_utils.py).
struct JinjaJSON {
  private var escapesNonASCII = false
  private var indent: Int?

  /// - Throws: ``JinjaError`` for an option that is not known.
  init(_ options: [(key: String, value: JinjaValue)]) throws {
    for (name, value) in options {
      switch (name, value) {
      case ("ensure_ascii", .boolean(let flag)): escapesNonASCII = flag
      case ("indent", .none): indent = nil
      case ("indent", .integer(let width)) where (0...16).contains(width): indent = width
      default: throw JinjaError("tojson is not known with this \(name)")
      }
    }
  }

  /// - Throws: ``JinjaError`` for what no JSON holds.
  func text(_ value: JinjaValue, depth: Int = 0) throws -> String {
    switch value {
    case .none: return "null"
    case .boolean(let flag): return flag ? "true" : "false"
    case .integer(let number): return String(number)
    case .string(let text): return quoted(text)
    case .list(let items): return enclosed("[", try items.map { try text($0, depth: depth + 1) }, "]", depth)
    case .mapping(let entries):
      return enclosed(
        "{", try entries.map { quoted($0.key) + ": " + (try text($0.value, depth: depth + 1)) }, "}", depth)
    case .undefined, .namespace, .macro: throw JinjaError("tojson of what no JSON holds")
    }
  }

  private func enclosed(_ open: String, _ parts: [String], _ close: String, _ depth: Int) -> String {
    guard let indent, !parts.isEmpty else { return open + parts.joined(separator: ", ") + close }
    let line = { (depth: Int) in "\n" + String(repeating: " ", count: indent * depth) }
    return open + line(depth + 1) + parts.joined(separator: "," + line(depth + 1)) + line(depth) + close
  }

  private func quoted(_ text: String) -> String { JSONText.quoted(text, escapingNonASCII: escapesNonASCII) }
}
