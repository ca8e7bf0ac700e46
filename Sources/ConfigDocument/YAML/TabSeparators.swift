/// The tabs of a text that stand between its tokens. libyaml takes them for blanks, and PyYAML, which is written in
/// Python and reads YAML for Megatron, refuses them: `size:<tab>1` has no value there.
struct TabSeparators {
  /// Scalars that may hold tabs: quoted texts whole, text blocks behind their first line.
  private var texts: [Range<Int>] = []

  mutating func note(_ event: YAMLEvent, _ bytes: TextBytes) {
    guard case .scalar(let form, _) = event.kind else { return }
    switch form {
    case .plain: return
    case .quoted: texts.append(event.start..<event.end)
    case .block:
      let header = bytes.lineEnd(bytes.skipProperties(event.start))
      if header < event.end { texts.append(header..<event.end) }
    }
  }

  /// Runs of tabs and what is beside them of blanks, in the order of the text.
  func ranges(in bytes: TextBytes) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var rest = texts[...]
    var offset = 0
    while offset < bytes.count {
      if let text = rest.first, offset >= text.lowerBound {
        rest = rest.dropFirst()
        offset = max(offset, text.upperBound)
        continue
      }
      switch bytes[offset] {
      case UInt8(ascii: "#") where offset == 0 || bytes.isBlank(offset - 1) || bytes.isLineBreak(offset - 1):
        offset = bytes.lineEnd(offset)
      case 0x09:
        var start = offset
        while start > 0, bytes[start - 1] == 0x20 { start -= 1 }
        offset = bytes.skipBlanks(offset)
        result.append(start..<offset)
      default: offset += 1
      }
    }
    return result
  }
}
