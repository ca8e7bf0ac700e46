import Diagnostics

/// A function of a script: its body, and the text that it stands in.
struct ShellFunction {
  fileprivate let bytes: [UInt8]
  fileprivate let body: Range<Int>
  fileprivate let base: Int
  fileprivate let composed: ComposedText?
  fileprivate var isCalled = false
}

// Functions, and texts that are read in the midst of another one.
extension ShellScript {
  /// `name() { … }` or `function name { … }`, which only calls run.
  mutating func readFunctionDefinition() -> Bool {
    let start = index
    var isOne = false
    if bareWord() == "function" {
      index += "function".utf8.count
      skipBlanks(andLines: false)
      isOne = true
    }
    let nameStart = index
    while index < limit, Self.isOfName(bytes[index], first: false) || "-.:".utf8.contains(bytes[index]) { index += 1 }
    let name = String(decoding: bytes[nameStart..<index], as: UTF8.self)
    skipBlanks(andLines: false)
    if index < limit, bytes[index] == UInt8(ascii: "(") {
      index += 1
      skipBlanks(andLines: false)
      isOne = index < limit && bytes[index] == UInt8(ascii: ")")
      index += 1
    }
    if isOne { skipBlanks(andLines: true) }
    guard isOne, !name.isEmpty, index < limit, bareWord() == "{", depth < Self.depthLimit else {
      index = start
      return false
    }
    index += 1
    let body = index
    depth += 1
    skipBlock(until: ["}"])
    depth -= 1
    functions[name] = ShellFunction(
      bytes: bytes, body: body..<max(body, min(index - 1, limit)), base: base, composed: composed)
    return true
  }

  /// Runs a function.
  ///
  /// - Parameter arguments: `nil` where nobody knows them.
  mutating func call(_ name: String, with arguments: [LocatedText]?) {
    guard depth < Self.depthLimit, let function = functions[name] else { return }
    functions[name]?.isCalled = true
    let outer = positional
    positional = arguments
    locals.append([])
    spend(function.body.count)
    within(function.bytes, function.body, base: function.base, function.composed) { $0.readCommands(until: []) }
    for (name, before) in locals.removeLast().reversed() { restore(name, before) }
    positional = outer
    jump = nil
  }

  /// Runs what nothing in the script calls, for its commands alone: what is called may well be what the script is given.
  mutating func callFunctionsThatNothingCalls() {
    let uncalled = functions.filter { !$0.value.isCalled }
    for (name, _) in uncalled.sorted(by: { $0.value.body.lowerBound < $1.value.body.lowerBound }) {
      let (variables, exported) = (variables, exported)
      call(name, with: nil)
      (self.variables, self.exported) = (variables, exported)
    }
  }

  /// Reads another text, or another part of one, and goes on in this one.
  mutating func within(
    _ text: [UInt8], _ range: Range<Int>, base newBase: Int, _ newComposed: ComposedText?,
    _ read: (inout Self) -> Void
  ) {
    let outer = (bytes, limit, index, base, composed, documentEnds)
    (bytes, limit, index, base, composed) = (text, range.upperBound, range.lowerBound, newBase, newComposed)
    documentEnds = [:]
    depth += 1
    read(&self)
    depth -= 1
    (bytes, limit, index, base, composed, documentEnds) = outer
  }

  /// Reads what was put together as commands.
  ///
  /// - Parameter arguments: what they are given.
  mutating func readCommands(in text: LocatedText, with arguments: [LocatedText]? = nil) {
    guard depth < Self.depthLimit, !text.bytes.isEmpty else { return }
    let (unclosed, positional) = (unclosed, positional)
    if let arguments { self.positional = arguments }
    let composed = ComposedText(text)
    within(composed.bytes, 0..<composed.bytes.count, base: base, composed) { $0.readCommands(until: []) }
    (self.unclosed, self.positional) = (unclosed, positional)
  }
}
