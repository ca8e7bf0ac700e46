/// Text that may go to a terminal or into a log: what could do something there is shown instead of done.
///
/// Every line that a command prints goes through here, whatever it quotes: configs, file names, arguments, messages of
/// the system.
package enum ShownText {
  /// With pictures of control characters (`␛` for an escape), which could move the cursor, paint or report keys, and with
  /// `\u{FFFD}` for controls of direction, which would show a line in another order than it is read in. Line ends and tabs
  /// stay.
  package static func of(_ text: String) -> String {
    guard mayNeedPictures(text) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(scalar == "\n" || scalar == "\t" ? scalar : picture(of: scalar)) }
    return String(result)
  }

  /// What is shown in place of a character; most stand for themselves.
  static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x00...0x1F: Unicode.Scalar(0x2400 + scalar.value) ?? replacement
    case 0x7F: "\u{2421}"
    case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: replacement
    // What ``TerminalStyle`` marks colours with.
    case 0xFDD0...0xFDEF: replacement
    default: scalar
    }
  }

  private static let replacement: Unicode.Scalar = "\u{FFFD}"

  /// Nearly every text is printable ASCII.
  private static func mayNeedPictures(_ text: String) -> Bool {
    text.utf8.contains { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 || $0 >= 0x7F }
  }
}
