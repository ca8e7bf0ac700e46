import Diagnostics

/// What a shell script runs, as far as its text alone says: assignments, strings, arrays and their expansion, in the order
/// of the text. Counting loops run; of the other conditions those are decided that compare what is known, and where one is
/// not, the last assignment counts.
///
/// What only a running shell knows (`$(…)`, `$1`, a variable that nothing here sets) is kept as a place in the text.
struct ShellScript {
  /// The words of each command, expanded.
  var commands: [[LocatedText]] = []
  /// Variables, in the order of their first assignment.
  var variables: [(name: String, value: Value)] = []
  var exported: Set<String> = []
  /// A quote or a bracket that nothing closes.
  var unclosed: (what: String, place: SourceRange)?
  /// The first quoted text that goes over the end of a line in the middle of a command: where a quote is left open, the
  /// next one closes it, and the end of the file is far from the mistake.
  var firstLongQuote: SourceRange?
  /// Expansions or loops made more than any script needs.
  var isTooLong = false
  var sources: ScriptSources
  /// Options that stand where a command begins, as they do behind a comment or a blank that ended the one before.
  var strayOptions: [SourceRange] = []
  /// Paths that are sourced and cannot be read.
  var unreadable: [String] = []

  enum Value {
    case scalar(LocatedText)
    case array([LocatedText])
  }

  // Where the reader is: the text, its part that is read, and its first byte's place among all texts.
  var bytes: [UInt8]
  var limit: Int
  var index = 0
  var base = 0
  /// Of a text that was put together, where its bytes stand and what in it is not known.
  var composed: ComposedText?

  /// Loops that the text does not count: what they append is not known.
  var openLoops = 0
  /// The variables that a branch has set.
  var assigned: Set<String> = []
  var depth = 0
  var commandCount = 0
  var expandedBytes = 0
  let sourcedTexts: SourcedTexts

  static let expansionLimit = 1 << 22
  static let commandLimit = 100_000
  static let depthLimit = 16

  init(_ file: SourceFile, sourcing sourcedTexts: @escaping SourcedTexts = { _ in nil }) {
    bytes = Array(file.text.utf8)
    limit = bytes.count
    sources = ScriptSources(file)
    self.sourcedTexts = sourcedTexts
    readCommands(until: [])
  }

  func value(of name: String) -> Value? { variables.last { $0.name == name }?.value }

  /// The place of a byte of the text being read.
  func place(_ index: Int) -> Int { composed?.place(index) ?? base + index }

  // MARK: Commands

  /// Reads to the end of the text, or to one of the words that end a block, where such a command begins.
  ///
  /// - Returns: the word.
  @discardableResult
  mutating func readCommands(until ends: [String]) -> String? {
    // Of `TEST && COMMAND || COMMAND`: what came of it so far, and whether the next command runs.
    var (outcome, runs): (Bool?, Bool) = (nil, true)
    while index < limit, !isTooLong {
      skipBlanks(andLines: true)
      guard index < limit else { break }
      if let word = bareWord(), ends.contains(word) {
        index += word.utf8.count
        return word
      }
      let start = index
      if runs { outcome = runCommand() } else { withoutEffects { _ = $0.runCommand() } }
      // Whatever ended the command: a semicolon, a pipe, a bracket.
      switch listOperator() {
      case "&&": runs = outcome != false
      case "||": runs = outcome != true
      default: (outcome, runs) = (nil, true)
      }
      if index == start { index += 1 }
    }
    return nil
  }

  /// - Returns: whether the command succeeds, where its text says so.
  private mutating func runCommand() -> Bool? {
    let start = index
    if let outcome = readArithmetic() { return outcome }
    if bytes[index] == UInt8(ascii: "["), let isMet = readTest() { return isMet }
    let words = readCommand()
    guard let first = words.first else { return true }
    // Before a bracket it is a pattern of `case`.
    let isCommand = index >= limit || "\n;&".utf8.contains(bytes[index])
    if isCommand, first.text.hasPrefix("--") { strayOptions.append(first.range) }
    perform(words, from: start)
    return words.count == 1 && first.unknown == nil ? ["true": true, "false": false][first.text] : nil
  }

  /// `&&` or `||`, which is read.
  private mutating func listOperator() -> String? {
    skipBlanks(andLines: false)
    guard index + 1 < limit, "&|".utf8.contains(bytes[index]), bytes[index] == bytes[index + 1] else { return nil }
    index += 2
    return bytes[index - 1] == UInt8(ascii: "&") ? "&&" : "||"
  }

  /// The words up to the end of the command; assignments before the first one are made.
  private mutating func readCommand() -> [LocatedText] {
    var words: [LocatedText] = []
    var assigned: [String] = []
    while index < limit, !isTooLong {
      skipBlanks(andLines: false)
      guard index < limit, !Self.endsCommand(bytes[index]) else { break }
      if bytes[index] == UInt8(ascii: "<") || bytes[index] == UInt8(ascii: ">") {
        skipRedirection()
        continue
      }
      if words.isEmpty, let name = assignedName() {
        readAssignment(to: name)
        assigned.append(name)
        continue
      }
      if words.isEmpty, let word = bareWord(), readCompound(word) { return [] }
      let fields = readWord(splits: true)
      // `2>&1`: the number of the stream is no word.
      if index < limit, "<>".utf8.contains(bytes[index]), fields.count == 1, Int(fields[0].text) != nil {
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
    // Variables before a command are its environment.
    if !words.isEmpty { exported.formUnion(assigned) }
    return words
  }

  private static let keywords: Set<String> = [
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "{", "}", "!", "time", "exec",
  ]
  private static let declarations: Set<String> = ["export", "declare", "local", "readonly", "typeset"]

  static func endsCommand(_ byte: UInt8) -> Bool { "\n;&|()".utf8.contains(byte) }

  /// The letters that begin here, or a curly bracket, where they are a word by themselves.
  func bareWord() -> String? {
    var last = index
    while last < limit, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[last]) { last += 1 }
    if last == index, index < limit, "{}".utf8.contains(bytes[index]) { last += 1 }
    guard last > index, last == limit || Self.endsCommand(bytes[last]) || " \t\r".utf8.contains(bytes[last]) else {
      return nil
    }
    return String(decoding: bytes[index..<last], as: UTF8.self)
  }

  /// `export NAME`, `export NAME=value`, `declare -a NAME=(…)`.
  private mutating func readDeclaration(isExport: Bool) {
    while index < limit, !isTooLong {
      skipBlanks(andLines: false)
      guard index < limit, !Self.endsCommand(bytes[index]) else { break }
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
  func assignedName() -> String? {
    var end = index
    while end < limit, Self.isOfName(bytes[end], first: end == index) { end += 1 }
    guard end > index, end < limit else { return nil }
    let isAssignment =
      bytes[end] == UInt8(ascii: "=")
      || (bytes[end] == UInt8(ascii: "+") && end + 1 < limit && bytes[end + 1] == UInt8(ascii: "="))
    return isAssignment ? String(decoding: bytes[index..<end], as: UTF8.self) : nil
  }

  static func isOfName(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
  }

  mutating func readAssignment(to name: String) {
    let start = index
    index += name.utf8.count
    let appends = bytes[index] == UInt8(ascii: "+")
    index += appends ? 2 : 1
    var value: Value
    if index < limit, bytes[index] == UInt8(ascii: "(") {
      value = .array(readArray())
    } else {
      // The items of an array are one text here.
      value = .scalar(Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")]))
    }
    if appends {
      if openLoops > 0 { value = Self.repeated(value, unknown(from: start)) }
      if let before = self.value(of: name) { value = Self.joined(before, value) }
    }
    set(name, value)
  }

  mutating func set(_ name: String, _ value: Value) {
    assigned.insert(name)
    if let place = variables.firstIndex(where: { $0.name == name }) {
      variables[place].value = value
    } else {
      variables.append((name, value))
    }
  }

  /// What is appended nobody knows how often.
  private static func repeated(_ value: Value, _ mark: LocatedText) -> Value {
    switch value {
    case .array(let items): return .array(items + [mark])
    case .scalar(var text):
      text.append(mark)
      return .scalar(text)
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

  mutating func readArray() -> [LocatedText] {
    let start = index
    index += 1
    var items: [LocatedText] = []
    while !isTooLong {
      skipBlanks(andLines: true)
      guard index < limit else {
        unclosed = unclosed ?? ("this bracket", SourceRange(place(start), place(start) + 1))
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
}
