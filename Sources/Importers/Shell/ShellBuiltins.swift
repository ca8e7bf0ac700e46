import Diagnostics

// Commands of the shell itself, which change what the script says.
extension ShellScript {
  /// Takes a command as one of the run's, or does what it does to the script.
  ///
  /// - Returns: whether it succeeds, where its text says so.
  mutating func perform(_ command: ShellCommand, from start: Int) -> Bool? {
    let words = command.words
    input = command.input
    switch words[0].text {
    case _ where words[0].unknown != nil: break
    case ":", "true": return true  // Its words may have set variables: `: "${TP:=2}"`.
    case "false": return false
    case "source", ".":
      if words.count > 1 { source(words[1], from: start) }
      return nil
    case "let":
      for word in words.dropFirst() { _ = change(by: word.text) }
      return nil
    case "eval" where words.count > 1:
      readCommands(in: Self.joined(Array(words[1...]), by: [UInt8(ascii: " ")]))
      return nil
    case "printf" where words.count > 3 && words[1].text == "-v" && words[2].unknown == nil:
      set(words[2].text, .scalar(Self.formatted(words[3], Array(words[4...]))))
      return true
    case "unset":
      for word in words.dropFirst() { unset(word.text) }
      return true
    case "shift":
      let count = words.count > 1 ? Int(words[1].text) ?? 1 : 1
      positional = positional.map { Array($0.dropFirst(max(count, 0))) }
      return true
    case "set":
      if let mark = words.firstIndex(where: { $0.text == "--" }) { positional = Array(words[(mark + 1)...]) }
      return true
    case "break", "continue":
      jump = .loop(levels: words.count > 1 ? Int(words[1].text) ?? 1 : 1, continues: words[0].text == "continue")
      return nil
    case "return" where !locals.isEmpty:
      jump = .function
      return nil
    case "read":
      readVariables(words, command.input)
      return command.input == nil ? nil : true
    case "mapfile", "readarray":
      readLines(words, command.input)
      return true
    default: break
    }
    run(command)
    return nil
  }

  /// A command of the run: a function of the script, or a program.
  private mutating func run(_ command: ShellCommand) {
    let words = command.words
    if let name = words.first?.text, functions[name] != nil, words[0].unknown == nil {
      let before = commands.count
      call(name, with: Array(words.dropFirst()))
      // One that says nothing of what it does with its words may well run them.
      if commands.count == before { commands.append(words) }
      return
    }
    commands.append(words)
    let texts = words.map(\.text)
    if texts[0] == "cat" || texts[0] == "tee", let text = command.input {
      let file = texts[0] == "cat" ? command.output : words.dropFirst().first { !$0.text.hasPrefix("-") }
      if let file, file.unknown == nil { written[file.text] = text }
    } else if let inner = Self.script(in: words) {
      readCommands(in: inner)
    } else if let text = command.input, texts.contains(where: { Self.shells.contains(Self.fileName($0)) }) {
      readCommands(in: text)
    } else if let file = texts.indices.first(where: { written[texts[$0]] != nil }), let text = written[texts[file]],
      file == 0 || texts[..<file].contains(where: { Self.shells.contains(Self.fileName($0)) })
    {
      spend(text.bytes.count)
      readCommands(in: text, with: Array(words[(file + 1)...]))
    }
  }

  /// Programs that run the commands of a text.
  private static let shells: Set<String> = ["bash", "sh", "zsh", "sbatch", "ssh", "qsub", "bsub"]

  private static func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What `bash -c` and the like are given.
  private static func script(in words: [LocatedText]) -> LocatedText? {
    let texts = words.map(\.text)
    guard
      let shell = texts.firstIndex(where: { ["bash", "sh"].contains(fileName($0)) }),
      let option = texts[shell...].firstIndex(where: { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.hasSuffix("c") }),
      option + 1 < words.count, texts[(shell + 1)..<option].allSatisfy({ $0.hasPrefix("-") })
    else { return nil }
    return words[option + 1]
  }

  private mutating func source(_ path: LocatedText, from start: Int) {
    let range = SourceRange(place(start), place(min(index, limit)))
    if path.unknown == nil, let text = written[path.text] {
      spend(text.bytes.count)
      return readCommands(in: text)
    }
    guard depth < Self.depthLimit, path.unknown == nil, let file = sourcedTexts(path.text) else {
      unreadable.append(path.unknown == nil ? path.text : String(sources.text(in: path.range)))
      return
    }
    let base = sources.add(file, sourcedAt: range)
    let bytes = Array(file.text.utf8)
    spend(bytes.count)
    within(bytes, 0..<bytes.count, base: base, nil) { $0.readCommands(until: []) }
  }

  // MARK: Reading

  /// `read -r A B <<< "1 2"`, `IFS=, read -ra A <<< "$LIST"`, `read -d '' TEXT <<EOF`.
  private mutating func readVariables(_ words: [LocatedText], _ input: LocatedText?) {
    var names: [String] = []
    var (isArray, isWhole) = (false, false)
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      guard word.text.hasPrefix("-") else {
        names.append(word.text)
        continue
      }
      isArray = isArray || word.text.contains("a")
      if let option = word.text.last, "dnNptu".contains(option) {
        let value = rest.popFirst()
        if option == "d", value?.isEmpty == true { isWhole = true }
      }
    }
    guard let input else {
      for name in names { unset(name) }
      return
    }
    let line = isWhole ? input : input.lines().first ?? LocatedText()
    var fields = line.fields(by: value(of: "IFS").flatMap(Self.bytes) ?? Array(" \t\n".utf8))
    if isArray, let name = names.first { return set(name, .array(fields)) }
    if isWhole, names.count == 1 { return set(names[0], .scalar(input)) }
    for (number, name) in names.enumerated() {
      guard number + 1 < names.count || fields.count < 2 else {
        set(name, .scalar(Self.joined(fields, by: [UInt8(ascii: " ")])))
        break
      }
      set(name, .scalar(fields.isEmpty ? LocatedText() : fields.removeFirst()))
    }
  }

  /// `mapfile -t A <<EOF`.
  private mutating func readLines(_ words: [LocatedText], _ input: LocatedText?) {
    guard let name = words.dropFirst().first(where: { !$0.text.hasPrefix("-") })?.text else { return }
    if let input { set(name, .array(input.lines())) } else { unset(name) }
  }

  private static func bytes(of value: Value) -> [UInt8]? {
    guard case .scalar(let text) = value, text.unknown == nil else { return nil }
    return text.bytes
  }

  // MARK: Printing

  /// What `printf` makes of texts and whole numbers: `[%s]`, `%03d`; again for as long as there are values.
  static func formatted(_ format: LocatedText, _ values: [LocatedText]) -> LocatedText {
    var text = LocatedText()
    var rest = values[...]
    repeat {
      let before = rest.count
      var bytes = format.located[...]
      while let (byte, offset) = bytes.popFirst() {
        let width = bytes.prefix { "0123456789".utf8.contains($0.byte) }
        if byte == UInt8(ascii: "%"), let (kind, _) = bytes.dropFirst(width.count).first, "sdi".utf8.contains(kind) {
          bytes.removeFirst(width.count + 1)
          let value = rest.popFirst() ?? LocatedText()
          if let first = width.first?.byte, let digits = Int(String(decoding: width.map(\.byte), as: UTF8.self)) {
            let fill = UInt8(ascii: first == UInt8(ascii: "0") ? "0" : " ")
            for _ in 0..<max(0, min(digits, 16) - value.bytes.count) { text.append(fill, at: offset) }
          }
          text.append(value)
        } else if byte == UInt8(ascii: "\\"), let (kind, _) = bytes.first, let escaped = escapes[kind] {
          bytes.removeFirst()
          text.append(escaped, at: offset)
        } else {
          text.append(byte, at: offset)
        }
      }
      if rest.count == before { break }
    } while !rest.isEmpty
    if let unknown = format.unknown { text.appendUnknown(unknown) }
    return text
  }

  /// What stands for bytes that have no sign.
  static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "t"): UInt8(ascii: "\t"),
    UInt8(ascii: "\\"): UInt8(ascii: "\\"),
  ]
}
