/// What is wrong with the text of a layout, and where.
public struct LayoutSyntaxError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A character that means nothing in a layout, and the letter that was probably meant.
    case unknownCharacter(Character?)
    /// A blank, tab or line break.
    case blank
    /// `(tt)` without `*n` behind it.
    case groupWithoutCount
    /// A group within a group.
    case nestedGroup
    /// `()`.
    case emptyGroup
    /// `(` that no `)` closes.
    case unclosedGroup
    /// `)` that no `(` opens.
    case unopenedGroup
    /// `*` without a number behind it.
    case repetitionWithoutCount
    /// `*` with nothing before it.
    case repetitionOfNothing
    /// `t*2*3`.
    case chainedRepetition
    /// A number that is not behind `*`.
    case strayNumber
    /// A repetition that unrolls beyond the limits.
    case tooLongRepetition
    case tooManyElements
    case tooManyStages
    case textTooLong
  }

  public let kind: Kind
  /// UTF-8 offsets in the text as it was given, commas included.
  public let range: Range<Int>
  /// The part of the text that `range` covers, cut short where it is long.
  public let excerpt: String

  init(_ kind: Kind, at range: Range<Int>, in text: String) {
    self.kind = kind
    self.range = range
    let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    let end = text.utf8.index(start, offsetBy: range.count)
    let scalars = text.unicodeScalars[start..<end]
    let shown = scalars.prefix(24)
    excerpt = String(shown) + (shown.endIndex < scalars.endIndex ? "..." : "")
  }
}

extension LayoutSyntaxError {
  /// Explains a character that survived both passes of the parser and is no element. `written` is the text without commas.
  static func diagnose(_ scalar: SourceScalar, written: [SourceScalar], in text: String) -> LayoutSyntaxError {
    guard let index = written.firstIndex(of: scalar) else {
      return LayoutSyntaxError(.unknownCharacter(nil), at: scalar.range, in: text)
    }
    let error = { (kind: Kind, end: Int) in
      LayoutSyntaxError(kind, at: scalar.range.join(written[end].range), in: text)
    }
    switch scalar.value {
    case "(":
      let rest = written[(index + 1)...]
      guard let close = rest.firstIndex(where: { $0.value == ")" }) else { return error(.unclosedGroup, index) }
      if close == index + 1 { return error(.emptyGroup, close) }
      let isNested = depth(before: index, in: written) > 0 || rest[..<close].contains { $0.value == "(" }
      return error(isNested ? .nestedGroup : .groupWithoutCount, isNested ? index : close)
    case ")":
      return error(depth(before: index, in: written) > 0 ? .nestedGroup : .unopenedGroup, index)
    case "*":
      guard index > 0 else { return error(.repetitionOfNothing, index) }
      guard index + 1 < written.count, written[index + 1].value.decimalDigit != nil else {
        return error(.repetitionWithoutCount, index)
      }
      return error(
        written[index - 1].value.decimalDigit != nil ? .chainedRepetition : .repetitionOfNothing,
        endOfNumber(from: index + 1, in: written))
    case let value where value.decimalDigit != nil:
      return error(.strayNumber, endOfNumber(from: index, in: written))
    case let value where value.properties.isWhitespace:
      return error(.blank, index)
    default:
      let next = index + 1 < written.count ? written[index + 1].value : nil
      return error(.unknownCharacter(intended(scalar.value, before: next)), index)
    }
  }

  private static func depth(before index: Int, in written: [SourceScalar]) -> Int {
    written[..<index].reduce(0) { depth, scalar in
      switch scalar.value {
      case "(": depth + 1
      case ")": max(0, depth - 1)
      default: depth
      }
    }
  }

  private static func endOfNumber(from index: Int, in written: [SourceScalar]) -> Int {
    (written[index...].firstIndex { $0.value.decimalDigit == nil } ?? written.count) - 1
  }

  private static func intended(_ value: Unicode.Scalar, before next: Unicode.Scalar?) -> Character? {
    switch value {
    case "e": "E"
    case "l": "L"
    case "T", "d", "D": "t"
    case "M": "m"
    case "[", "{": "("
    case "]", "}": ")"
    case "x", "X", "\u{D7}", "\u{B7}": next?.decimalDigit == nil ? nil : "*"
    case "/", "\\", ";", ":": "|"
    default: nil
    }
  }
}
