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

extension LayoutSyntaxError: CustomStringConvertible {
  /// What is wrong.
  public var description: String {
    switch kind {
    case .unknownCharacter: "'\(excerpt)' is not a layer: a layout is made of E, t, m, L, | and repetitions"
    case .blank: "a layout contains no blanks or line breaks"
    case .groupWithoutCount: "the group '\(excerpt)' has no '*n' behind it"
    case .nestedGroup: "groups cannot stand inside groups"
    case .emptyGroup: "the group '()' is empty"
    case .unclosedGroup: "'(' is never closed"
    case .unopenedGroup: "')' closes no group"
    case .repetitionWithoutCount: "'*' needs a number behind it"
    case .repetitionOfNothing: "'*' repeats nothing: no character stands before it"
    case .chainedRepetition: "a repetition cannot be repeated again"
    case .strayNumber: "the number '\(excerpt)' does not follow '*'"
    case .tooLongRepetition, .tooManyElements:
      "'\(excerpt)' unrolls to more than \(TopologyLimits.elements) layers"
    case .tooManyStages: "the layout has more than \(TopologyLimits.stages) stages"
    case .textTooLong: "the layout is longer than \(TopologyLimits.scalars) characters"
    }
  }

  /// What would be right; `nil` where nothing better than the message can be said.
  public var help: String? {
    switch kind {
    case .unknownCharacter(let meant?): "write '\(meant)'"
    case .unknownCharacter(nil): "E is the embedding, t a decoder layer, m an MTP layer, L the loss, | ends a stage"
    case .blank: "remove it; commas may stand between elements"
    case .groupWithoutCount: "write how often it is repeated, as in '(tt|)*3', or remove the parentheses"
    case .nestedGroup: "write the inner group out"
    case .emptyGroup: "put at least one element into it, or remove it"
    case .unclosedGroup: "close it and say how often it is repeated, as in '(tt|)*3'"
    case .unopenedGroup: "remove it, or open the group with '('"
    case .repetitionWithoutCount: "write how often, as in 't*4'"
    case .repetitionOfNothing: "write what is repeated, as in 't*4'"
    case .chainedRepetition: "multiply the numbers: 't*6' instead of 't*2*3'"
    case .strayNumber: "write 't*\(excerpt)' for \(excerpt) decoder layers"
    case .tooLongRepetition, .tooManyElements, .tooManyStages, .textTooLong: nil
    }
  }

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
