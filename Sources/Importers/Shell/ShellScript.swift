import Diagnostics

/// What a shell script runs, as far as its text alone says: assignments, strings, arrays and their expansion, in the order
/// of the text. Functions are called and loops run, where the text says with what; of conditions those are decided that
/// compare what is known, and where one is not, the last assignment counts.
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
  /// What made more than any script needs, and where it stands.
  var excess: (what: String, place: SourceRange)?
  var isTooLong: Bool { excess != nil }
  var sources: ScriptSources
  /// Options that stand where a command begins, as they do behind a comment or a blank that ended the one before.
  var strayOptions: [SourceRange] = []
  /// Paths that are sourced and cannot be read.
  var unreadable: [String] = []
  /// Loops over what the script itself is given, which are read as if that were nothing.
  var argumentLoops: [SourceRange] = []
  /// What choices between branches depend on that set variables, where only a running shell knows it.
  var openChoices: [SourceRange] = []

  // Where the reader is: the text, its part that is read, and its first byte's place among all texts.
  var bytes: [UInt8]
  var limit: Int
  var index = 0
  var base = 0
  /// Of a text that was put together, where its bytes stand and what in it is not known.
  var composed: ComposedText?
  /// Where here-documents end, by the end of the line that they begin behind.
  var documentEnds: [Int: Int] = [:]

  /// Loops that the text does not count: what they append is not known.
  var openLoops = 0
  /// What nobody knows of the last comparison that is not decided.
  var openOperand: SourceRange?
  /// The variables that a branch has set.
  var assigned: Set<String> = []
  var functions: [String: ShellFunction] = [:]
  /// What a function is given, or `set --` sets; `nil` for what the script itself is given.
  var positional: [LocatedText]?
  /// For each function that runs, its own variables as they were before.
  var locals: [[(name: String, before: Value?)]] = []
  /// `break` and the like, on their way out.
  var jump: ShellJump?
  /// Whether what is read does nothing.
  var isSkipping = false
  /// What the script writes into files, by their paths.
  var written: [String: LocatedText] = [:]
  /// What the last command reads from its own text: a here-document.
  var input: LocatedText?
  var depth = 0
  var commandCount = 0
  /// What reading has taken of ``workLimit`` so far.
  var work = 0
  let sourcedTexts: SourcedTexts

  /// Bytes that are made by expansions or read once more, and what else takes as long.
  static let workLimit = 1 << 19
  static let commandLimit = 20_000
  static let roundLimit = 1_000
  static let itemLimit = 4096
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

  mutating func noteExcess(_ what: String, at place: Int) {
    excess = excess ?? (what, SourceRange(place, place + 1))
  }

  // MARK: Commands

  /// Reads to the end of the text, or to one of the words that end a block, where such a command begins.
  ///
  /// - Returns: the word, and whether the last list of commands before it succeeds, where its text says so.
  @discardableResult
  mutating func readCommands(until ends: [String]) -> (end: String?, outcome: Bool?) {
    // Of `TEST && COMMAND || COMMAND`: what came of it so far, and whether the next command runs.
    var (outcome, runs): (Bool?, Bool) = (nil, true)
    var sign: String?
    var last: Bool?
    while index < limit, !isTooLong {
      skipBlanks(andLines: true)
      guard index < limit else { break }
      if ends.contains(";;"), let count = branchEnd() {
        index += count
        return (";;", last)
      }
      if let word = bareWord(), ends.contains(word) {
        index += word.utf8.count
        return (word, last)
      }
      if Self.endsCommand(bytes[index]), bytes[index] != UInt8(ascii: "(") {
        // Whatever ended the command: a semicolon, a pipe, a bracket.
        index += 1
        (outcome, runs, sign) = (nil, true, nil)
        continue
      }
      let start = index
      if runs, jump == nil {
        let result = runCommand()
        // What follows something unknown decides only when it is enough by itself.
        let decides = sign == nil || outcome != nil || result == (sign == "||")
        outcome = decides ? result : nil
      } else {
        withoutEffects { _ = $0.runCommand() }
      }
      last = outcome
      sign = listOperator()
      switch sign {
      case "&&": runs = outcome != false
      case "||": runs = outcome != true
      default: (outcome, runs) = (nil, true)
      }
      if index == start { index += 1 }
    }
    return (nil, last)
  }

  /// - Returns: whether the command succeeds, where its text says so.
  private mutating func runCommand() -> Bool? {
    let start = index
    commandCount += 1
    if commandCount > Self.commandLimit {
      noteExcess("the script runs more than \(Self.commandLimit) commands", at: place(start))
    }
    if bytes[index] == UInt8(ascii: "!"), index + 1 < limit, " \t".utf8.contains(bytes[index + 1]) {
      index += 1
      skipBlanks(andLines: false)
      return index < limit ? runCommand().map { !$0 } : nil
    }
    if let outcome = readArithmetic() { return outcome }
    if let isMet = readTest() { return isMet }
    if readFunctionDefinition() { return true }
    let separator = value(of: "IFS")
    let command = readCommand()
    guard let first = command.words.first else { return true }
    // Before a bracket it is a pattern of `case`.
    let isCommand = index >= limit || "\n;&".utf8.contains(bytes[index])
    if isCommand, first.text.hasPrefix("--"), !strayOptions.contains(where: { $0.start == first.range.start }) {
      strayOptions.append(first.range)
    }
    let outcome = isSkipping ? nil : perform(command, from: start)
    // Set before a command, it is the command's alone.
    if command.setsSeparator { restore("IFS", separator) }
    return outcome
  }

  /// `&&` or `||`, which is read.
  private mutating func listOperator() -> String? {
    skipBlanks(andLines: false)
    guard index + 1 < limit, "&|".utf8.contains(bytes[index]), bytes[index] == bytes[index + 1] else { return nil }
    index += 2
    return bytes[index - 1] == UInt8(ascii: "&") ? "&&" : "||"
  }

  /// `;;`, `;&` or `;;&`, which end a branch of `case`.
  private func branchEnd() -> Int? {
    let rest = bytes[index..<limit]
    return [";;&", ";;", ";&"].first { rest.starts(with: $0.utf8) }?.utf8.count
  }

  /// The words up to the end of the command; assignments before the first one are made.
  private mutating func readCommand() -> ShellCommand {
    var command = ShellCommand()
    var assigned: Set<String> = []
    while index < limit, !isTooLong {
      skipBlanks(andLines: false)
      guard index < limit, !Self.endsCommand(bytes[index]) else { break }
      if bytes[index] == UInt8(ascii: "<") || bytes[index] == UInt8(ascii: ">") {
        readRedirection(of: &command)
        continue
      }
      if command.words.isEmpty, let assignment = assignment() {
        read(assignment)
        assigned.insert(assignment.name)
        continue
      }
      if command.words.isEmpty, let word = bareWord(), readCompound(word) { return ShellCommand() }
      let fields = readWord(splits: true)
      // `2>&1`: the number of the stream is no word.
      if index < limit, "<>".utf8.contains(bytes[index]), fields.count == 1, Int(fields[0].text) != nil {
        continue
      }
      if command.words.isEmpty, let first = fields.first?.text, fields.count == 1 {
        if Self.keywords.contains(first) { continue }
        if Self.declarations.contains(first) {
          readDeclaration(by: first)
          continue
        }
      }
      command.words += fields
    }
    // Variables before a command are its environment.
    if !command.words.isEmpty { exported.formUnion(assigned) }
    command.setsSeparator = !command.words.isEmpty && assigned.contains("IFS")
    return command
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

  /// Reads on, and takes back what that did to the script.
  mutating func withoutEffects(_ read: (inout Self) -> Void) {
    if isSkipping { return read(&self) }
    var other = self
    other.isSkipping = true
    other.jump = nil
    read(&other)
    (index, documentEnds) = (other.index, other.documentEnds)
    (unclosed, firstLongQuote, strayOptions) = (other.unclosed, other.firstLongQuote, other.strayOptions)
    (commandCount, work, excess) = (other.commandCount, other.work, other.excess)
  }
}

/// A command as it stands in a script.
struct ShellCommand {
  var words: [LocatedText] = []
  /// A here-document, or what stands behind `<<<`.
  var input: LocatedText?
  /// The file that it writes.
  var output: LocatedText?
  /// Whether `IFS` is set before it, which holds for it alone.
  var setsSeparator = false
}
