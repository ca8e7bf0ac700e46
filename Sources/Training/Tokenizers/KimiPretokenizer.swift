/// Splits text into the pieces within which Kimi's byte pairs merge.
///
/// By hand, since Swift's expressions have no class intersection. The first alternative that matches is taken, as an
/// expression engine would:
/// 1. a run of Han characters;
/// 2. an optional character that is no line end, letter or number, then capitals, at least one small letter, and an
///    optional English contraction (`'s 't 're 've 'm 'll 'd`, either case);
/// 3. the same with at least one capital and any small letters;
/// 4. one to three numbers;
/// 5. an optional space, other characters, line ends;
/// 6. white space up to its last line end;
/// 7. white space before other white space or the end of the text; 8. white space.
/// Letters and marks without case count as capitals and as small letters; Han characters as neither.
struct KimiPretokenizer {
  private let scalars: [Unicode.Scalar]
  private let classes: [ScalarClass]

  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    classes = scalars.map(ScalarClass.of)
  }

  /// The end of the piece that begins at an index within the text; never the index itself.
  func end(ofPieceAt start: Int) -> Int {
    let first = classes[start]
    if first.contains(.han) { return run(of: .han, from: start) }
    if let end = word(at: start) { return end }
    if first.contains(.number) { return min(run(of: .number, from: start), start + 3) }
    if let end = punctuation(at: start) { return end }
    return whitespace(at: start)
  }

  private func has(_ index: Int, _ wanted: ScalarClass) -> Bool {
    index < classes.count && classes[index].contains(wanted)
  }

  private func run(of wanted: ScalarClass, from start: Int) -> Int {
    var index = start
    while has(index, wanted) { index += 1 }
    return index
  }

  /// Alternatives 2 and 3; each is tried with the leading character first, then without.
  private func word(at start: Int) -> Int? {
    let leads = classes[start].isDisjoint(with: [.newline, .letter, .number])
    if leads, let end = endingSmall(from: start + 1) { return end }
    if let end = endingSmall(from: start) { return end }
    if leads, let end = beginningCapital(from: start + 1) { return end }
    return beginningCapital(from: start)
  }

  private func endingSmall(from start: Int) -> Int? {
    // The capitals take all they can and give back, from the end, until a small letter follows.
    var split = run(of: .upperWord, from: start)
    while split > start, !has(split, .lowerWord) { split -= 1 }
    guard has(split, .lowerWord) else { return nil }
    return contraction(at: run(of: .lowerWord, from: split))
  }

  private func beginningCapital(from start: Int) -> Int? {
    let capitals = run(of: .upperWord, from: start)
    guard capitals > start else { return nil }
    return contraction(at: run(of: .lowerWord, from: capitals))
  }

  /// Behind a contraction, or the index itself. Case folding takes U+017F, the long s, for an s.
  private func contraction(at index: Int) -> Int {
    guard index + 1 < scalars.count, scalars[index] == "'" else { return index }
    let second = index + 2 < scalars.count ? scalars[index + 2] : "\0"
    switch scalars[index + 1] {
    case "s", "S", "\u{17F}", "t", "T", "m", "M", "d", "D": return index + 2
    case "r", "R", "v", "V": return second == "e" || second == "E" ? index + 3 : index
    case "l", "L": return second == "l" || second == "L" ? index + 3 : index
    default: return index
    }
  }

  private func punctuation(at start: Int) -> Int? {
    var index = scalars[start] == " " ? start + 1 : start
    let first = index
    while index < classes.count, classes[index].isDisjoint(with: .spaceLetterOrNumber) { index += 1 }
    return index == first ? nil : run(of: .newline, from: index)
  }

  private func whitespace(at start: Int) -> Int {
    let end = run(of: .space, from: start)
    // Every class is covered above; a scalar outside them all would stand alone.
    guard end > start else { return start + 1 }
    if let last = (start..<end).last(where: { has($0, .newline) }) { return last + 1 }
    return end < classes.count && end - start > 1 ? end - 1 : end
  }
}
