/// Reads a template into nodes. What it does not know is an error: nothing is passed over.
struct JinjaParser {
  private var parts: ArraySlice<JinjaPart>

  /// - Throws: ``JinjaError``.
  static func nodes(of template: String) throws -> [JinjaNode] {
    var parser = JinjaParser(parts: try JinjaPart.all(of: template)[...])
    let (nodes, end) = try parser.body(until: [])
    guard end == nil else { throw JinjaError("{% \(end?.word ?? "") %} closes nothing") }
    return nodes
  }

  private struct End {
    let word: String
    var expression: JinjaExpressionParser
  }

  /// Nodes up to one of some closing statements, which is taken.
  private mutating func body(until words: Set<String>) throws -> ([JinjaNode], End?) {
    var nodes: [JinjaNode] = []
    while let part = parts.popFirst() {
      switch part {
      case .text(let text): if !text.isEmpty { nodes.append(.text(text)) }
      case .output(let text): nodes.append(.output(try JinjaExpressionParser.whole(text)))
      case .statement(let text):
        var expression = JinjaExpressionParser(try JinjaToken.all(of: text))
        let word = try expression.name()
        if words.contains(word) { return (nodes, End(word: word, expression: expression)) }
        nodes.append(try statement(word, expression))
      }
    }
    guard words.isEmpty else { throw JinjaError("the template ends before {% \(words.sorted().last ?? "") %}") }
    return (nodes, nil)
  }

  private mutating func statement(_ word: String, _ expression: JinjaExpressionParser) throws -> JinjaNode {
    var expression = expression
    switch word {
    case "if": return try branches(expression)
    case "for": return try loop(expression)
    case "set":
      let name = try expression.name()
      let member = try expression.takes(".") ? expression.name() : nil
      guard expression.takes("=") else {
        try expression.finish()
        let (body, _) = try body(until: ["endset"])
        return .capture(name: name, body: body)
      }
      let value = try expression.expression()
      try expression.finish()
      return .assignment(name: name, member: member, value)
    case "break":
      try expression.finish()
      return .leaveLoop
    case "continue":
      try expression.finish()
      return .nextRound
    case "generation":
      // transformers marks what the assistant says by it; the text is the same.
      try expression.finish()
      let (body, _) = try body(until: ["endgeneration"])
      return .scope(body)
    case "macro": return .macro(try macro(expression))
    default: throw JinjaError("{% \(word) %} is not known")
    }
  }

  private mutating func macro(_ first: JinjaExpressionParser) throws -> JinjaMacro {
    var parser = first
    let name = try parser.name()
    let parameters = try parser.parameters()
    try parser.finish()
    let (body, _) = try body(until: ["endmacro"])
    return JinjaMacro(name: name, parameters: parameters, body: body)
  }

  private mutating func branches(_ first: JinjaExpressionParser) throws -> JinjaNode {
    var branches: [(condition: JinjaExpression?, body: [JinjaNode])] = []
    var parser = first
    var condition: JinjaExpression? = try parser.expression()
    try parser.finish()
    while true {
      let (nodes, end) = try body(until: condition == nil ? ["endif"] : ["elif", "else", "endif"])
      branches.append((condition, nodes))
      guard var end, end.word != "endif" else { return .branches(branches) }
      condition = end.word == "elif" ? try end.expression.expression() : nil
      try end.expression.finish()
    }
  }

  private mutating func loop(_ first: JinjaExpressionParser) throws -> JinjaNode {
    var parser = first
    var names = [try parser.name()]
    while parser.takes(",") { names.append(try parser.name()) }
    guard try parser.name() == "in" else { throw JinjaError("a loop without `in`") }
    let items = try parser.expression(withChoice: false)
    let condition = parser.takesName("if") ? try parser.expression() : nil
    try parser.finish()
    let (nodes, end) = try body(until: ["else", "endfor"])
    let otherwise = end?.word == "else" ? try body(until: ["endfor"]).0 : []
    return .loop(names: names, items, condition: condition, body: nodes, otherwise: otherwise)
  }
}

/// Reads one expression by Jinja's precedence.
struct JinjaExpressionParser {
  private var tokens: ArraySlice<JinjaToken>
  private var depth = 0

  init(_ tokens: [JinjaToken]) { self.tokens = tokens[...] }

  static func whole(_ text: String) throws -> JinjaExpression {
    var parser = JinjaExpressionParser(try JinjaToken.all(of: text))
    let expression = try parser.expression()
    try parser.finish()
    return expression
  }

  mutating func finish() throws {
    if let token = tokens.first { throw JinjaError("\(token.spelling) is not expected") }
  }

  mutating func takes(_ sign: String) -> Bool {
    guard tokens.first == .sign(sign) else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func takesName(_ name: String) -> Bool {
    guard tokens.first == .name(name) else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func name() throws -> String {
    guard case .name(let name)? = tokens.popFirst() else { throw JinjaError("a name is expected") }
    return name
  }

  private mutating func expect(_ sign: String) throws {
    guard takes(sign) else { throw JinjaError("\(sign) is expected before \(tokens.first?.spelling ?? "the end")") }
  }

  mutating func expression(withChoice: Bool = true) throws -> JinjaExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64 else { throw JinjaError("an expression is nested too deeply") }
    let value = try disjunction()
    guard withChoice, takesName("if") else { return value }
    let condition = try disjunction()
    return .choice(value, condition: condition, otherwise: takesName("else") ? try expression() : nil)
  }

  private mutating func disjunction() throws -> JinjaExpression {
    var left = try conjunction()
    while takesName("or") { left = .either(left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws -> JinjaExpression {
    var left = try negation()
    while takesName("and") { left = .both(left, try negation()) }
    return left
  }

  private mutating func negation() throws -> JinjaExpression {
    takesName("not") ? .not(try negation()) : try comparison()
  }

  private mutating func comparison() throws -> JinjaExpression {
    let left = try sum()
    guard let sign = comparisonSign() else { return left }
    let right = try sum()
    // Python's chains compare each with its neighbours, and nobody means one.
    guard comparisonSign() == nil else { throw JinjaError("comparisons follow each other") }
    return sign == "not in" ? .not(.binary("in", left, right)) : .binary(sign, left, right)
  }

  private mutating func comparisonSign() -> String? {
    if let sign = ["==", "!=", "<=", ">=", "<", ">"].first(where: { takes($0) }) { return sign }
    if takesName("in") { return "in" }
    guard tokens.first == .name("not"), tokens.dropFirst().first == .name("in") else { return nil }
    tokens.removeFirst(2)
    return "not in"
  }

  private mutating func sum() throws -> JinjaExpression {
    var left = try concatenation()
    while let sign = ["+", "-"].first(where: { tokens.first == .sign($0) }) {
      tokens.removeFirst()
      left = .binary(sign, left, try concatenation())
    }
    return left
  }

  private mutating func concatenation() throws -> JinjaExpression {
    var left = try product()
    while takes("~") { left = .binary("~", left, try product()) }
    return left
  }

  private mutating func product() throws -> JinjaExpression {
    var left = try sign()
    while let sign = ["*", "%"].first(where: { tokens.first == .sign($0) }) {
      tokens.removeFirst()
      left = .binary(sign, left, try self.sign())
    }
    return left
  }

  /// A sign binds more loosely than what follows a value, but a filter more loosely than a sign.
  private mutating func sign() throws -> JinjaExpression {
    let isNegative = takes("-")
    var value = try postfix(try primary())
    if isNegative { value = .negative(value) }
    while true {
      if takes("|") {
        let filter = try name()
        let (values, named) = takes("(") ? try arguments() : ([], [])
        value = .filter(value, filter, values, named: named)
        value = try postfix(value)
      } else if takesName("is") {
        let isNegated = takesName("not")
        value = .test(value, try name(), isNegated: isNegated)
      } else {
        return value
      }
    }
  }

  private mutating func postfix(_ first: JinjaExpression) throws -> JinjaExpression {
    var value = first
    while true {
      if takes(".") {
        value = .member(value, try name())
      } else if takes("[") {
        value = try subscripted(value)
      } else if takes("(") {
        let (values, named) = try arguments()
        value = .call(value, values, named: named)
      } else {
        return value
      }
    }
  }

  private mutating func subscripted(_ value: JinjaExpression) throws -> JinjaExpression {
    var bounds: [JinjaExpression?] = [nil]
    while !takes("]") {
      if takes(":") {
        bounds.append(nil)
      } else {
        guard bounds[bounds.count - 1] == nil else { throw JinjaError("] is expected") }
        bounds[bounds.count - 1] = try expression()
      }
    }
    if bounds.count == 1, let index = bounds[0] { return .element(value, index) }
    guard (2...3).contains(bounds.count) else { throw JinjaError("a slice has two bounds and a step") }
    return .slice(value, from: bounds[0], to: bounds[1], step: bounds.count == 3 ? bounds[2] : nil)
  }

  private mutating func arguments() throws -> (
    values: [JinjaExpression], named: [(key: String, value: JinjaExpression)]
  ) {
    var values: [JinjaExpression] = []
    var named: [(key: String, value: JinjaExpression)] = []
    while !takes(")") {
      if case .name(let key)? = tokens.first, tokens.dropFirst().first == .sign("=") {
        tokens.removeFirst(2)
        named.append((key, try expression()))
      } else {
        values.append(try expression())
      }
      if !takes(",") {
        try expect(")")
        break
      }
    }
    return (values, named)
  }

  /// The parameters of a macro.
  mutating func parameters() throws -> [(name: String, fallback: JinjaExpression?)] {
    try expect("(")
    var parameters: [(name: String, fallback: JinjaExpression?)] = []
    while !takes(")") {
      parameters.append((try name(), takes("=") ? try expression() : nil))
      if !takes(",") {
        try expect(")")
        break
      }
    }
    return parameters
  }

  /// Of what stands in parentheses behind the first of several values.
  private mutating func tuple(_ first: JinjaExpression) throws -> JinjaExpression {
    var items = [first]
    while !takes(")") {
      items.append(try expression())
      if !takes(",") {
        try expect(")")
        break
      }
    }
    return .list(items)
  }

  private mutating func primary() throws -> JinjaExpression {
    switch tokens.popFirst() {
    case .string(let text)?:
      var text = text
      // Neighbouring texts are one.
      while case .string(let more)? = tokens.first {
        tokens.removeFirst()
        text += more
      }
      return .literal(.string(text))
    case .integer(let value)?: return .literal(.integer(value))
    case .name(let name)?:
      switch name {
      case "true", "True": return .literal(.boolean(true))
      case "false", "False": return .literal(.boolean(false))
      case "none", "None": return .literal(.none)
      case "caller", "varargs", "kwargs", "self", "super": throw JinjaError("\(name) is not known")
      default: return .name(name)
      }
    case .sign("(")?:
      let inner = try expression()
      if takes(",") { return try tuple(inner) }
      try expect(")")
      return inner
    case .sign("[")?:
      var items: [JinjaExpression] = []
      while !takes("]") {
        items.append(try expression())
        if !takes(",") {
          try expect("]")
          break
        }
      }
      return .list(items)
    case .sign("{")?:
      var entries: [(key: String, value: JinjaExpression)] = []
      while !takes("}") {
        guard case .string(let key)? = tokens.popFirst() else { throw JinjaError("a key is a text") }
        try expect(":")
        entries.append((key, try expression()))
        if !takes(",") {
          try expect("}")
          break
        }
      }
      return .mapping(entries)
    case let token?: throw JinjaError("\(token.spelling) is not expected")
    case nil: throw JinjaError("an expression ends too early")
    }
  }
}

extension JinjaToken {
  var spelling: String {
    switch self {
    case .name(let text), .sign(let text): "\"\(text)\""
    case .string(let text): "'\(text)'"
    case .integer(let value): "\(value)"
    }
  }
}
