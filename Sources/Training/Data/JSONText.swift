/// Writes JSON text: what the run directory, checkpoints and metrics need, and no more.
struct JSONText {
  private(set) var text = ""
  /// Whether a comma is due before the next element, for each open bracket.
  private var pending: [Bool] = []
  /// Spaces a level, or 0 for one line.
  private let indentation: Int

  init(indentation: Int = 0) { self.indentation = indentation }

  private mutating func separate() {
    guard let last = pending.last else { return }
    if last { text += indentation == 0 ? ", " : "," }
    newLine(pending.count)
    pending[pending.count - 1] = true
  }

  private mutating func newLine(_ level: Int) {
    guard indentation > 0 else { return }
    text += "\n"
    text += String(repeating: " ", count: level * indentation)
  }

  private mutating func bracket(_ open: String, _ close: String, _ body: (inout JSONText) throws -> Void) rethrows {
    text += open
    pending.append(false)
    try body(&self)
    if pending.removeLast() { newLine(pending.count) }
    text += close
  }

  /// An object as the whole text or as an array's element.
  mutating func object(_ body: (inout JSONText) throws -> Void) rethrows {
    separate()
    try bracket("{", "}", body)
  }

  private mutating func key(_ key: String) {
    separate()
    text += Self.quoted(key)
    text += ": "
  }

  mutating func object(_ name: String, _ body: (inout JSONText) throws -> Void) rethrows {
    key(name)
    try bracket("{", "}", body)
  }

  mutating func array(_ name: String, _ body: (inout JSONText) throws -> Void) rethrows {
    key(name)
    try bracket("[", "]", body)
  }

  mutating func field(_ name: String, _ value: String) {
    key(name)
    text += Self.quoted(value)
  }

  mutating func field(_ name: String, _ value: Int) {
    key(name)
    text += String(value)
  }

  mutating func field(_ name: String, _ value: Double) {
    key(name)
    text += Self.number(value)
  }

  mutating func field(_ name: String, _ value: Bool) {
    key(name)
    text += value ? "true" : "false"
  }

  mutating func null(_ name: String) {
    key(name)
    text += "null"
  }

  mutating func element(_ value: String) {
    separate()
    text += Self.quoted(value)
  }

  mutating func element(_ value: Int) {
    separate()
    text += String(value)
  }

  /// The shortest text that reads back as the same double; `null` for what JSON cannot say.
  static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

  /// A string in quotes, with the escapes of Python's `json.dumps`.
  ///
  /// - Parameter escapingNonASCII: whether what is no ASCII becomes the escapes of its UTF-16 units.
  static func quoted(_ value: String, escapingNonASCII: Bool = false) -> String {
    var result = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case _ where scalar.value < 0x20 || escapingNonASCII && !scalar.isASCII:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
