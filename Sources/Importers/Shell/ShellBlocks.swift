import Diagnostics

/// What leaves a loop or a function before its end.
enum ShellJump: Equatable {
  /// Out of so many loops, and on with the next round of the one around them where it continues.
  case loop(levels: Int, continues: Bool)
  case function
}

// Loops and conditions.
extension ShellScript {
  /// Reads what a keyword begins, where it decides what is read.
  ///
  /// - Returns: whether anything was; otherwise the keyword is passed over like any other.
  mutating func readCompound(_ word: String) -> Bool {
    guard depth < Self.depthLimit else { return false }
    let start = index
    index += word.utf8.count
    depth += 1
    defer { depth -= 1 }
    let isRead =
      switch word {
      case "for": readCountingLoop(from: start) || readListLoop(from: start)
      case "while": readConditionalLoop(from: start, while: true)
      case "until": readConditionalLoop(from: start, while: false)
      case "if": readIf()
      case "case": readCase()
      case "{": readGroup()
      default: false
      }
    if !isRead { index = start }
    return isRead
  }

  private mutating func readGroup() -> Bool {
    readCommands(until: ["}"])
    return true
  }

  /// Goes to behind the end of a block, and does nothing that stands in it.
  @discardableResult
  mutating func skipBlock(until ends: [String]) -> String? {
    var end: String?
    withoutEffects { end = $0.readCommands(until: ends).end }
    return end
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

  // MARK: Loops

  /// `for ((i=0; i<n; i++)); do … done`.
  private mutating func readCountingLoop(from start: Int) -> Bool {
    guard let header = readArithmeticCommand() else { return false }
    let ends = header.filter { bytes[$0] == UInt8(ascii: ";") }
    guard ends.count == 2, skipTo("do") else {
      index = start + "for".utf8.count
      return false
    }
    let (test, step) = (ends[0] + 1..<ends[1], ends[1] + 1..<header.upperBound)
    guard change(in: header.lowerBound..<ends[0]), number(in: test) != nil else {
      readOpenLoop()
      return true
    }
    var isFirst = true
    readRounds(from: start) { script in
      if !isFirst, !script.change(in: step) { return false }
      isFirst = false
      return script.number(in: test).map { $0 != 0 } ?? false
    }
    return true
  }

  /// `for x in a b c; do … done`.
  private mutating func readListLoop(from start: Int) -> Bool {
    skipBlanks(andLines: false)
    let name = readName()
    guard !name.isEmpty else { return false }
    skipBlanks(andLines: true)
    let header = index
    var items = positional
    if bareWord() == "in" {
      index += "in".utf8.count
      items = readListedWords()
    }
    let text = bytes[header..<min(index, limit)]
    // `for x; do` goes through what is given, too.
    let asksForArguments = positional == nil && (text.isEmpty || Self.asksForArguments(text))
    guard skipTo("do") else { return false }
    if let items {
      var rest = items[...]
      readRounds(from: start) { script in
        guard let item = rest.popFirst() else { return false }
        script.set(name, .scalar(item))
        return true
      }
    } else if asksForArguments {
      skipArgumentLoop(from: start)
    } else {
      unset(name)
      readOpenLoop()
    }
    return true
  }

  /// The words that a loop goes through; `nil` where only a running shell knows how many there are.
  private mutating func readListedWords() -> [LocatedText]? {
    var items: [LocatedText]? = []
    while index < limit, !isTooLong {
      skipBlanks(andLines: false)
      guard index < limit, !Self.endsCommand(bytes[index]) else { break }
      let before = index
      let words = readWord(splits: true)
      let isOpen = words.contains { word in
        // A name with a part that is not known is one nevertheless.
        word.bytes.isEmpty && word.unknown != nil || word.bytes.contains { "*?".utf8.contains($0) }
      }
      if isOpen { items = nil } else { items? += words }
      if index == before { index += 1 }
    }
    return items
  }

  /// `while [ … ]; do … done`.
  private mutating func readConditionalLoop(from start: Int, while wanted: Bool) -> Bool {
    let test = index
    let (end, isMet) = readCommands(until: ["do"])
    guard end == "do" else { return false }
    let text = bytes[test..<min(index, limit)]
    if isMet == nil, positional == nil, Self.asksForArguments(text) {
      skipArgumentLoop(from: start)
    } else if isMet == nil || Self.neverEnds(text) {
      readOpenLoop()
    } else {
      var isFirst = true
      readRounds(from: start) { script in
        if isFirst {
          isFirst = false
          return isMet == wanted
        }
        script.index = test
        return script.readCommands(until: ["do"]).outcome == wanted
      }
    }
    return true
  }

  /// Whether a loop goes through what the script itself is given.
  private static func asksForArguments(_ text: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: text, as: UTF8.self)
    return ["$@", "$*", "${@", "$#", "$1", "${1", "getopts"].contains(where: text.contains)
  }

  /// `while true`, which something else ends.
  private static func neverEnds(_ text: ArraySlice<UInt8>) -> Bool {
    let words = String(decoding: text, as: UTF8.self).split { " \t\n;".contains($0) }
    return words.count == 2 && ["true", ":", "1"].contains(words[0])
  }

  /// Reads the body that begins here once a round, and goes to behind it.
  ///
  /// - Parameter next: makes the next round ready; `false` where there is none.
  private mutating func readRounds(from start: Int, _ next: (inout Self) -> Bool) {
    let body = index
    let isClosed = skipBlock(until: ["done"]) != nil
    let end = (index, documentEnds)
    var count = 0
    // Of a body without an end nothing runs.
    while isClosed, !isSkipping, !isTooLong, next(&self) {
      count += 1
      guard count <= Self.roundLimit else {
        noteExcess("this loop goes round more than \(Self.roundLimit) times", at: place(start))
        break
      }
      index = body
      readCommands(until: ["done"])
      spend(max(index - body, 0))
      if leavesLoop() { break }
    }
    (index, documentEnds) = end
  }

  /// Whether a jump ends the loop that was read.
  private mutating func leavesLoop() -> Bool {
    guard case .loop(let levels, let continues)? = jump else { return jump != nil }
    if levels > 1 {
      jump = .loop(levels: levels - 1, continues: continues)
      return true
    }
    jump = nil
    return !continues
  }

  /// Reads the body that begins here once: how often it runs nobody knows.
  private mutating func readOpenLoop() {
    openLoops += 1
    readCommands(until: ["done"])
    openLoops -= 1
    _ = leavesLoop()
  }

  /// A loop over what the script is given, which is taken to be nothing.
  private mutating func skipArgumentLoop(from start: Int) {
    if !isSkipping { argumentLoops.append(SourceRange(place(start), place(start) + 1)) }
    skipBlock(until: ["done"])
  }

  // MARK: Conditions

  /// What the branches of a condition do to the script. Those of one that is not known begin alike: of a variable that
  /// several set the last value counts, and what not all of them export is not exported.
  private struct Branches {
    let variables: [(name: String, value: Value)]
    let assigned: Set<String>
    let exported: Set<String>
    var changes: [String: Value?] = [:]
    var exportedByAll: Set<String>?
    /// Whether one was read of which nobody knows whether it runs.
    var isOpen = false
    /// Whether one was read behind which no other runs.
    var isDecided = false

    init(of script: ShellScript) {
      (variables, assigned, exported) = (script.variables, script.assigned, script.exported)
    }
  }

  /// Reads the branch that begins here.
  ///
  /// - Parameter isMet: whether its condition holds; `nil` where nobody knows.
  private mutating func readBranch(_ isMet: Bool?, of all: inout Branches, until ends: [String]) -> String? {
    guard isMet != false, !all.isDecided else { return skipBlock(until: ends) }
    all.isDecided = isMet == true
    guard isMet == nil || all.isOpen else { return readCommands(until: ends).end }
    all.isOpen = true
    (variables, assigned, exported) = (all.variables, [], all.exported)
    let end = readCommands(until: ends).end
    // Whether it leaves a loop nobody knows.
    jump = nil
    for name in assigned { all.changes[name] = .some(value(of: name)) }
    all.exportedByAll = all.exportedByAll?.intersection(exported) ?? exported
    return end
  }

  /// - Parameter unknown: what decides between the branches.
  private mutating func join(_ all: Branches, chosenBy unknown: SourceRange?) {
    guard all.isOpen else { return }
    if let unknown, !all.changes.isEmpty, !isSkipping, !openChoices.contains(unknown) { openChoices.append(unknown) }
    (variables, assigned) = (all.variables, all.assigned)
    exported = all.isDecided ? all.exportedByAll ?? all.exported : all.exported
    for (name, value) in all.changes.sorted(by: { $0.key < $1.key }) { restore(name, value) }
  }

  /// `if CONDITION; then … elif … else … fi`.
  private mutating func readIf() -> Bool {
    openOperand = nil
    var (end, isMet) = readCommands(until: ["then"])
    guard end == "then" else { return false }
    var all = Branches(of: self)
    var operand = isMet == nil ? openOperand : nil
    while end != nil, !isTooLong {
      switch readBranch(isMet, of: &all, until: ["elif", "else", "fi"]) {
      case "elif" where all.isDecided: end = skipBlock(until: ["then"])
      case "elif":
        openOperand = nil
        (end, isMet) = readCommands(until: ["then"])
        operand = operand ?? (isMet == nil ? openOperand : nil)
      case "else": isMet = true
      default: end = nil
      }
    }
    join(all, chosenBy: operand)
    return true
  }

  /// `case WORD in PATTERN) … ;; esac`.
  private mutating func readCase() -> Bool {
    skipBlanks(andLines: false)
    let subject = Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")])
    skipBlanks(andLines: true)
    guard bareWord() == "in" else { return false }
    index += "in".utf8.count
    var all = Branches(of: self)
    while index < limit, !isTooLong {
      skipBlanks(andLines: true)
      if bareWord() == "esac" {
        index += "esac".utf8.count
        break
      }
      let before = index
      let isMet = readPatterns(for: subject)
      if readBranch(isMet, of: &all, until: [";;", "esac"]) != ";;" { break }
      if index == before { index += 1 }
    }
    join(all, chosenBy: subject.unknown)
    return true
  }

  /// `(a|b*)`, and whether one of them fits; what nobody knows fits `*` alone.
  private mutating func readPatterns(for subject: LocatedText) -> Bool? {
    if index < limit, bytes[index] == UInt8(ascii: "(") { index += 1 }
    var isMet: Bool? = false
    while index < limit {
      skipBlanks(andLines: true)
      let pattern = Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")])
      if pattern.text == "*" || subject.unknown == nil && fits(ShellPattern(pattern.bytes), subject.bytes[...]) {
        isMet = true
      } else if subject.unknown != nil || pattern.unknown != nil, isMet == false {
        isMet = nil
      }
      skipBlanks(andLines: true)
      guard index < limit, bytes[index] == UInt8(ascii: "|") else { break }
      index += 1
    }
    if index < limit, bytes[index] == UInt8(ascii: ")") { index += 1 }
    return isMet
  }
}
