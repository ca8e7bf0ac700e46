import Diagnostics

/// What a shell script runs, as far as its text alone says: assignments, strings, arrays and their expansion, in the order
/// of the text. Conditions are not decided: the last assignment counts.
///
/// What only a running shell knows (`$(…)`, `$1`, a variable that nothing here sets) is kept as a place in the text.
struct ShellScript {
  /// The words of each command, expanded.
  private(set) var commands: [[LocatedText]] = []
  /// Variables, in the order of their first assignment.
  private(set) var variables: [(name: String, value: Value)] = []
  private(set) var exported: Set<String> = []
  /// A quote or a bracket that nothing closes.
  private(set) var unclosed: (what: String, place: SourceRange)?
  /// Expansions made more text than any script is long.
  private(set) var isTooLong = false

  enum Value {
    case scalar(LocatedText)
    case array([LocatedText])
  }

  private let bytes: [UInt8]
  private var index = 0
  private var expandedBytes = 0

  private static let expansionLimit = 1 << 22

  init(_ file: SourceFile) {
    bytes = Array(file.text.utf8)
    readCommands()
  }

  func value(of name: String) -> Value? { variables.last { $0.name == name }?.value }

  // MARK: Commands

  private mutating func readCommands() {
    while index < bytes.count, !isTooLong {
      skipBlanks(andLines: true)
      guard index < bytes.count else { break }
      let start = index
      let words = readCommand()
      if !words.isEmpty { commands.append(words) }
      // Whatever ended the command: a semicolon, a pipe, a bracket.
      if index == start { index += 1 }
    }
  }

  /// The words up to the end of the command; assignments before the first one are made.
  private mutating func readCommand() -> [LocatedText] {
    var words: [LocatedText] = []
    while index < bytes.count, !isTooLong {
      skipBlanks(andLines: false)
      guard index < bytes.count, !Self.endsCommand(bytes[index]) else { break }
      if bytes[index] == UInt8(ascii: "<") || bytes[index] == UInt8(ascii: ">") {
        skipRedirection()
        continue
      }
      if words.isEmpty, let name = assignedName() {
        readAssignment(to: name)
        continue
      }
      let fields = readWord(splits: true)
      // `2>&1`: the number of the stream is no word.
      if index < bytes.count, "<>".utf8.contains(bytes[index]), fields.count == 1, Int(fields[0].text) != nil {
        continue
      }
      if words.isEmpty, let first = fields.first?.text, fields.count == 1 {
        if Self.keywords.contains(first) { continue }
        if Self.declarations.contains(first) {
          readDeclaration(isExport: first == "export")
          continue
        }
      }
      words += fields
    }
    return words
  }

  private static let keywords: Set<String> = [
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "{", "}", "!", "time", "eval", "exec",
  ]
  private static let declarations: Set<String> = ["export", "declare", "local", "readonly", "typeset"]

  private static func endsCommand(_ byte: UInt8) -> Bool { "\n;&|()".utf8.contains(byte) }

  /// `export NAME`, `export NAME=value`, `declare -a NAME=(…)`.
  private mutating func readDeclaration(isExport: Bool) {
    while index < bytes.count, !isTooLong {
      skipBlanks(andLines: false)
      guard index < bytes.count, !Self.endsCommand(bytes[index]) else { break }
      let name = assignedName()
      if let name {
        readAssignment(to: name)
        if isExport { exported.insert(name) }
      } else {
        let start = index
        let word = readWord(splits: false).first?.text ?? ""
        if isExport { exported.insert(word) }
        if index == start { index += 1 }
      }
    }
  }

  // MARK: Assignments

  /// The name before a `=` or `+=` that begins here.
  private func assignedName() -> String? {
    var end = index
    while end < bytes.count, Self.isOfName(bytes[end], first: end == index) { end += 1 }
    guard end > index, end < bytes.count else { return nil }
    let isAssignment =
      bytes[end] == UInt8(ascii: "=")
      || (bytes[end] == UInt8(ascii: "+") && end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: "="))
    return isAssignment ? String(decoding: bytes[index..<end], as: UTF8.self) : nil
  }

  private static func isOfName(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
  }

  private mutating func readAssignment(to name: String) {
    index += name.utf8.count
    let appends = bytes[index] == UInt8(ascii: "+")
    index += appends ? 2 : 1
    var value: Value
    if index < bytes.count, bytes[index] == UInt8(ascii: "(") {
      value = .array(readArray())
    } else {
      var text = LocatedText()
      for word in readWord(splits: false) { text.append(word) }
      value = .scalar(text)
    }
    if appends, let before = self.value(of: name) { value = Self.joined(before, value) }
    if let place = variables.firstIndex(where: { $0.name == name }) {
      variables[place].value = value
    } else {
      variables.append((name, value))
    }
  }

  private static func joined(_ left: Value, _ right: Value) -> Value {
    switch (left, right) {
    case (.scalar(var text), .scalar(let more)):
      text.append(more)
      return .scalar(text)
    case (.array(let items), .array(let more)): return .array(items + more)
    case (.scalar(let text), .array(let more)): return .array([text] + more)
    case (.array(let items), .scalar(let text)): return .array(items + [text])
    }
  }

  private mutating func readArray() -> [LocatedText] {
    let start = index
    index += 1
    var items: [LocatedText] = []
    while !isTooLong {
      skipBlanks(andLines: true)
      guard index < bytes.count else {
        unclosed = unclosed ?? ("this bracket", SourceRange(start, start + 1))
        return items
      }
      if bytes[index] == UInt8(ascii: ")") {
        index += 1
        return items
      }
      let before = index
      items += readWord(splits: true)
      if index == before { index += 1 }
    }
    return items
  }

  // MARK: Words

  /// One word of the text: none, one or, where expansions are split, several fields.
  private mutating func readWord(splits: Bool) -> [LocatedText] {
    var fields: [LocatedText] = []
    var field: LocatedText?
    func add(_ more: LocatedText) {
      var whole = field ?? LocatedText()
      whole.append(more)
      field = whole
    }
    while index < bytes.count, !isTooLong {
      let byte = bytes[index]
      if Self.endsCommand(byte) || " \t<>".utf8.contains(byte) { break }
      switch byte {
      case UInt8(ascii: "\\"):
        if index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") {
          add(one(bytes[index + 1], at: index + 1))
        }
        index += 2
      case UInt8(ascii: "'"): add(readSingleQuoted())
      case UInt8(ascii: "\""):
        let parts = readDoubleQuoted()
        // `"${a[@]}"` is as many fields as the array has.
        for (number, part) in parts.enumerated() {
          if number > 0 {
            fields.append(field ?? LocatedText())
            field = nil
          }
          add(part)
        }
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        let values = readExpansion()
        guard splits else {
          for (number, value) in values.enumerated() {
            if number > 0 { add(one(UInt8(ascii: " "), at: value.range.start)) }
            add(value)
          }
          continue
        }
        let words = values.flatMap { $0.words() }
        for (number, word) in words.enumerated() {
          if number > 0 {
            fields.append(field ?? LocatedText())
            field = nil
          }
          add(word)
        }
      default:
        add(one(byte, at: index))
        index += 1
      }
    }
    if let field { fields.append(field) }
    return fields
  }

  private func one(_ byte: UInt8, at offset: Int) -> LocatedText {
    var text = LocatedText()
    text.append(byte, at: offset)
    return text
  }

  private mutating func readSingleQuoted() -> LocatedText {
    let start = index
    index += 1
    var text = LocatedText()
    while index < bytes.count, bytes[index] != UInt8(ascii: "'") {
      text.append(bytes[index], at: index)
      index += 1
    }
    if index >= bytes.count { unclosed = unclosed ?? ("this quote", SourceRange(start, start + 1)) }
    index += 1
    return text
  }

  /// The fields that a quoted text makes: one, or as many as an array in it has.
  private mutating func readDoubleQuoted() -> [LocatedText] {
    let start = index
    index += 1
    var fields: [LocatedText] = []
    var text = LocatedText()
    var isField = true
    while index < bytes.count, bytes[index] != UInt8(ascii: "\""), !isTooLong {
      switch bytes[index] {
      case UInt8(ascii: "\\"):
        if index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") {
          if !"\"\\$`".utf8.contains(bytes[index + 1]) { text.append(bytes[index], at: index) }
          text.append(bytes[index + 1], at: index + 1)
        }
        index += 2
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        let values = readExpansion()
        if values.isEmpty, text.isEmpty, index < bytes.count, bytes[index] == UInt8(ascii: "\"") { isField = false }
        for (number, value) in values.enumerated() {
          if number > 0 {
            fields.append(text)
            text = LocatedText()
          }
          text.append(value)
        }
      default:
        text.append(bytes[index], at: index)
        index += 1
      }
    }
    if index >= bytes.count { unclosed = unclosed ?? ("this quote", SourceRange(start, start + 1)) }
    index += 1
    return isField ? fields + [text] : fields
  }

  // MARK: Expansions

  /// What a `$…` or a command in backquotes stands for: the fields of an array, or one text.
  private mutating func readExpansion() -> [LocatedText] {
    let start = index
    if bytes[index] == UInt8(ascii: "`") {
      index += 1
      while index < bytes.count, bytes[index] != UInt8(ascii: "`") { index += 1 }
      index += 1
      return [unknown(from: start)]
    }
    index += 1
    guard index < bytes.count else { return [one(UInt8(ascii: "$"), at: start)] }
    switch bytes[index] {
    case UInt8(ascii: "{"): return readBraces(from: start)
    case UInt8(ascii: "("): return [readParentheses(from: start)]
    case let byte where Self.isOfName(byte, first: true):
      let name = readName()
      return expand(name, allItems: false, from: start)
    case let byte where "0123456789@*#?!$-".utf8.contains(byte):
      index += 1
      return [unknown(from: start)]
    default: return [one(UInt8(ascii: "$"), at: start)]
    }
  }

  private mutating func readName() -> String {
    let start = index
    while index < bytes.count, Self.isOfName(bytes[index], first: index == start) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private func unknown(from start: Int) -> LocatedText {
    var text = LocatedText()
    text.appendUnknown(SourceRange(start, min(index, bytes.count)))
    return text
  }

  private mutating func expand(_ name: String, allItems: Bool, from start: Int) -> [LocatedText] {
    switch value(of: name) {
    case .scalar(let text): return counted([text])
    case .array(let items): return counted(allItems ? items : Array(items.prefix(1)))
    case nil: return [unknown(from: start)]
    }
  }

  private mutating func counted(_ texts: [LocatedText]) -> [LocatedText] {
    expandedBytes += texts.reduce(texts.count) { $0 + $1.bytes.count }
    if expandedBytes > Self.expansionLimit { isTooLong = true }
    return isTooLong ? [] : texts
  }

  /// `${name}`, `${name[@]}`, `${name:-default}`; anything else is for a running shell.
  private mutating func readBraces(from start: Int) -> [LocatedText] {
    index += 1
    let name = readName()
    let inner = index
    skipNested(to: UInt8(ascii: "}"), from: UInt8(ascii: "{"), opened: start)
    let rest = bytes[min(inner, bytes.count)..<max(min(inner, bytes.count), min(index - 1, bytes.count))]
    guard !name.isEmpty else { return [unknown(from: start)] }
    if rest.isEmpty { return expand(name, allItems: false, from: start) }
    if rest.elementsEqual("[@]".utf8) || rest.elementsEqual("[*]".utf8) {
      return expand(name, allItems: true, from: start)
    }
    for mark in [":-", "-", ":=", "="] where rest.starts(with: mark.utf8) {
      if value(of: name) != nil { return expand(name, allItems: false, from: start) }
      return [readDefault(inner + mark.utf8.count..<index - 1)]
    }
    return [unknown(from: start)]
  }

  /// The default of `${name:-default}`, which may hold expansions of its own.
  private mutating func readDefault(_ range: Range<Int>) -> LocatedText {
    let end = index
    index = range.lowerBound
    var text = LocatedText()
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: "$"), index + 1 < range.upperBound {
        for value in readExpansion() { text.append(value) }
      } else {
        if bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "'") {
          text.append(bytes[index], at: index)
        }
        index += 1
      }
    }
    index = end
    return text
  }

  /// `$((…))` of whole numbers, or `$(…)`, which is a command.
  private mutating func readParentheses(from start: Int) -> LocatedText {
    let isArithmetic = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "(")
    let inner = index + 2
    index += 1
    skipNested(to: UInt8(ascii: ")"), from: UInt8(ascii: "("), opened: start)
    guard isArithmetic, index - 2 > inner, index <= bytes.count else { return unknown(from: start) }
    let numbers = variables.reduce(into: [String: Int]()) { numbers, variable in
      if case .scalar(let text) = variable.value, text.unknown == nil { numbers[variable.name] = Int(text.text) }
    }
    var arithmetic = ShellArithmetic(Array(bytes[inner..<index - 2])) { numbers[$0] }
    guard let number = arithmetic.result() else { return unknown(from: start) }
    // All of it stands where the expression does.
    var text = LocatedText()
    for byte in String(number).utf8 { text.append(byte, at: start) }
    return text
  }

  /// Goes behind the bracket that closes the one before; quotes in between are passed over.
  private mutating func skipNested(to close: UInt8, from open: UInt8, opened start: Int) {
    var depth = 1
    while index < bytes.count {
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
    index = bytes.count + 1
    unclosed = unclosed ?? ("this expansion", SourceRange(start, start + 1))
  }

  // MARK: What is passed over

  /// Blanks, continued lines and comments; with `andLines`, ends of lines.
  private mutating func skipBlanks(andLines: Bool) {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "\n") where andLines: index += 1
      case UInt8(ascii: "\\") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n"): index += 2
      case UInt8(ascii: "#"):
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      default: return
      }
    }
  }

  /// `> file`, `2>&1`, or a here-document with its text.
  private mutating func skipRedirection() {
    let isDocument = bytes[index...].starts(with: "<<".utf8) && !bytes[index...].starts(with: "<<<".utf8)
    while index < bytes.count, "<>&-".utf8.contains(bytes[index]) { index += 1 }
    skipBlanks(andLines: false)
    let word = readWord(splits: false).reduce(into: LocatedText()) { $0.append($1) }
    guard isDocument, !word.bytes.isEmpty else { return }
    while index < bytes.count {
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      index += 1
      var end = index
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      guard index < bytes.count else { return }
      if bytes[index..<end].elementsEqual(word.bytes) {
        index = end
        return
      }
    }
  }
}
