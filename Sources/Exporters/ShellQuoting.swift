// All quoting of this package's scripts. A value becomes shell text here and nowhere else.

/// An argument as a POSIX shell has to read it to get the same text.
///
/// Single quotes, so nothing in it is ever code: no `$`, backtick, `!`, glob or line break means anything. A NUL cannot
/// be part of any argument and is left out; ``unfitForShell(_:)`` finds it before.
package func shellQuoted(_ argument: String) -> String {
  let bytes = argument.utf8
  // Bytes, not characters: a combining mark behind a quote makes one character of both.
  if !bytes.isEmpty, bytes.allSatisfy(isPlain) { return argument }
  var result = "'"
  for scalar in argument.unicodeScalars {
    switch scalar {
    case "'": result += "'\\''"
    case "\0": break
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "'"
}

private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "%"),
    UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "."),
    UInt8(ascii: "/"), UInt8(ascii: "-"):
    true
  default: false
  }
}

/// A path that no program takes for an option: one with a leading dash begins with `./`.
package func asOperand(_ path: String) -> String {
  path.utf8.first == UInt8(ascii: "-") ? "./" + path : path
}

/// A value in a line of `#SBATCH`, which sbatch reads with rules of its own and a shell never does: a backslash takes
/// the next character as it is, inside quotes and out, so every character that could mean something gets one.
///
/// A line break would end the comment; ``unfitForOneLine(_:)`` finds it before.
package func sbatchQuoted(_ value: String) -> String {
  var result = ""
  for scalar in value.unicodeScalars {
    let isPlain = !scalar.isASCII || UInt8(exactly: scalar.value).map(isPlain) == true
    if !isPlain { result += "\\" }
    result.unicodeScalars.append(scalar)
  }
  return result
}

/// Whether a text cannot be an argument, an environment variable or a path at all.
package func unfitForShell(_ text: String) -> Bool { text.utf8.contains(0) }

/// Whether a text cannot stand on one line: it holds a line break or another control character.
package func unfitForOneLine(_ text: String) -> Bool {
  text.unicodeScalars.contains {
    $0.value < 0x20 || $0.value == 0x7F || $0 == "\u{85}" || $0 == "\u{2028}" || $0 == "\u{2029}"
  }
}

/// One argument in a script: a text, or a variable that the script sets, with text around it.
package struct ShellWord: Hashable, Sendable, ExpressibleByStringInterpolation {
  package enum Part: Hashable, Sendable {
    case text(String)
    /// The value of a shell variable, by its name.
    case variable(String)
  }

  package let parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts }
  package init(stringLiteral value: String) { parts = [.text(value)] }
  package init(_ value: String) { parts = [.text(value)] }

  package init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  package struct Interpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    package init(literalCapacity: Int, interpolationCount: Int) {}
    package mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { parts.append(.text(literal)) } }
    package mutating func appendInterpolation(_ value: String) { parts.append(.text(value)) }
    package mutating func appendInterpolation(_ value: Int) { parts.append(.text(String(value))) }
    package mutating func appendInterpolation(variable name: String) { parts.append(.variable(name)) }
  }

  /// As it stands in a script.
  package var text: String {
    // Neighbouring texts are quoted together, so that `--name=` and its value make one word of the plain kind.
    var result = ""
    var pending = ""
    for part in parts {
      switch part {
      case .text(let text): pending += text
      case .variable(let name):
        if !pending.isEmpty { result += shellQuoted(pending) }
        pending = ""
        result += "\"${\(name)}\""
      }
    }
    return pending.isEmpty && !result.isEmpty ? result : result + shellQuoted(pending)
  }

  /// The argument itself, given the variables.
  ///
  /// - Returns: the name of a variable that is not there as `failure`.
  package func value(_ variables: [String: String]) -> Result<String, MissingVariable> {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .variable(let name):
        guard let value = variables[name] else { return .failure(MissingVariable(name: name)) }
        result += value
      }
    }
    return .success(result)
  }
}

/// A variable that a launch needs from outside, such as `NODE_RANK`.
package struct MissingVariable: Error, Hashable, Sendable {
  package let name: String

  package init(name: String) { self.name = name }
}
