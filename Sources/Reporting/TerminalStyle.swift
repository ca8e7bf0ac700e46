/// What a piece of text is, for those who paint it.
package enum TextRole: Sendable {
  case error
  case warning
  case note
  case help
  /// Line numbers, bars and arrows.
  case frame
  /// A heading, or what the eye should find.
  case strong
  case added
  case removed
}

/// Paints text for a terminal, or leaves it as it is.
package struct TerminalStyle: Sendable {
  package let isColoured: Bool

  package init(isColoured: Bool) { self.isColoured = isColoured }

  package static let plain = TerminalStyle(isColoured: false)

  package func paint(_ text: String, _ role: TextRole) -> String {
    guard isColoured, !text.isEmpty else { return text }
    let code =
      switch role {
      case .error: "1;31"
      case .warning: "1;33"
      case .note: "1;36"
      case .help: "36"
      case .frame: "1;34"
      case .strong: "1"
      case .added: "32"
      case .removed: "31"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
