import Diagnostics

// Loops that count, conditions that are known, and commands that change the script's own variables.
extension ShellScript {
  // MARK: Commands of the shell itself

  /// Takes a command as one of the run's, or does what it does to the script.
  mutating func perform(_ words: [LocatedText], from start: Int) {
    commandCount += 1
    if commandCount > Self.commandLimit { isTooLong = true }
    switch words[0].text {
    case ":": break  // Its words may have set variables: `: "${TP:=2}"`.
    case "source", ".":
      if words.count > 1 { source(words[1], from: start) }
    case "let":
      for word in words.dropFirst() { _ = change(by: word.text) }
    case "eval" where words.count > 1: read(Self.joined(Array(words[1...]), by: [UInt8(ascii: " ")]))
    case "printf" where words.count > 3 && words[1].text == "-v" && words[2].unknown == nil:
      set(words[2].text, .scalar(Self.formatted(words[3], Array(words[4...]))))
    default:
      commands.append(words)
      if let inner = Self.script(in: words) { read(inner) }
    }
  }

  /// What `bash -c` and the like are given.
  private static func script(in words: [LocatedText]) -> LocatedText? {
    let texts = words.map(\.text)
    guard
      let shell = texts.firstIndex(where: { ["bash", "sh"].contains($0.split(separator: "/").last) }),
      let option = texts[shell...].firstIndex(where: { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.hasSuffix("c") }),
      option + 1 < words.count, texts[(shell + 1)..<option].allSatisfy({ $0.hasPrefix("-") })
    else { return nil }
    return words[option + 1]
  }

  /// Reads what a text says as commands.
  private mutating func read(_ text: LocatedText) {
    guard depth < Self.depthLimit, !text.bytes.isEmpty else { return }
    let (outer, unclosed) = ((bytes, limit, index, composed), unclosed)
    let composed = ComposedText(text)
    (bytes, limit, index, self.composed) = (composed.bytes, composed.bytes.count, 0, composed)
    depth += 1
    readCommands(until: [])
    depth -= 1
    (bytes, limit, index, self.composed) = outer
    self.unclosed = unclosed
  }

  private mutating func source(_ path: LocatedText, from start: Int) {
    let range = SourceRange(place(start), place(min(index, limit)))
    guard depth < Self.depthLimit, path.unknown == nil, let file = sourcedTexts(path.text) else {
      unreadable.append(path.unknown == nil ? path.text : String(sources.text(in: path.range)))
      return
    }
    let outer = (bytes, limit, index, base, composed)
    (base, composed) = (sources.add(file, sourcedAt: range), nil)
    bytes = Array(file.text.utf8)
    (limit, index) = (bytes.count, 0)
    depth += 1
    readCommands(until: [])
    depth -= 1
    (bytes, limit, index, base, composed) = outer
  }

  /// A format of `printf` with texts alone: `[%s]`.
  private static func formatted(_ format: LocatedText, _ values: [LocatedText]) -> LocatedText {
    var text = LocatedText()
    var rest = values[...]
    var bytes = format.located[...]
    while let (byte, offset) = bytes.popFirst() {
      if byte == UInt8(ascii: "%"), let (kind, _) = bytes.first, "sd".utf8.contains(kind) {
        bytes.removeFirst()
        if let value = rest.popFirst() { text.append(value) }
      } else {
        text.append(byte, at: offset)
      }
    }
    if let unknown = format.unknown { text.appendUnknown(unknown) }
    return text
  }

  // MARK: Blocks

  /// Reads what a keyword begins, where it decides what is read.
  ///
  /// - Returns: whether anything was; otherwise the keyword is passed over like any other.
  mutating func readCompound(_ word: String) -> Bool {
    switch word {
    case "for": return readCountingLoop()
    case "if": return readCondition()
    case "{":
      guard depth < Self.depthLimit else { return false }
      index += word.utf8.count
      depth += 1
      readCommands(until: ["}"])
      depth -= 1
      return true
    case "do":
      openLoops += 1
      return false
    case "done":
      openLoops = max(openLoops - 1, 0)
      return false
    default: return false
    }
  }

  /// `for ((i=0; i<n; i++)); do … done`.
  private mutating func readCountingLoop() -> Bool {
    let start = index
    index += "for".utf8.count
    guard depth < Self.depthLimit, let header = readArithmeticCommand(),
      case let parts = header.split(separator: ";", omittingEmptySubsequences: false).map(String.init),
      parts.count == 3, skipTo("do"), change(by: parts[0])
    else {
      index = start
      return false
    }
    let body = index
    depth += 1
    defer { depth -= 1 }
    while let isOn = number(of: parts[1]), isOn != 0, !isTooLong {
      index = body
      readCommands(until: ["done"])
      guard change(by: parts[2]) else { break }
    }
    if index == body { skipBlock(until: ["done"]) }
    return true
  }

  /// `if CONDITION; then … elif … else … fi`, where the conditions are known.
  private mutating func readCondition() -> Bool {
    let start = index
    index += "if".utf8.count
    guard depth < Self.depthLimit else {
      index = start
      return false
    }
    depth += 1
    defer { depth -= 1 }
    guard var isMet = readTest() else {
      readAlternatives()
      return true
    }
    guard skipTo("then") else {
      index = start
      return false
    }
    var isDone = false
    while true {
      let end: String?
      if isMet, !isDone {
        end = readCommands(until: Self.branchEnds)
        isDone = true
      } else {
        end = skipBlock(until: Self.branchEnds)
      }
      switch end {
      case "elif":
        // One that is not known is taken, unless another one was.
        isMet = readTest() ?? true
        guard skipTo("then") else { return true }
      case "else": isMet = true
      default: return true
      }
    }
  }

  private static let branchEnds = ["elif", "else", "fi"]

  /// The branches of a condition that is not known, from its test to `fi`: each begins where the first one did, and of a
  /// variable that several set the last value counts. What not all of them export is not exported.
  private mutating func readAlternatives() {
    guard readCommands(until: ["then"]) != nil else { return }
    let (before, outer, exportedBefore) = (variables, assigned, exported)
    var changes: [String: Value] = [:]
    /// `nil` before the first branch; without an `else` there is one that does nothing.
    var exportedByAll: Set<String>?
    var (isRead, wasMet, hasElse) = (true, false, false)
    reading: while !isTooLong {
      (variables, assigned, exported) = (before, [], exportedBefore)
      let end = isRead ? readCommands(until: Self.branchEnds) : skipBlock(until: Self.branchEnds)
      if isRead {
        for name in assigned { changes[name] = value(of: name) }
        exportedByAll = exportedByAll?.intersection(exported) ?? exported
      }
      switch end {
      case "elif":
        let isMet = readTest()
        guard readCommands(until: ["then"]) != nil else { break reading }
        isRead = isMet != false && !wasMet
        wasMet = wasMet || isMet == true
      case "else": (isRead, hasElse) = (!wasMet, true)
      default: break reading
      }
    }
    (variables, assigned) = (before, outer)
    exported = hasElse || wasMet ? exportedByAll ?? exportedBefore : exportedBefore
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) { set(name, value) }
  }

  /// Goes to behind the end of a block, and does nothing that stands in it.
  @discardableResult
  private mutating func skipBlock(until ends: [String]) -> String? {
    var end: String?
    withoutEffects { end = $0.readCommands(until: ends) }
    return end
  }

  /// Reads on, and takes back what that did to the script.
  mutating func withoutEffects(_ read: (inout Self) -> Void) {
    let (variables, commands, exported, unreadable) = (variables, commands, exported, unreadable)
    let assigned = assigned
    read(&self)
    (self.variables, self.commands, self.exported, self.unreadable) = (variables, commands, exported, unreadable)
    self.assigned = assigned
  }

  /// Whether the next words are the end of a command and a keyword.
  private mutating func skipTo(_ keyword: String) -> Bool {
    skipBlanks(andLines: true)
    if index < limit, bytes[index] == UInt8(ascii: ";") { index += 1 }
    skipBlanks(andLines: true)
    guard bareWord() == keyword else { return false }
    index += keyword.utf8.count
    return true
  }

  // MARK: Conditions

  /// A test whose outcome is known: `((…))`, `[ … ]`, `[[ … ]]`, `true` or `false`; `nil` for any other, with nothing read.
  mutating func readTest() -> Bool? {
    let start = index
    skipBlanks(andLines: false)
    if let expression = readArithmeticCommand() {
      if let number = number(of: expression) { return number != 0 }
    } else if index < limit, bytes[index] == UInt8(ascii: "[") {
      let isDouble = index + 1 < limit && bytes[index + 1] == UInt8(ascii: "[")
      index += isDouble ? 2 : 1
      var words: [LocatedText] = []
      while index < limit, !isTooLong {
        skipBlanks(andLines: false)
        guard index < limit, !Self.endsCommand(bytes[index]) else { break }
        let before = index
        words += readWord(splits: !isDouble)
        if words.last?.text == (isDouble ? "]]" : "]") {
          if let isMet = Self.isMet(words.dropLast()) { return isMet }
          break
        }
        if index == before { index += 1 }
      }
    } else {
      let words = readWord(splits: true)
      let outcome = words.count == 1 && words[0].unknown == nil ? ["true": true, "false": false][words[0].text] : nil
      if let outcome, index >= limit || "\n;".utf8.contains(bytes[index]) { return outcome }
    }
    index = start
    return nil
  }

  /// `((i += 2))`: a command that changes a variable.
  ///
  /// - Returns: `nil` where none begins here; else it is read, and whether its value is known not to be 0.
  mutating func readArithmetic() -> Bool?? {
    guard let expression = readArithmeticCommand() else { return nil }
    let isMet = number(of: expression).map { $0 != 0 }
    for statement in expression.split(separator: ",") { _ = change(by: String(statement)) }
    return .some(isMet)
  }

  /// `$(( ))` without the dollar: the expression, with the reader behind it.
  private mutating func readArithmeticCommand() -> String? {
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
    return String(decoding: bytes[inner..<index - 2], as: UTF8.self)
  }

  private static func isMet(_ words: ArraySlice<LocatedText>) -> Bool? {
    guard words.allSatisfy({ $0.unknown == nil }) else { return nil }
    let texts = words.map(\.text)
    switch texts.count {
    case 2 where texts[0] == "-z": return texts[1].isEmpty
    case 2 where texts[0] == "-n": return !texts[1].isEmpty
    case 3:
      let (left, right) = (texts[0], texts[2])
      switch texts[1] {
      case "=", "==", "!=":
        // Between double brackets it may be a pattern.
        guard !right.contains(where: { "*?[".contains($0) }) else { return nil }
        return (left == right) == (texts[1] != "!=")
      default: break
      }
      guard let left = Int(left), let right = Int(right) else { return nil }
      switch texts[1] {
      case "-eq": return left == right
      case "-ne": return left != right
      case "-lt": return left < right
      case "-le": return left <= right
      case "-gt": return left > right
      case "-ge": return left >= right
      default: return nil
      }
    default: return nil
    }
  }

  // MARK: Numbers

  func number(of expression: String) -> Int? {
    let numbers = variables.reduce(into: [String: Int]()) { numbers, variable in
      if case .scalar(let text) = variable.value, text.unknown == nil { numbers[variable.name] = Int(text.text) }
    }
    var arithmetic = ShellArithmetic(Array(expression.utf8)) { numbers[$0] }
    return arithmetic.result()
  }

  /// `i=0`, `i++`, `i+=2`.
  ///
  /// - Returns: whether it is a change of a variable to what is known.
  private mutating func change(by statement: String) -> Bool {
    let text = statement.filter { $0 != " " }
    let name =
      text.hasPrefix("++") || text.hasPrefix("--")
      ? String(text.dropFirst(2)) : String(text.prefix { Self.isOfName($0) })
    let rest = text.hasPrefix("++") || text.hasPrefix("--") ? text.prefix(2) : text.dropFirst(name.count)
    let result: Int? =
      if rest == "++" || rest == "--" {
        number(of: name).map { $0 &+ (rest == "++" ? 1 : -1) }
      } else if rest.hasPrefix("+=") || rest.hasPrefix("-=") {
        number(of: "\(name)\(rest.prefix(1))(\(rest.dropFirst(2)))")
      } else if rest.hasPrefix("=") {
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
