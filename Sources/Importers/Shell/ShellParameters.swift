import Diagnostics

// `${…}`: parameters with what is done to them.
extension ShellScript {
  /// `${name}`, `${name[1]}`, `${name[@]}`, `${#name}`, `${!name}` and the operators behind a name; what none of these is
  /// a running shell knows.
  mutating func readBraces(from start: Int, isQuoted: Bool) -> [LocatedText] {
    index += 1
    var sign: UInt8?
    if index + 1 < limit, "#!".utf8.contains(bytes[index]), bytes[index + 1] != UInt8(ascii: "}") {
      sign = bytes[index]
      index += 1
    }
    let name = readParameterName()
    var inner = index
    skipNested(to: UInt8(ascii: "}"), from: UInt8(ascii: "{"), opened: start)
    guard index <= limit, !name.isEmpty, inner < index else { return [unknown(from: start)] }
    let end = index - 1
    var (found, isAll, joins) = (parameter(name), name == "@" || name == "*", name == "*")
    if inner < end, bytes[inner] == UInt8(ascii: "["), let close = closingBracket(of: inner), close < end {
      let key = inner + 1..<close
      inner = close + 1
      joins = bytes[key].elementsEqual("*".utf8)
      isAll = joins || bytes[key].elementsEqual("@".utf8)
      if sign == UInt8(ascii: "!"), isAll { return keys(of: found, from: start) }
      if !isAll { found = item(key, of: found) }
    }
    if sign == UInt8(ascii: "#") { return [count(of: found, isAll: isAll, from: start)] }
    if sign != nil {
      guard case .scalar(let other)? = found, other.unknown == nil else { return [unknown(from: start)] }
      found = parameter(other.text)
    }
    let values = apply(inner..<end, to: found, name, isAll: isAll, isQuoted: isQuoted, from: start)
    return joins && isQuoted ? [Self.joined(values, by: separator)] : values
  }

  /// A name, a number, `@` or `*`.
  private mutating func readParameterName() -> String {
    let start = index
    if index < limit, "@*".utf8.contains(bytes[index]) {
      index += 1
    } else {
      while index < limit, Self.isOfName(bytes[index], first: false) { index += 1 }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func item(_ key: Range<Int>, of value: Value?) -> Value? {
    switch value {
    case .table(let table):
      let key = readDefault(key)
      return key.unknown == nil ? table[key.text].map { .scalar($0) } : nil
    case .array(let items):
      return number(in: key).flatMap { Self.place($0, in: items.count) }.map { .scalar(items[$0]) }
    case .scalar: return number(in: key) == 0 ? value : nil
    case nil: return nil
    }
  }

  private func keys(of value: Value?, from start: Int) -> [LocatedText] {
    switch value {
    case .table(let table): table.items.map { LocatedText($0.key, allAt: place(start)) }
    case .array(let items): items.indices.map { LocatedText(String($0), allAt: place(start)) }
    case .scalar, nil: [unknown(from: start)]
    }
  }

  private func count(of value: Value?, isAll: Bool, from start: Int) -> LocatedText {
    let count: Int? =
      switch value {
      case .array(let items) where isAll: items.count
      case .table(let table) where isAll: table.items.count
      case .scalar(let text) where text.unknown == nil: isAll ? 1 : text.text.count
      case .array(let items): items.first.map(\.text.count)
      default: nil
      }
    return count.map { LocatedText(String($0), allAt: place(start)) } ?? unknown(from: start)
  }

  // MARK: Operators

  private mutating func apply(
    _ range: Range<Int>, to value: Value?, _ name: String, isAll: Bool, isQuoted: Bool, from start: Int
  ) -> [LocatedText] {
    if range.isEmpty { return expand(value, allItems: isAll, from: start) }
    let rest = bytes[range]
    for mark in [":-", "-", ":=", "=", ":+", "+", ":?", "?"] where rest.starts(with: mark.utf8) {
      let isSet = Self.isSet(value, andNotEmpty: mark.hasPrefix(":"))
      let text = range.lowerBound + mark.utf8.count..<range.upperBound
      switch mark.last {
      case "+": return isSet ? [readDefault(text, isQuoted: isQuoted)] : []
      case "?": return expand(value, allItems: isAll, from: start)
      case _ where isSet: return expand(value, allItems: isAll, from: start)
      default:
        let text = readDefault(text, isQuoted: isQuoted)
        if mark.hasSuffix("=") { set(name, .scalar(text)) }
        return [text]
      }
    }
    guard value != nil, case let texts = expand(value, allItems: isAll, from: start),
      !texts.contains(where: Self.isOpen)
    else { return [unknown(from: start)] }
    if rest.first == UInt8(ascii: ":") {
      return part(range.dropFirst(), of: texts, isAll: isAll) ?? [unknown(from: start)]
    }
    let changed = texts.map { change($0, by: range) }
    return changed.contains { $0 == nil } ? [unknown(from: start)] : changed.compactMap(\.self)
  }

  /// Whether nobody knows it, or it is longer than any script needs to be changed.
  private static func isOpen(_ text: LocatedText) -> Bool { text.unknown != nil || text.bytes.count > 1 << 14 }

  private static func isSet(_ value: Value?, andNotEmpty: Bool) -> Bool {
    switch value {
    case .scalar(let text): !andNotEmpty || !text.isEmpty
    case .array(let items): !andNotEmpty ? !items.isEmpty : items.contains { !$0.isEmpty }
    case .table(let table): !table.items.isEmpty
    case nil: false
    }
  }

  /// `:1` or `:1:2`, of the items or of the text.
  private mutating func part(_ range: Range<Int>, of texts: [LocatedText], isAll: Bool) -> [LocatedText]? {
    let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")) ?? range.upperBound
    guard let first = number(in: range.lowerBound..<colon) else { return nil }
    let length = colon < range.upperBound ? number(in: colon + 1..<range.upperBound) : Int.max
    guard let length else { return nil }
    func bounds(_ count: Int) -> Range<Int> {
      let start = min(max(first < 0 ? count + first : first, 0), count)
      let end = length < 0 ? count + length : length < count - start ? start + length : count
      return start..<max(start, end)
    }
    return isAll ? Array(texts[bounds(texts.count)]) : texts.map { $0.part(bounds($0.bytes.count)) }
  }

  /// `#prefix`, `%suffix`, `/from/to`, `,,` and `^^`.
  private mutating func change(_ text: LocatedText, by range: Range<Int>) -> LocatedText? {
    let rest = bytes[range]
    func argument(_ count: Int) -> Range<Int> { range.lowerBound + count..<range.upperBound }
    let marks = ["##", "#", "%%", "%", "//", "/#", "/%", "/", ",,", ",", "^^", "^"]
    guard let mark = marks.first(where: { rest.starts(with: $0.utf8) }) else { return nil }
    let given = argument(mark.utf8.count)
    if mark.hasPrefix("/") { return replace(in: text, mark, given) }
    if ",^".contains(mark.prefix(1)) {
      guard given.isEmpty else { return nil }
      return text.mapped(first: mark.count == 1) { byte in
        let other = String(decoding: [byte], as: UTF8.self)
        return (mark.hasPrefix(",") ? other.lowercased() : other.uppercased()).utf8.first ?? byte
      }
    }
    let pattern = readDefault(given)
    guard pattern.unknown == nil else { return nil }
    let isLongest = mark.count == 2
    let (count, matcher) = (text.bytes.count, ShellPattern(pattern.bytes))
    if mark.hasPrefix("#") {
      let lengths = isLongest ? Array((0...count).reversed()) : Array(0...count)
      return lengths.first { fits(matcher, text.bytes[..<$0]) }.map { text.dropFirst($0) } ?? text
    }
    let starts = isLongest ? Array(0...count) : Array((0...count).reversed())
    return starts.first { fits(matcher, text.bytes[$0...]) }.map { text.prefix($0) } ?? text
  }

  private mutating func replace(in text: LocatedText, _ mark: String, _ range: Range<Int>) -> LocatedText? {
    let slash = range.first { bytes[$0] == UInt8(ascii: "/") && bytes[$0 - 1] != UInt8(ascii: "\\") }
    let pattern = readDefault(range.lowerBound..<(slash ?? range.upperBound))
    let other = slash.map { readDefault($0 + 1..<range.upperBound) } ?? LocatedText()
    guard pattern.unknown == nil else { return nil }
    let (count, matcher) = (text.bytes.count, ShellPattern(pattern.bytes))
    if mark == "/#" || mark == "/%", pattern.isEmpty {
      return Self.joined(mark == "/#" ? [other, text] : [text, other], by: [])
    }
    var result = LocatedText()
    // What was read, and how far the result goes.
    var (start, done) = (0, 0)
    var isDone = pattern.isEmpty
    while start < count, !isDone, mark != "/#" || start == 0, !isTooLong {
      let longest = matcher.isLiteral ? min(start + pattern.bytes.count, count) : count
      let shortest = mark == "/%" || matcher.isLiteral ? longest : start + 1
      guard mark != "/%" || longest == count else {
        start += 1
        continue
      }
      let ends = shortest...longest
      let end = ends.reversed().first { fits(matcher, text.bytes[start..<$0]) }
      guard let end else {
        start += 1
        continue
      }
      result.append(text.part(done..<start))
      result.append(other)
      (start, done) = (end, end)
      isDone = mark != "//"
    }
    result.append(text.part(done..<count))
    return result
  }
}
