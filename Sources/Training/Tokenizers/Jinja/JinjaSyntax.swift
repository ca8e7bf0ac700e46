/// What a template is made of, as the parser leaves it.
indirect enum JinjaExpression {
  case literal(JinjaValue)
  case name(String)
  case list([JinjaExpression])
  case mapping([(key: String, value: JinjaExpression)])
  case member(JinjaExpression, String)
  case element(JinjaExpression, JinjaExpression)
  case slice(JinjaExpression, from: JinjaExpression?, to: JinjaExpression?, step: JinjaExpression?)
  case call(JinjaExpression, [JinjaExpression], named: [(key: String, value: JinjaExpression)])
  case filter(JinjaExpression, String, [JinjaExpression], named: [(key: String, value: JinjaExpression)])
  case test(JinjaExpression, String, isNegated: Bool)
  case not(JinjaExpression)
  case negative(JinjaExpression)
  case both(JinjaExpression, JinjaExpression)
  case either(JinjaExpression, JinjaExpression)
  case binary(String, JinjaExpression, JinjaExpression)
  /// `a if condition else b`
  case choice(JinjaExpression, condition: JinjaExpression, otherwise: JinjaExpression?)
}

indirect enum JinjaNode {
  case text(String)
  case output(JinjaExpression)
  case branches([(condition: JinjaExpression?, body: [JinjaNode])])
  case loop(names: [String], JinjaExpression, condition: JinjaExpression?, body: [JinjaNode], otherwise: [JinjaNode])
  case assignment(name: String, member: String?, JinjaExpression)
  case capture(name: String, body: [JinjaNode])
  /// What is set within is not set behind.
  case scope([JinjaNode])
  case macro(JinjaMacro)
  case leaveLoop
  case nextRound
}

/// A piece of a template with parameters; its value is what it prints.
struct JinjaMacro {
  let name: String
  let parameters: [(name: String, fallback: JinjaExpression?)]
  let body: [JinjaNode]
}

/// One part of a template's text.
enum JinjaPart {
  case text(String)
  case output(String)
  case statement(String)

  /// Cuts a template, with what white space transformers leaves out: it renders with `trim_blocks` and `lstrip_blocks`.
  ///
  /// - Throws: ``JinjaError`` for a part that does not end.
  static func all(of template: String) throws -> [JinjaPart] {
    var rest = withPlainLineEnds(template)
    // One line end at the template's end is not kept.
    if rest.last == "\n" { rest.removeLast() }
    var parts: [JinjaPart] = []
    var text = String.UnicodeScalarView()
    var index = 0
    // What was cut last ended its line.
    var isLineStart = true
    func starts(_ word: String, at place: Int) -> Bool {
      place + word.unicodeScalars.count <= rest.count
        && zip(rest[place...], word.unicodeScalars).allSatisfy { $0 == $1 }
    }
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { ScalarClass.of(scalar).contains(.pythonSpace) }
    while index < rest.count {
      guard let close = ["{{": "}}", "{%": "%}", "{#": "#}"].first(where: { starts($0.key, at: index) }) else {
        text.append(rest[index])
        index += 1
        continue
      }
      var begin = index + 2
      let sign = begin < rest.count ? rest[begin] : " "
      if sign == "-" {
        while let last = text.last, isSpace(last) { text.removeLast() }
        begin += 1
      } else if sign == "+", close.key != "{{" {
        begin += 1
      } else if close.key != "{{" {
        // White space alone before a block on its line goes.
        var kept = text
        while let last = kept.last, last == " " || last == "\t" { kept.removeLast() }
        if kept.isEmpty ? isLineStart : kept.last == "\n" { text = kept }
      }
      var end = begin
      var quote: Unicode.Scalar?
      while end < rest.count {
        if let open = quote {
          if rest[end] == "\\", close.key != "{#" { end += 1 } else if rest[end] == open { quote = nil }
        } else if close.key != "{#", rest[end] == "'" || rest[end] == "\"" {
          quote = rest[end]
        } else if starts(close.value, at: end) {
          break
        }
        end += 1
      }
      guard end < rest.count else { throw JinjaError("\(close.key) is not closed") }
      let strips = end > begin && rest[end - 1] == "-"
      let keeps = end > begin && rest[end - 1] == "+"
      var content = String.UnicodeScalarView()
      content.append(contentsOf: rest[begin..<(strips || keeps ? end - 1 : end)])
      if !text.isEmpty { parts.append(.text(String(text))) }
      text = String.UnicodeScalarView()
      switch close.key {
      case "{{": parts.append(.output(String(content)))
      case "{%": parts.append(.statement(String(content)))
      default: parts.append(.text(""))
      }
      index = end + 2
      if strips {
        while index < rest.count, isSpace(rest[index]) { index += 1 }
      } else if close.key != "{{", !keeps {
        if starts("\n", at: index) { index += 1 }
      }
      isLineStart = rest[index - 1] == "\n"
    }
    if !text.isEmpty { parts.append(.text(String(text))) }
    return parts
  }

  /// Jinja has one kind of line end, whatever a file has.
  private static func withPlainLineEnds(_ template: String) -> [Unicode.Scalar] {
    var scalars: [Unicode.Scalar] = []
    var isBehindReturn = false
    for scalar in template.unicodeScalars {
      if scalar != "\n" || !isBehindReturn { scalars.append(scalar == "\r" ? "\n" : scalar) }
      isBehindReturn = scalar == "\r"
    }
    return scalars
  }
}

/// The words and signs of one expression or statement.
enum JinjaToken: Hashable {
  case name(String)
  case string(String)
  case integer(Int)
  case sign(String)

  static func all(of text: String) throws -> [JinjaToken] {
    let scalars = Array(text.unicodeScalars)
    var tokens: [JinjaToken] = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.properties.isWhitespace {
        index += 1
      } else if scalar == "'" || scalar == "\"" {
        tokens.append(.string(try string(scalars, &index, quote: scalar)))
      } else if scalar.properties.isXIDStart || scalar == "_" {
        var word = ""
        while index < scalars.count, scalars[index].properties.isXIDContinue || scalars[index] == "_" {
          word.unicodeScalars.append(scalars[index])
          index += 1
        }
        tokens.append(.name(word))
      } else if ("0"..."9").contains(scalar) {
        var digits = ""
        while index < scalars.count, ("0"..."9").contains(scalars[index]) {
          digits.unicodeScalars.append(scalars[index])
          index += 1
        }
        guard let value = Int(digits) else { throw JinjaError("the number \(digits) is too large") }
        tokens.append(.integer(value))
      } else {
        let two = String(String.UnicodeScalarView(scalars[index..<min(index + 2, scalars.count)]))
        let sign = ["==", "!=", "<=", ">=", "//", "**"].contains(two) ? two : String(Character(scalar))
        guard ["==", "!=", "<=", ">="].contains(sign) || sign.count == 1 && "+-*%~<>=()[]{},.:|".contains(sign) else {
          throw JinjaError("\(sign) is not known in \"\(text)\"")
        }
        tokens.append(.sign(sign))
        index += sign.unicodeScalars.count
      }
    }
    return tokens
  }

  private static func string(_ scalars: [Unicode.Scalar], _ index: inout Int, quote: Unicode.Scalar) throws -> String {
    var result = String.UnicodeScalarView()
    index += 1
    while index < scalars.count, scalars[index] != quote {
      if scalars[index] == "\\" {
        index += 1
        guard index < scalars.count else { break }
        switch scalars[index] {
        case "n": result.append("\n")
        case "t": result.append("\t")
        case "r": result.append("\r")
        case "\\", "'", "\"": result.append(scalars[index])
        default: throw JinjaError("the escape \\\(scalars[index]) is not known")
        }
      } else {
        result.append(scalars[index])
      }
      index += 1
    }
    guard index < scalars.count else { throw JinjaError("a text is not closed") }
    index += 1
    return String(result)
  }
}
