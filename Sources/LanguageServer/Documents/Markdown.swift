import ConfigDocument

/// Texts of configs as parts of Markdown, where they can be nothing but text.
enum Markdown {
  /// A code span: its fence is longer than any run of backticks inside.
  static func code(_ text: String) -> String {
    let text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    var run = 0
    var longest = 0
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    guard longest > 0 else { return "`\(text)`" }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence) \(text) \(fence)"
  }

  /// A value on one line, cut where it is long.
  static func code(_ value: ConfigValue) -> String {
    let text = FlowText.yaml(value)
    let longest = 120
    return code(text.unicodeScalars.count > longest ? String(text.unicodeScalars.prefix(longest)) + "..." : text)
  }
}
