import Diagnostics

// Variables: scalars, arrays, and tables by name.
extension ShellScript {
  /// `name=`, `name+=` or `name[key]=`, with what is behind it not read yet.
  struct Assignment {
    let name: String
    let key: Range<Int>?
    let appends: Bool
    let start: Int
    let value: Int
  }

  /// The assignment that begins here.
  func assignment() -> Assignment? {
    var end = index
    while end < limit, Self.isOfName(bytes[end], first: end == index) { end += 1 }
    guard end > index, end < limit else { return nil }
    let name = String(decoding: bytes[index..<end], as: UTF8.self)
    var key: Range<Int>?
    if bytes[end] == UInt8(ascii: "[") {
      guard let close = closingBracket(of: end), close + 1 < limit else { return nil }
      key = end + 1..<close
      end = close + 1
    }
    let appends = bytes[end] == UInt8(ascii: "+") && end + 1 < limit && bytes[end + 1] == UInt8(ascii: "=")
    guard appends || bytes[end] == UInt8(ascii: "=") else { return nil }
    return Assignment(name: name, key: key, appends: appends, start: index, value: end + (appends ? 2 : 1))
  }

  /// The `]` of a `[`, on the same line.
  func closingBracket(of open: Int) -> Int? {
    var depth = 0
    for place in open..<limit {
      switch bytes[place] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return place }
      case UInt8(ascii: "\n"): return nil
      default: break
      }
    }
    return nil
  }

  static func isOfName(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
  }

  mutating func read(_ assignment: Assignment) {
    index = assignment.value
    var value: Value
    if index < limit, bytes[index] == UInt8(ascii: "("), assignment.key == nil {
      value = readItems(of: assignment.name)
    } else {
      // The items of an array are one text here.
      value = .scalar(Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")]))
    }
    if let key = assignment.key {
      if case .scalar(let text) = value { setItem(key, of: assignment.name, text, appends: assignment.appends) }
      return
    }
    if assignment.appends {
      if openLoops > 0 { value = Self.repeated(value, unknown(from: assignment.start)) }
      if self.value(of: assignment.name) != nil { return change(assignment.name) { $0.append(value) } }
    }
    set(assignment.name, value)
  }

  mutating func set(_ name: String, _ value: Value) {
    change(name) { $0 = value }
  }

  /// - Parameter change: of what the variable holds, or of an empty array where it is not set.
  private mutating func change(_ name: String, _ change: (inout Value) -> Void) {
    assigned.insert(name)
    let place = variables.firstIndex { $0.name == name } ?? variables.endIndex
    if place == variables.endIndex { variables.append((name, .array([]))) }
    change(&variables[place].value)
  }

  /// - Parameter name: of a variable, or with `[key]` behind it of an item.
  mutating func unset(_ name: String) {
    guard name.hasSuffix("]"), let open = name.firstIndex(of: "[") else {
      return variables.removeAll { $0.name == name }
    }
    let (array, key) = (String(name[..<open]), String(name[name.index(after: open)...].dropLast()))
    switch value(of: array) {
    case .table: change(array) { $0.changeTable { $0.remove(key) } }
    case .array(var items):
      guard let place = number(of: key).flatMap({ Self.place($0, in: items.count) }) else { return unset(array) }
      items.remove(at: place)
      set(array, .array(items))
    case .scalar, nil: break
    }
  }

  mutating func restore(_ name: String, _ value: Value?) {
    if let value { set(name, value) } else { unset(name) }
  }

  private mutating func setItem(_ key: Range<Int>, of name: String, _ text: LocatedText, appends: Bool) {
    func whole(_ before: LocatedText?) -> LocatedText {
      guard appends, var whole = before else { return text }
      whole.append(text)
      return whole
    }
    if isTable(name) {
      let key = readDefault(key)
      // An item that nobody can name leaves none of them known.
      guard key.unknown == nil else { return unset(name) }
      return change(name) { $0.changeTable { $0.set(key.text, whole($0[key.text])) } }
    }
    let count =
      switch value(of: name) {
      case .array(let items): items.count
      case .scalar: 1
      case .table, nil: 0
      }
    guard let number = number(in: key), let place = Self.place(number, in: count, orNew: true) else {
      return unset(name)
    }
    spend(max(0, place - count))
    change(name) {
      $0.changeItems { items in
        while items.count <= place { items.append(LocatedText()) }
        items[place] = whole(items[place])
      }
    }
  }

  private func isTable(_ name: String) -> Bool { if case .table? = value(of: name) { true } else { false } }

  /// Where an item is that is counted from the end where its number is negative.
  static func place(_ number: Int, in count: Int, orNew: Bool = false) -> Int? {
    let place = number < 0 ? count &+ number : number
    return place >= 0 && place < (orNew ? itemLimit : count) ? place : nil
  }

  /// What is appended nobody knows how often.
  private static func repeated(_ value: Value, _ mark: LocatedText) -> Value {
    switch value {
    case .array(let items): return .array(items + [mark])
    case .scalar(var text):
      text.append(mark)
      return .scalar(text)
    case .table: return value
    }
  }

  /// `(a b [4]=c)`.
  private mutating func readItems(of name: String) -> Value {
    let start = index
    index += 1
    let isTable = isTable(name)
    var items: [LocatedText] = []
    var table = Value.Table()
    while !isTooLong {
      skipBlanks(andLines: true)
      guard index < limit else {
        unclosed = unclosed ?? ("this bracket", SourceRange(place(start), place(start) + 1))
        break
      }
      if bytes[index] == UInt8(ascii: ")") {
        index += 1
        break
      }
      let before = index
      if bytes[index] == UInt8(ascii: "["), let close = closingBracket(of: index), close + 1 < limit,
        bytes[close + 1] == UInt8(ascii: "=")
      {
        let range = index + 1..<close
        index = close + 2
        let text = Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")])
        if isTable {
          table.set(readDefault(range).text, text)
        } else if let number = number(in: range), let place = Self.place(number, in: items.count, orNew: true) {
          while items.count <= place { items.append(LocatedText()) }
          items[place] = text
        }
      } else {
        items += readWord(splits: true)
      }
      if index == before { index += 1 }
    }
    guard isTable else { return .array(items) }
    for pair in stride(from: 0, to: items.count - 1, by: 2) { table.set(items[pair].text, items[pair + 1]) }
    return .table(table)
  }

  /// `export NAME`, `export NAME=value`, `declare -A NAME=(…)`.
  mutating func readDeclaration(by command: String) {
    var options = ""
    while index < limit, !isTooLong {
      skipBlanks(andLines: false)
      guard index < limit, !Self.endsCommand(bytes[index]) else { break }
      let start = index
      if let assignment = assignment() {
        declare(assignment.name, by: command, options)
        read(assignment)
        continue
      }
      let word = readWord(splits: false).first?.text ?? ""
      if word.hasPrefix("-") {
        options += word.dropFirst()
      } else {
        declare(word, by: command, options)
      }
      if index == start { index += 1 }
    }
  }

  private mutating func declare(_ name: String, by command: String, _ options: String) {
    if command == "export" || options.contains("x") { exported.insert(name) }
    let isLocal = command == "local" || command != "export" && command != "readonly" && !options.contains("g")
    if isLocal, let frame = locals.indices.last, !locals[frame].contains(where: { $0.name == name }) {
      locals[frame].append((name, value(of: name)))
    }
    if options.contains("A") {
      if case .table? = value(of: name) { return }
      set(name, .table(Value.Table()))
    }
  }
}
