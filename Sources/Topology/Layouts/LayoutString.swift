/// A layout read from Megatron's string, with the place in the text that each of its elements came from.
public struct WrittenLayout: Hashable, Sendable {
  public let layout: PipelineLayout
  /// For each element of each stage, the UTF-8 offsets of its letter in the text.
  package let ranges: [[Range<Int>]]

  /// The UTF-8 offsets of the letter that an element came from; several elements share one when it was repeated.
  package func range(of position: LayoutPosition) -> Range<Int>? {
    guard ranges.indices.contains(position.stage), ranges[position.stage].indices.contains(position.element) else {
      return nil
    }
    return ranges[position.stage][position.element]
  }
}

extension PipelineLayout {
  /// Reads Megatron's layout string, for example `Et*14|t*13L`.
  ///
  /// The grammar is that of `PipelineParallelLayerLayout.parse_str_to_list` in megatron-core 0.16.1, which is four text
  /// substitutions: delete commas; one pass that repeats groups, `\(([^)]+)\)\*(\d+)`; one pass that repeats single
  /// characters, `(.)\*(\d+)`; split at `|`. So groups do not nest, repetitions do not chain, `t*0` deletes the `t`, and
  /// the text `""` is one empty stage (which the checks of a layout refuse, not the grammar).
  /// Unlike Megatron it refuses what unrolls beyond `TopologyLimits`, before allocating it.
  ///
  /// - Throws: what is wrong with the text, at its place.
  public static func parse(megatron text: String) throws(LayoutSyntaxError) -> WrittenLayout {
    let written = try SourceScalar.scan(text)
    let ungrouped = try unroll(written, pattern: .group, limit: TopologyLimits.scalars)
    let unrolled = try unroll(ungrouped, pattern: .single, limit: TopologyLimits.stages + TopologyLimits.elements)

    var stages: [[LayoutElement]] = [[]]
    var ranges: [[Range<Int>]] = [[]]
    var elements = 0
    for scalar in unrolled {
      if scalar.value == "|" {
        guard stages.count < TopologyLimits.stages else {
          throw LayoutSyntaxError(.tooManyStages, at: scalar.range, in: text)
        }
        stages.append([])
        ranges.append([])
        continue
      }
      guard let element = LayoutElement(letter: scalar.value) else {
        throw LayoutSyntaxError.diagnose(scalar, written: written, in: text)
      }
      elements += 1
      guard elements <= TopologyLimits.elements else {
        throw LayoutSyntaxError(.tooManyElements, at: scalar.range, in: text)
      }
      stages[stages.count - 1].append(element)
      ranges[ranges.count - 1].append(scalar.range)
    }
    return WrittenLayout(layout: PipelineLayout(stages: stages), ranges: ranges)

    func unroll(
      _ scalars: [SourceScalar], pattern: RepetitionPattern, limit: Int
    ) throws(LayoutSyntaxError) -> [SourceScalar] {
      if pattern == .group, !scalars.contains(where: { $0.value == "(" }) { return scalars }
      let groupEnds = pattern == .group ? ends(of: ")", in: scalars) : []
      var result: [SourceScalar] = []
      result.reserveCapacity(scalars.count)
      var index = 0
      while index < scalars.count {
        guard let match = repetition(at: index, of: pattern, in: scalars, groupEnds: groupEnds) else {
          result.append(scalars[index])
          index += 1
          continue
        }
        // A count beyond every limit is -1; nothing repeated that often fits.
        let (added, overflow) = match.body.count.multipliedReportingOverflow(by: match.count)
        guard match.count >= 0, !overflow, added <= limit - result.count else {
          throw LayoutSyntaxError(
            .tooLongRepetition, at: scalars[match.star].range.join(scalars[match.end - 1].range), in: text)
        }
        for _ in 0..<match.count { result += scalars[match.body] }
        index = match.end
      }
      return result
    }
  }
}

/// The two regular expressions of Megatron's parser.
private enum RepetitionPattern {
  /// `\(([^)]+)\)\*(\d+)`
  case group
  /// `(.)\*(\d+)`, where `.` is anything but a line feed.
  case single
}

private struct Repetition {
  let body: Range<Int>
  let star: Int
  /// How often the body is repeated; -1 where the number is beyond every limit.
  let count: Int
  /// Index of the first scalar behind the match.
  let end: Int
}

private func repetition(
  at index: Int, of pattern: RepetitionPattern, in scalars: [SourceScalar], groupEnds: [Int]
) -> Repetition? {
  let body: Range<Int>
  let star: Int
  switch pattern {
  case .group:
    guard scalars[index].value == "(" else { return nil }
    let close = groupEnds[index]
    guard close < scalars.count, close > index + 1 else { return nil }
    body = index + 1..<close
    star = close + 1
  case .single:
    guard scalars[index].value != "\n" else { return nil }
    body = index..<index + 1
    star = index + 1
  }
  guard star < scalars.count, scalars[star].value == "*" else { return nil }
  var end = star + 1
  var count = 0
  while end < scalars.count, let digit = scalars[end].value.decimalDigit {
    if count >= 0 { count = count * 10 + digit }
    if count > TopologyLimits.scalars { count = -1 }
    end += 1
  }
  // Python refuses to convert more digits than this, even zeros.
  let digits = end - star - 1
  guard digits > 0 else { return nil }
  return Repetition(body: body, star: star, count: digits > 4_300 ? -1 : count, end: end)
}

/// For each index, that of the next scalar with this value at or after it; the count of scalars where there is none.
private func ends(of value: Unicode.Scalar, in scalars: [SourceScalar]) -> [Int] {
  var next = scalars.count
  var result = [Int](repeating: next, count: scalars.count)
  for index in scalars.indices.reversed() {
    if scalars[index].value == value { next = index }
    result[index] = next
  }
  return result
}

/// A character of a layout text with the UTF-8 offsets it was written at.
struct SourceScalar: Hashable {
  let value: Unicode.Scalar
  let offset: Int

  var range: Range<Int> { offset..<offset + UTF8.width(value) }

  /// All characters but the commas, which are only for show.
  static func scan(_ text: String) throws(LayoutSyntaxError) -> [SourceScalar] {
    var scalars: [SourceScalar] = []
    var offset = 0
    for value in text.unicodeScalars {
      if value != "," {
        guard scalars.count < TopologyLimits.scalars else {
          throw LayoutSyntaxError(.textTooLong, at: offset..<offset + UTF8.width(value), in: text)
        }
        scalars.append(SourceScalar(value: value, offset: offset))
      }
      offset += UTF8.width(value)
    }
    return scalars
  }
}

extension Unicode.Scalar {
  /// The value of a decimal digit of any script, which is what `\d` and `int` accept in Python.
  var decimalDigit: Int? {
    if isASCII { return ("0"..."9").contains(self) ? Int(value - 0x30) : nil }
    guard properties.numericType == .decimal, let number = properties.numericValue else { return nil }
    return Int(number)
  }
}

extension Range<Int> {
  /// The range from the start of the earlier to the end of the later.
  func join(_ other: Range<Int>) -> Range<Int> {
    Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}
