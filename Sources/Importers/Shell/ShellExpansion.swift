import Diagnostics

// What stands for other text: variables, arithmetic, and the few commands whose answer stands in the script.
extension ShellScript {
  /// What a `$…` or a command in backquotes stands for: the fields of an array, or one text.
  mutating func readExpansion(isQuoted: Bool = false) -> [LocatedText] {
    let start = index
    if bytes[index] == UInt8(ascii: "`") {
      index += 1
      while index < limit, bytes[index] != UInt8(ascii: "`") { index += 1 }
      index += 1
      return [unknown(from: start)]
    }
    index += 1
    guard index < limit else { return [one(UInt8(ascii: "$"), at: place(start))] }
    switch bytes[index] {
    case UInt8(ascii: "{"): return readBraces(from: start, isQuoted: isQuoted)
    case UInt8(ascii: "("): return [readParentheses(from: start)]
    case let byte where Self.isOfName(byte, first: true):
      let name = readName()
      return expand(name, allItems: false, from: start)
    case let byte where "0123456789@*#?!$-".utf8.contains(byte):
      index += 1
      return [unknown(from: start)]
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

  mutating func expand(_ name: String, allItems: Bool, from start: Int) -> [LocatedText] {
    switch value(of: name) {
    case .scalar(let text): return counted([text])
    case .array(let items): return counted(allItems ? items : Array(items.prefix(1)))
    case nil: return [unknown(from: start)]
    }
  }

  mutating func counted(_ texts: [LocatedText]) -> [LocatedText] {
    expandedBytes += texts.reduce(texts.count) { $0 + $1.bytes.count }
    if expandedBytes > Self.expansionLimit { isTooLong = true }
    return isTooLong ? [] : texts
  }

  /// `${name}`, `${name[@]}`, `${name[1]}`, `${#name[@]}`, `${name:-default}`, and `${name:=default}`, which sets the
  /// variable as well; anything else is for a running shell.
  mutating func readBraces(from start: Int, isQuoted: Bool) -> [LocatedText] {
    index += 1
    let counts = index < limit && bytes[index] == UInt8(ascii: "#")
    if counts { index += 1 }
    let name = readName()
    let inner = index
    skipNested(to: UInt8(ascii: "}"), from: UInt8(ascii: "{"), opened: start)
    let rest = bytes[min(inner, limit)..<max(min(inner, limit), min(index - 1, limit))]
    guard !name.isEmpty else { return [unknown(from: start)] }
    if counts {
      guard case .array(let items)? = value(of: name), rest.elementsEqual("[@]".utf8) else {
        return [unknown(from: start)]
      }
      return [LocatedText(String(items.count), allAt: place(start))]
    }
    if case .array(let items)? = value(of: name), let item = Self.index(rest), items.indices.contains(item) {
      return counted([items[item]])
    }
    if rest.isEmpty { return expand(name, allItems: false, from: start) }
    if rest.elementsEqual("[@]".utf8) { return expand(name, allItems: true, from: start) }
    if rest.elementsEqual("[*]".utf8) {
      let items = expand(name, allItems: true, from: start)
      return isQuoted ? [Self.joined(items, by: separator)] : items
    }
    for mark in [":-", "-", ":=", "="] where rest.starts(with: mark.utf8) {
      if isSet(name, andNotEmpty: mark.hasPrefix(":")) { return expand(name, allItems: false, from: start) }
      let text = readDefault(inner + mark.utf8.count..<index - 1)
      if mark.hasSuffix("=") { set(name, .scalar(text)) }
      return [text]
    }
    return [unknown(from: start)]
  }

  private func isSet(_ name: String, andNotEmpty: Bool) -> Bool {
    switch value(of: name) {
    case .scalar(let text): !andNotEmpty || !text.isEmpty
    case .array(let items): !andNotEmpty || !items.isEmpty
    case nil: false
    }
  }

  /// `[1]`.
  private static func index(_ bytes: ArraySlice<UInt8>) -> Int? {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasPrefix("[") && text.hasSuffix("]") ? Int(text.dropFirst().dropLast()) : nil
  }

  /// What joins the items of an array in one text: the first character of `IFS`.
  private var separator: [UInt8] {
    guard case .scalar(let text)? = value(of: "IFS"), text.unknown == nil else { return [UInt8(ascii: " ")] }
    return Array(text.bytes.prefix(1))
  }

  /// The default of `${name:-default}`, which may hold expansions of its own.
  mutating func readDefault(_ range: Range<Int>) -> LocatedText {
    let end = index
    index = range.lowerBound
    var text = LocatedText()
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: "$"), index + 1 < range.upperBound {
        for value in readExpansion() { text.append(value) }
      } else {
        if bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "'") {
          text.append(bytes[index], at: place(index))
        }
        index += 1
      }
    }
    index = end
    return text
  }

  /// `$((…))` of whole numbers, or `$(…)`, which is a command.
  mutating func readParentheses(from start: Int) -> LocatedText {
    let isArithmetic = index + 1 < limit && bytes[index + 1] == UInt8(ascii: "(")
    let inner = index + 2
    index += 1
    skipNested(to: UInt8(ascii: ")"), from: UInt8(ascii: "("), opened: start)
    guard index <= limit, !isTooLong else { return unknown(from: start) }
    guard isArithmetic else { return answer(of: inner - 1..<index - 1, from: start) ?? unknown(from: start) }
    guard index - 2 > inner, let number = number(of: String(decoding: bytes[inner..<index - 2], as: UTF8.self)) else {
      return unknown(from: start)
    }
    // All of it stands where the expression does.
    return LocatedText(String(number), allAt: place(start))
  }

  /// What a command in `$(…)` prints, where its text says it: the folder of the script, `echo`, `seq`.
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
    (commandCount, expandedBytes, isTooLong) = (inner.commandCount, inner.expandedBytes, inner.isTooLong)
    guard inner.unclosed == nil, inner.commands.count == 1, let command = inner.commands.first,
      command.allSatisfy({ $0.unknown == nil })
    else { return nil }
    switch command[0].text {
    case "echo":
      var words = command.dropFirst()
      if words.first?.text == "-n" { words.removeFirst() }
      return Self.joined(Array(words), by: [UInt8(ascii: " ")])
    case "seq":
      let numbers = command.dropFirst().compactMap { Int($0.text) }
      guard numbers.count == command.count - 1, (1...3).contains(numbers.count) else { return nil }
      let (first, last) = (numbers.count > 1 ? numbers[0] : 1, numbers[numbers.count - 1])
      let step = numbers.count == 3 ? numbers[1] : 1
      guard step != 0, (last - first) / step < 10_000 else { return nil }
      let texts = stride(from: first, through: last, by: step).map { String($0) }
      return LocatedText(texts.joined(separator: " "), allAt: place(start))
    default: return nil
    }
  }

  static func joined(_ texts: [LocatedText], by separator: [UInt8]) -> LocatedText {
    var result = LocatedText()
    for (number, text) in texts.enumerated() {
      if number > 0 { for byte in separator { result.append(byte, at: text.range.start) } }
      result.append(text)
    }
    return result
  }

  /// Goes behind the bracket that closes the one before; quotes in between are passed over.
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
}
