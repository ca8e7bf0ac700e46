/// What a piece of text is, for those who paint it.
package enum TextRole: UInt32, Sendable, CaseIterable {
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
///
/// Painted text holds marks, not escape sequences: ``terminalText(_:)``, at the door to the stream, makes colours of these
/// marks and pictures of every escape that the text itself holds.
package struct TerminalStyle: Sendable {
  package let isColoured: Bool
  /// Columns of the terminal; `nil` where lines may be as long as they are.
  package let width: Int?

  package init(isColoured: Bool, width: Int? = nil) {
    self.isColoured = isColoured
    self.width = width
  }

  /// Columns of a paragraph.
  package var textWidth: Int { min(80, width ?? 80) }

  package static let plain = TerminalStyle(isColoured: false)

  package func paint(_ text: String, _ role: TextRole) -> String {
    guard isColoured, !text.isEmpty else { return text }
    var painted = ""
    paint(text, role, to: &painted)
    return painted
  }

  /// The same at the end of a text.
  func paint(_ text: String, _ role: TextRole, to result: inout String) {
    paint(role, in: &result) { $0 += text }
  }

  /// The same of what is written there, which must be something.
  func paint(_ role: TextRole, in result: inout String, _ write: (inout String) -> Void) {
    if isColoured { result += Self.mark(role.rawValue) }
    write(&result)
    if isColoured { result += Self.mark(Self.end) }
  }

  /// What goes to the stream.
  package func terminalText(_ text: String) -> String {
    guard isColoured else { return ShownText.of(text) }
    var result = ""
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let sequence = Self.sequence(of: scalar) else {
        plain.append(scalar)
        continue
      }
      result += ShownText.of(String(plain)) + sequence
      plain = String.UnicodeScalarView()
    }
    return result + ShownText.of(String(plain))
  }

  // Noncharacters, which Unicode keeps for the inside of programs.
  private static let firstMark: UInt32 = 0xFDD0
  /// Behind the number of the last role.
  private static let end: UInt32 = 0x1F

  private static func mark(_ number: UInt32) -> String {
    Unicode.Scalar(firstMark + number).map { String(Character($0)) } ?? ""
  }

  private static func sequence(of scalar: Unicode.Scalar) -> String? {
    guard (firstMark...firstMark + end).contains(scalar.value) else { return nil }
    let number = scalar.value - firstMark
    return number == end ? "\u{1B}[0m" : TextRole(rawValue: number)?.sequence
  }
}

extension TextRole {
  fileprivate var sequence: String {
    let code =
      switch self {
      case .error: "1;31"
      case .warning: "1;33"
      case .note: "1;36"
      case .help: "36"
      case .frame: "1;34"
      case .strong: "1"
      case .added: "32"
      case .removed: "31"
      }
    return "\u{1B}[\(code)m"
  }
}
