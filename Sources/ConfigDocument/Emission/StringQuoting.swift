/// A string in double quotes, in a form that is the same to YAML and JSON.
///
/// Printable characters beyond ASCII stay as they are; control characters, the line breaks of Unicode, byte order marks
/// and noncharacters become escapes, and so do controls of direction, which would show a line in another order than it is
/// read in.
func doubleQuoted(_ text: String) -> String {
  var result = ""
  appendDoubleQuoted(text, to: &result)
  return result
}

/// The same at the end of a text.
func appendDoubleQuoted(_ text: String, to result: inout String) {
  // Nearly every string is printable ASCII.
  let needsNoEscape = text.utf8.allSatisfy {
    $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
  }
  result += "\""
  defer { result += "\"" }
  if needsNoEscape {
    result += text
    return
  }
  // What needs no escape goes over in runs.
  var start = text.startIndex
  for index in text.unicodeScalars.indices {
    guard let escape = text.unicodeScalars[index].escape else { continue }
    result += text[start..<index]
    result += escape
    start = text.unicodeScalars.index(after: index)
  }
  result += text[start...]
}

extension Unicode.Scalar {
  /// What stands for it between double quotes; `nil` where it stands for itself.
  fileprivate var escape: String? {
    switch self {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\0"..<" ", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}",
      _ where isDirectionControl:
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: return nil
    }
  }

  /// Marks, embeddings, overrides and isolates of the bidirectional algorithm (Unicode annex 9).
  var isDirectionControl: Bool {
    switch value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

/// A string as YAML: bare where every reader takes the bare form for that very string, in double quotes everywhere else.
///
/// Bare are words, names and paths: they begin with a letter, `_` or `/`, hold no character that means something to
/// YAML, and are none of the words that some version of YAML reads as a boolean, null or a number. So nothing that
/// begins with a digit, a sign or a point is ever bare.
func yamlString(_ text: String) -> String {
  isSafeBare(text) ? text : doubleQuoted(text)
}

private func isSafeBare(_ text: String) -> Bool {
  let bytes = text.utf8
  guard let first = bytes.first, let last = bytes.last, bytes.count <= 120 else { return false }
  guard first.isASCIILetter || first.isUnderscore || first == UInt8(ascii: "/"), last != UInt8(ascii: " ") else {
    return false
  }
  return bytes.allSatisfy(isBareByte) && !(bytes.count <= 8 && notBareWords.contains(text.lowercased()))
}

private func isBareByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
    UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "|"), UInt8(ascii: "@"),
    UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "$"), UInt8(ascii: " "):
    true
  default: false
  }
}

/// Booleans and nulls of YAML 1.1 and 1.2 in any case, and what languages call their infinities.
private let notBareWords: Set<String> = [
  "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nil", "nan", "inf", "infinity",
]
