import Diagnostics

// What stands for other text: `$name`, `$((…))` and commands whose answer stands in the script.
extension ShellScript {
  /// What a `$…` or a command in backquotes stands for: the fields of an array, or one text.
  mutating func readExpansion(isQuoted: Bool = false) -> [LocatedText] {
    let start = index
    if bytes[index] == UInt8(ascii: "`") {
      index += 1
      while index < limit, bytes[index] != UInt8(ascii: "`") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
      index = min(index + 1, limit)
      return counted([answer(of: start + 1..<max(start + 1, index - 1), from: start) ?? unknown(from: start)])
    }
    index += 1
    guard index < limit else { return [one(UInt8(ascii: "$"), at: place(start))] }
    switch bytes[index] {
    case UInt8(ascii: "{"): return readBraces(from: start, isQuoted: isQuoted)
    case UInt8(ascii: "("): return counted([readParentheses(from: start)])
    case UInt8(ascii: "'") where !isQuoted: return [readEscaped()]
    case UInt8(ascii: "\"") where !isQuoted: return readDoubleQuoted()
    case let byte where Self.isOfName(byte, first: true):
      let name = readName()
      return expand(parameter(name), from: start)
    case let byte where "0123456789@*#?!$-".utf8.contains(byte):
      index += 1
      return readSpecial(byte, isQuoted: isQuoted, from: start)
    default: return [one(UInt8(ascii: "$"), at: place(start))]
    }
  }

  mutating func readName() -> String {
    let start = index
    while index < limit, Self.isOfName(bytes[index], first: index == start) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  func unknown(from start: Int) -> LocatedText {
    var text = LocatedText()
    text.appendUnknown(SourceRange(place(start), place(min(index, limit))))
    return text
  }

  /// `$1`, `$@`, `$#`.
  private mutating func readSpecial(_ byte: UInt8, isQuoted: Bool, from start: Int) -> [LocatedText] {
    switch byte {
    case UInt8(ascii: "#"):
      guard let positional else { return [unknown(from: start)] }
      return [LocatedText(String(positional.count), allAt: place(start))]
    case UInt8(ascii: "*") where isQuoted:
      guard let positional else { return [unknown(from: start)] }
      return counted([Self.joined(positional, by: separator)])
    default: return expand(parameter(String(decoding: [byte], as: UTF8.self)), allItems: true, from: start)
    }
  }

  /// A variable, or what a function is given; `nil` where nobody knows it.
  func parameter(_ name: String) -> Value? {
    if name == "@" || name == "*" { return positional.map { .array($0) } }
    guard let number = Int(name) else { return value(of: name) }
    guard let positional, number > 0 else { return nil }
    return .scalar(number <= positional.count ? positional[number - 1] : LocatedText())
  }

  mutating func expand(_ value: Value?, allItems: Bool = false, from start: Int) -> [LocatedText] {
    switch value {
    case .scalar(let text): return counted([text])
    case .array(let items): return counted(allItems ? items : Array(items.prefix(1)))
    case .table(let table) where allItems: return counted(table.items.map(\.value))
    case .table, nil: return [unknown(from: start)]
    }
  }

  mutating func counted(_ texts: [LocatedText]) -> [LocatedText] {
    spend(texts.reduce(texts.count * 32) { $0 + $1.bytes.count })
    return isTooLong ? [] : texts
  }

  /// Counts what expansions make, and what is read once more: the rounds of loops, functions, other files. What an
  /// expansion has made is not counted again where it is read as commands.
  mutating func spend(_ more: Int) {
    work = work > Self.workLimit ? work : work + min(more, Self.workLimit + 1)
    if work > Self.workLimit {
      noteExcess("the script's loops and variables expand to too much text", at: place(min(index, limit)))
    }
  }

  /// What joins the items of an array in one text: the first character of `IFS`.
  var separator: [UInt8] {
    guard case .scalar(let text)? = value(of: "IFS"), text.unknown == nil else { return [UInt8(ascii: " ")] }
    return Array(text.bytes.prefix(1))
  }

  /// Text of a part of the script, which may hold expansions; its quotes are left out.
  ///
  /// - Parameter isQuoted: whether it stands between double quotes, where others are none.
  mutating func readDefault(_ range: Range<Int>, isQuoted: Bool = false) -> LocatedText {
    let end = index
    index = range.lowerBound
    var text = LocatedText()
    var isQuoted = isQuoted
    while index < range.upperBound {
      switch bytes[index] {
      case UInt8(ascii: "$") where index + 1 < range.upperBound, UInt8(ascii: "`") where index + 1 < range.upperBound:
        text.append(Self.joined(readExpansion(isQuoted: isQuoted), by: [UInt8(ascii: " ")]))
      case UInt8(ascii: "\""):
        isQuoted.toggle()
        index += 1
      case UInt8(ascii: "'") where !isQuoted: text.append(readSingleQuoted())
      default: readByte(into: &text)
      }
    }
    index = end
    return text
  }

  /// `$((…))` of whole numbers, or `$(…)`, which is a command.
  private mutating func readParentheses(from start: Int) -> LocatedText {
    let isArithmetic = index + 1 < limit && bytes[index + 1] == UInt8(ascii: "(")
    let inner = index + 2
    index += 1
    skipNested(to: UInt8(ascii: ")"), from: UInt8(ascii: "("), opened: start)
    guard index <= limit, !isTooLong else { return unknown(from: start) }
    guard isArithmetic else { return answer(of: inner - 1..<index - 1, from: start) ?? unknown(from: start) }
    guard index - 2 > inner, let number = number(in: inner..<index - 2) else { return unknown(from: start) }
    // All of it stands where the expression does.
    return LocatedText(String(number), allAt: place(start))
  }

  /// `$'a\n'`.
  private mutating func readEscaped() -> LocatedText {
    let start = index
    index += 1
    var text = LocatedText()
    while index < limit, bytes[index] != UInt8(ascii: "'") {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < limit {
        text.append(Self.escapes[bytes[index + 1]] ?? bytes[index + 1], at: place(index))
        index += 2
      } else {
        readByte(into: &text)
      }
    }
    if index >= limit { unclosed = unclosed ?? ("this quote", SourceRange(place(start), place(start) + 1)) }
    index += 1
    return text
  }

  static func joined(_ texts: [LocatedText], by separator: [UInt8]) -> LocatedText {
    var result = LocatedText()
    for (number, text) in texts.enumerated() {
      if number > 0 { for byte in separator { result.append(byte, at: text.range.start) } }
      result.append(text)
    }
    return result
  }

  /// Goes behind the bracket that closes the one before; what is escaped in between is passed over.
  mutating func skipNested(to close: UInt8, from open: UInt8, opened start: Int) {
    var depth = 1
    while index < limit {
      let byte = bytes[index]
      if byte == close {
        depth -= 1
        if depth == 0 {
          index += 1
          return
        }
      } else if byte == open {
        depth += 1
      } else if byte == UInt8(ascii: "\\") {
        index += 1
      }
      index += 1
    }
    index = limit + 1
    unclosed = unclosed ?? ("this expansion", SourceRange(place(start), place(start) + 1))
  }

  // MARK: Commands

  /// What a command in `$(…)` prints, where its text says it: the folder of the script, `echo`, `seq` and the like.
  private mutating func answer(of range: Range<Int>, from start: Int) -> LocatedText? {
    let text = String(decoding: bytes[range], as: UTF8.self)
    if text.contains("dirname"), text.contains("BASH_SOURCE") || text.contains("$0") || text.contains("${0}") {
      // Up to the folder of the script, and from there as many folders as it goes.
      return LocatedText(text.contains("/..") ? ".." : ".", allAt: place(start))
    }
    guard depth < Self.depthLimit else { return nil }
    var inner = self
    (inner.index, inner.limit, inner.commands) = (range.lowerBound, range.upperBound, [])
    inner.depth += 1
    inner.readCommands(until: [])
    (commandCount, work, excess) = (inner.commandCount, inner.work, inner.excess)
    guard inner.unclosed == nil, inner.commands.count == 1, let command = inner.commands.first,
      case let words = Array(command.dropFirst()),
      command[0].text == "echo" || command[0].text == "cat" || command.allSatisfy({ $0.unknown == nil })
    else { return nil }
    switch command[0].text {
    case "echo":
      return Self.joined(Array(words.drop { $0.text == "-n" || $0.text == "-e" }), by: [UInt8(ascii: " ")])
    case "cat" where words.isEmpty: return inner.input?.withoutLineEnds
    case "printf" where !words.isEmpty && words[0].text != "-v":
      return Self.formatted(words[0], Array(words.dropFirst()))
    case "basename" where !words.isEmpty:
      let name = words[0].dropFirst((words[0].bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)
      let ending = words.count > 1 ? words[1].bytes : []
      return name.bytes.count > ending.count && name.bytes.suffix(ending.count).elementsEqual(ending)
        ? name.prefix(name.bytes.count - ending.count) : name
    case "dirname" where words.count == 1:
      return words[0].bytes.lastIndex(of: UInt8(ascii: "/")).map { words[0].prefix($0) }
    case "expr":
      return number(of: words.map(\.text).joined(separator: " ")).map { LocatedText(String($0), allAt: place(start)) }
    case "seq":
      return Self.sequence(words.map { Int($0.text) }).map { numbers in
        LocatedText(numbers.map { String($0) }.joined(separator: " "), allAt: place(start))
      }
    default: return nil
    }
  }

  /// What `seq` counts.
  private static func sequence(_ words: [Int?]) -> [Int]? {
    let numbers = words.compactMap(\.self)
    guard numbers.count == words.count, (1...3).contains(numbers.count) else { return nil }
    return progression(
      from: numbers.count > 1 ? numbers[0] : 1, through: numbers[numbers.count - 1],
      by: numbers.count == 3 ? numbers[1] : 1)
  }

  static func progression(from first: Int, through last: Int, by step: Int) -> [Int]? {
    let (length, isTooLong) = last.subtractingReportingOverflow(first)
    guard !isTooLong, case (let count, let isNone) = length.dividedReportingOverflow(by: step), !isNone,
      count < itemLimit
    else { return nil }
    // Against the direction of the step there is nothing, and towards zero it is divided.
    guard count > 0 || length == 0 || (length > 0) == (step > 0) else { return [] }
    return (0...count).map { first + $0 * step }
  }
}
