/// The difference of two texts as `diff -u` writes it, which `patch` reads.
package enum UnifiedDiff {
  /// Lines around a change that are shown.
  private static let context = 3

  /// - Returns: empty where the texts are the same.
  package static func text(from old: String, to new: String, name: String, style: TerminalStyle = .plain) -> String {
    let (before, after) = (Self.lines(of: old), Self.lines(of: new))
    let lines = aligned(before, after)
    guard lines.contains(where: { $0.sign != " " }) else { return "" }
    var text = style.paint("--- \(name)", .strong) + "\n" + style.paint("+++ \(name)", .strong) + "\n"
    for hunk in hunks(of: lines) { text += Self.text(of: lines[hunk], style) }
    return text
  }

  private struct Line {
    let sign: Character
    let text: Substring
    /// The numbers of the next line of each text, from 1.
    let old: Int
    let new: Int
  }

  /// Lines with their ends, so that a text that lacks the last one is told from one that has it.
  private static func lines(of text: String) -> [Substring] {
    var lines: [Substring] = []
    var rest = text[...]
    while !rest.isEmpty {
      let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")).map { rest.utf8.index(after: $0) } ?? rest.endIndex
      lines.append(rest[..<end])
      rest = rest[end...]
    }
    return lines
  }

  private static func aligned(_ before: [Substring], _ after: [Substring]) -> [Line] {
    let difference = after.difference(from: before)
    var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var (lines, old, new): ([Line], Int, Int) = ([], 0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        lines.append(Line(sign: "-", text: before[old], old: old + 1, new: new + 1))
        old += 1
      } else if inserted.contains(new) {
        lines.append(Line(sign: "+", text: after[new], old: old + 1, new: new + 1))
        new += 1
      } else {
        lines.append(Line(sign: " ", text: before[old], old: old + 1, new: new + 1))
        old += 1
        new += 1
      }
    }
    return lines
  }

  /// Runs of lines with a change in them, and what stands around.
  private static func hunks(of lines: [Line]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for index in lines.indices where lines[index].sign != " " {
      let (start, end) = (max(0, index - context), min(lines.count, index + context + 1))
      if let last = hunks.last, start <= last.upperBound {
        hunks[hunks.count - 1] = last.lowerBound..<end
      } else {
        hunks.append(start..<end)
      }
    }
    return hunks
  }

  private static func text(of lines: ArraySlice<Line>, _ style: TerminalStyle) -> String {
    let old = range(lines.first?.old ?? 1, lines.count { $0.sign != "+" })
    let new = range(lines.first?.new ?? 1, lines.count { $0.sign != "-" })
    var text = style.paint("@@ -\(old) +\(new) @@", .frame) + "\n"
    for line in lines {
      let hasEnd = line.text.utf8.last == UInt8(ascii: "\n")
      let shown = String(line.sign) + (hasEnd ? line.text.dropLast() : line.text)
      switch line.sign {
      case "-": text += style.paint(shown, .removed)
      case "+": text += style.paint(shown, .added)
      default: text += shown
      }
      text += hasEnd ? "\n" : "\n\\ No newline at end of file\n"
    }
    return text
  }

  /// Where no line is left, the number is that of the one before.
  private static func range(_ first: Int, _ count: Int) -> String { "\(count == 0 ? first - 1 : first),\(count)" }
}
