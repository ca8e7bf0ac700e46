import Diagnostics

// Tests whose outcome the text says, and numbers.
extension ShellScript {
  /// A part of a test: a word, or a sign that stands outside of quotes.
  private enum TestPart {
    case word(LocatedText)
    case sign(String)

    var text: String {
      switch self {
      case .word(let word): word.text
      case .sign(let sign): sign
      }
    }
  }

  /// A test whose outcome is known: `[ … ]`, `[[ … ]]` or `test …`; `nil` for any other, with nothing read.
  mutating func readTest() -> Bool? {
    let start = index
    let isDouble = bytes[index...].starts(with: "[[".utf8)
    let isNamed = bareWord() == "test"
    guard bytes[index] == UInt8(ascii: "[") || isNamed else { return nil }
    index += isNamed ? "test".utf8.count : isDouble ? 2 : 1
    var parts: [TestPart] = []
    var isClosed = isNamed
    while index < limit, !isTooLong {
      skipBlanks(andLines: isDouble)
      guard index < limit else { break }
      if isDouble,
        let sign = ["&&", "||", "(", ")", "<", ">"].first(where: { bytes[index..<limit].starts(with: $0.utf8) })
      {
        index += sign.utf8.count
        parts.append(.sign(sign))
        continue
      }
      if Self.endsCommand(bytes[index]) || bytes[index] == UInt8(ascii: "<") || bytes[index] == UInt8(ascii: ">") {
        break
      }
      let before = index
      parts += readWord(splits: !isDouble).map { .word($0) }
      if !isNamed, parts.last?.text == (isDouble ? "]]" : "]") {
        parts.removeLast()
        isClosed = true
        break
      }
      if index == before { index += 1 }
    }
    var rest = parts[...]
    guard isClosed, case let isMet = any(of: &rest, hasPatterns: isDouble), rest.isEmpty, let isMet else {
      openOperand = Self.openOperand(of: parts) ?? openOperand
      index = start
      return nil
    }
    return isMet
  }

  /// What nobody knows of what is compared.
  private static func openOperand(of parts: [TestPart]) -> SourceRange? {
    for (left, (sign, right)) in zip(parts, zip(parts.dropFirst(), parts.dropFirst(2))) {
      guard case .word(let left) = left, case .word(let right) = right, comparisons.contains(sign.text) else {
        continue
      }
      if let unknown = left.unknown ?? right.unknown { return unknown }
    }
    return nil
  }

  private mutating func any(of parts: inout ArraySlice<TestPart>, hasPatterns: Bool) -> Bool? {
    var isMet = all(of: &parts, hasPatterns: hasPatterns)
    while let sign = parts.first?.text, sign == "||" || sign == "-o" {
      parts.removeFirst()
      let right = all(of: &parts, hasPatterns: hasPatterns)
      isMet = isMet == true || right == true ? true : isMet == nil || right == nil ? nil : false
    }
    return isMet
  }

  private mutating func all(of parts: inout ArraySlice<TestPart>, hasPatterns: Bool) -> Bool? {
    var isMet = single(of: &parts, hasPatterns: hasPatterns)
    while let sign = parts.first?.text, sign == "&&" || sign == "-a" {
      parts.removeFirst()
      let right = single(of: &parts, hasPatterns: hasPatterns)
      isMet = isMet == false || right == false ? false : isMet == nil || right == nil ? nil : true
    }
    return isMet
  }

  private mutating func single(of parts: inout ArraySlice<TestPart>, hasPatterns: Bool) -> Bool? {
    guard let first = parts.popFirst() else { return nil }
    if case .sign("(") = first {
      let isMet = any(of: &parts, hasPatterns: hasPatterns)
      guard parts.popFirst()?.text == ")" else { return nil }
      return isMet
    }
    guard case .word(let left) = first else { return nil }
    if left.text == "!", left.unknown == nil { return single(of: &parts, hasPatterns: hasPatterns).map { !$0 } }
    if let sign = parts.first?.text, Self.comparisons.contains(sign), parts.count > 1 {
      parts.removeFirst()
      guard case .word(let right)? = parts.popFirst() else { return nil }
      return compare(left, sign, right, hasPatterns: hasPatterns)
    }
    if left.text.count == 2, left.text.hasPrefix("-"), case .word(let word)? = parts.first {
      parts.removeFirst()
      switch left.text {
      case "-z": return word.bytes.isEmpty ? (word.unknown == nil ? true : nil) : false
      case "-n": return word.bytes.isEmpty ? (word.unknown == nil ? false : nil) : true
      case "-v": return value(of: word.text) == nil ? nil : true
      // What is in the file system nobody knows.
      default: return nil
      }
    }
    return left.bytes.isEmpty ? (left.unknown == nil ? false : nil) : true
  }

  private static let comparisons: Set<String> = [
    "=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "<", ">", "-nt", "-ot", "-ef",
  ]

  private mutating func compare(
    _ left: LocatedText, _ sign: String, _ right: LocatedText, hasPatterns: Bool
  ) -> Bool? {
    guard left.unknown == nil, right.unknown == nil else { return nil }
    if sign == "=" || sign == "==" || sign == "!=" {
      // Between double brackets it may be a pattern.
      let isEqual = hasPatterns ? fits(ShellPattern(right.bytes), left.bytes[...]) : left.bytes == right.bytes
      return isEqual == (sign != "!=")
    }
    func whole(_ text: LocatedText) -> Int? { Int(text.text) ?? (hasPatterns ? number(of: text.text) : nil) }
    guard let left = whole(left), let right = whole(right) else { return nil }
    switch sign {
    case "-eq": return left == right
    case "-ne": return left != right
    case "-lt": return left < right
    case "-le": return left <= right
    case "-gt": return left > right
    case "-ge": return left >= right
    default: return nil
    }
  }

  /// Whether a pattern fits a text; no script needs to ask this of long ones again and again.
  mutating func fits(_ pattern: ShellPattern, _ text: ArraySlice<UInt8>) -> Bool {
    if pattern.isLiteral { return text.elementsEqual(pattern.bytes) }
    let (steps, isTooLarge) = text.count.multipliedReportingOverflow(by: pattern.bytes.count)
    spend(isTooLarge ? .max : steps / 16)
    return !isTooLong && pattern.matches(text)
  }

  // MARK: Numbers

  /// `((i += 2))`: a command that changes a variable.
  ///
  /// - Returns: `nil` where none begins here; else it is read, and whether its value is known not to be 0.
  mutating func readArithmetic() -> Bool?? {
    guard let expression = readArithmeticCommand() else { return nil }
    let isMet = number(in: expression).map { $0 != 0 }
    _ = change(in: expression)
    return .some(isMet)
  }

  /// `$(( ))` without the dollar: where the expression stands, with the reader behind it.
  mutating func readArithmeticCommand() -> Range<Int>? {
    let start = index
    skipBlanks(andLines: false)
    guard index + 1 < limit, bytes[index] == UInt8(ascii: "("), bytes[index + 1] == UInt8(ascii: "(") else {
      index = start
      return nil
    }
    let inner = index + 2
    index += 1
    skipNested(to: UInt8(ascii: ")"), from: UInt8(ascii: "("), opened: start)
    guard index <= limit, index - 2 >= inner, bytes[index - 2] == UInt8(ascii: ")") else {
      index = start
      return nil
    }
    return inner..<index - 2
  }

  /// What an expression of the text is, with its expansions.
  mutating func number(in range: Range<Int>) -> Int? { expression(range).flatMap { number(of: $0) } }

  private mutating func expression(_ range: Range<Int>) -> String? {
    guard bytes[range].contains(where: { "$`\"'".utf8.contains($0) }) else {
      return composed == nil || !range.contains(where: { composed?.unknowns[$0] != nil })
        ? String(decoding: bytes[range], as: UTF8.self) : nil
    }
    let text = readDefault(range)
    return text.unknown == nil ? text.text : nil
  }

  func number(of expression: String) -> Int? {
    var arithmetic = ShellArithmetic(Array(expression.utf8)) { name, item in
      let text: LocatedText? =
        switch value(of: name) {
        case .scalar(let text): text
        case .array(let items): Self.place(item ?? 0, in: items.count).map { items[$0] }
        case .table, nil: nil
        }
      return text.flatMap { $0.unknown == nil ? Int($0.text) : nil }
    }
    return arithmetic.result()
  }

  /// `i=0, j++`.
  ///
  /// - Returns: whether each is a change of a variable to what is known, or nothing.
  mutating func change(in range: Range<Int>) -> Bool {
    guard let expression = expression(range) else { return false }
    var isKnown = true
    for statement in expression.split(separator: ",") where !statement.allSatisfy(\.isWhitespace) {
      isKnown = change(by: String(statement)) && isKnown
    }
    return isKnown
  }

  /// `i=0`, `i++`, `i+=2`.
  mutating func change(by statement: String) -> Bool {
    let text = statement.filter { !$0.isWhitespace }
    let name =
      text.hasPrefix("++") || text.hasPrefix("--")
      ? String(text.dropFirst(2)) : String(text.prefix { Self.isOfName($0) })
    let rest = text.hasPrefix("++") || text.hasPrefix("--") ? text.prefix(2) : text.dropFirst(name.count)
    let result: Int? =
      if rest == "++" || rest == "--" {
        number(of: name).map { $0 &+ (rest == "++" ? 1 : -1) }
      } else if let sign = rest.first, "+-*/%".contains(sign), rest.dropFirst().hasPrefix("=") {
        number(of: "\(name)\(sign)(\(rest.dropFirst(2)))")
      } else if rest.hasPrefix("="), !rest.hasPrefix("==") {
        number(of: String(rest.dropFirst()))
      } else {
        nil
      }
    guard let result, !name.isEmpty else { return false }
    set(name, .scalar(LocatedText(String(result), allAt: place(index))))
    return true
  }

  private static func isOfName(_ character: Character) -> Bool {
    character.utf8.allSatisfy { isOfName($0, first: false) }
  }
}
