/// A line in the head of a text that this program wrote, with the hash of all other lines: a text that somebody has edited
/// since does not fit its seal any more.
///
/// It is a comment behind the first one, or the first key of a JSON object.
package enum TextSeal {
  package enum State: Sendable {
    /// As it was written.
    case intact
    /// Edited since.
    case broken
    /// Written by somebody else, or in a form that has no room for a seal.
    case missing
  }

  /// The key of a seal in JSON.
  package static let key = "$sha256"
  private static let comment = "# sha256 of the other lines: "
  private static let member = "  \"\(key)\": \""
  /// How many lines are searched for it.
  private static let headLength = 8

  /// The text with its seal; as it is where there is no comment and no object to seal.
  package static func sealed(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let hash = SHA256.hexadecimal(of: Array(text.utf8))
    if lines[0] == "{" {
      lines.insert(Substring(member + hash + "\","), at: 1)
    } else if let first = lines.prefix(2).firstIndex(where: { $0.hasPrefix("#") && !$0.hasPrefix("#!") }) {
      lines.insert(Substring(comment + hash), at: first + 1)
    } else {
      return text
    }
    return lines.joined(separator: "\n")
  }

  /// Whether a text is as it was sealed.
  package static func state(of text: String) -> State {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let index = lines.prefix(headLength).firstIndex(where: { seal(in: $0) != nil }),
      let hash = seal(in: lines[index])
    else { return .missing }
    lines.remove(at: index)
    return SHA256.hexadecimal(of: Array(lines.joined(separator: "\n").utf8)) == hash ? .intact : .broken
  }

  private static func seal(in line: Substring) -> Substring? {
    for (start, end) in [(comment, ""), (member, "\",")] where line.hasPrefix(start) && line.hasSuffix(end) {
      return line.dropFirst(start.count).dropLast(end.count)
    }
    return nil
  }
}
