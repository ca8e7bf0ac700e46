/// The part of Jinja that chat templates of released models use, rendered as transformers renders it (jinja2 3.1 with
/// `trim_blocks` and `lstrip_blocks`). A name, filter, test or statement that is not known is an error.
struct JinjaTemplate {
  private let nodes: [JinjaNode]

  /// - Throws: ``JinjaError``.
  init(_ template: String) throws { nodes = try JinjaParser.nodes(of: template) }

  /// - Throws: ``JinjaError``; what the template raises itself by `raise_exception` with its words.
  func render(_ values: [String: JinjaValue]) throws -> String {
    var rendering = JinjaRendering(scopes: [values])
    try rendering.render(nodes)
    return rendering.text
  }
}

/// One rendering of a template, or of a macro within it.
struct JinjaRendering {
  private(set) var text = ""
  /// The innermost last.
  private var scopes: [[String: JinjaValue]]
  private let budget: Budget
  /// Calls of macros within each other.
  private let depth: Int

  private enum Flow {
    case on, leaveLoop, nextRound
  }

  init(scopes: [[String: JinjaValue]]) { self.init(scopes: scopes, budget: Budget(), depth: 0) }

  private init(scopes: [[String: JinjaValue]], budget: Budget, depth: Int) {
    self.scopes = scopes
    self.budget = budget
    self.depth = depth
  }

  /// Bounds what a template can make of its input, macros included.
  private final class Budget {
    private var steps = 10_000_000

    func spend() throws {
      steps -= 1
      guard steps > 0 else { throw JinjaError("the template does not end") }
    }
  }

  mutating func render(_ nodes: [JinjaNode]) throws { _ = try run(nodes) }

  private mutating func run(_ nodes: [JinjaNode]) throws -> Flow {
    for node in nodes {
      try budget.spend()
      switch node {
      case .text(let content): text += content
      case .output(let expression):
        guard let content = try evaluate(expression).text else { throw JinjaError("a list or mapping is printed") }
        text += content
      case .branches(let branches):
        for branch in branches where try branch.condition.map({ try evaluate($0).isTrue }) ?? true {
          let flow = try run(branch.body)
          if flow != .on { return flow }
          break
        }
      case .loop(let names, let items, let condition, let body, let otherwise):
        try loop(names, items, condition, body, otherwise)
      case .assignment(let name, let member, let expression):
        let value = try evaluate(expression)
        guard let member else {
          scopes[scopes.count - 1][name] = value
          continue
        }
        guard case .namespace(let namespace) = lookUp(name) else { throw JinjaError("\(name) is no namespace") }
        namespace.values[member] = value
      case .capture(let name, let body):
        let outer = text
        text = ""
        let flow = try run(body)
        scopes[scopes.count - 1][name] = .string(text)
        text = outer
        if flow != .on { return flow }
      case .scope(let body):
        scopes.append([:])
        defer { scopes.removeLast() }
        let flow = try run(body)
        if flow != .on { return flow }
      case .macro(let macro):
        // What a macro of a loop sees of the loop is not worth knowing: released templates have none.
        guard scopes.count == 1 else { throw JinjaError("the macro \(macro.name) stands within a loop") }
        scopes[0][macro.name] = .macro(macro)
      case .leaveLoop: return .leaveLoop
      case .nextRound: return .nextRound
      }
    }
    return .on
  }

  private mutating func loop(
    _ names: [String], _ items: JinjaExpression, _ condition: JinjaExpression?, _ body: [JinjaNode],
    _ otherwise: [JinjaNode]
  ) throws {
    var values = try list(try evaluate(items))
    scopes.append([:])
    defer { scopes.removeLast() }
    if let condition {
      values = try values.filter { value in
        try bind(names, value)
        return try evaluate(condition).isTrue
      }
    }
    guard !values.isEmpty else {
      _ = try run(otherwise)
      return
    }
    for (index, value) in values.enumerated() {
      scopes[scopes.count - 1] = [
        "loop": .mapping([
          ("index", .integer(index + 1)), ("index0", .integer(index)), ("first", .boolean(index == 0)),
          ("last", .boolean(index == values.count - 1)), ("length", .integer(values.count)),
          ("revindex", .integer(values.count - index)), ("revindex0", .integer(values.count - index - 1)),
          ("previtem", index > 0 ? values[index - 1] : .undefined),
          ("nextitem", index + 1 < values.count ? values[index + 1] : .undefined),
        ])
      ]
      try bind(names, value)
      if try run(body) == .leaveLoop { break }
    }
  }

  private mutating func bind(_ names: [String], _ value: JinjaValue) throws {
    guard names.count > 1 else {
      scopes[scopes.count - 1][names[0]] = value
      return
    }
    guard case .list(let parts) = value, parts.count == names.count else {
      throw JinjaError("a loop over \(names.joined(separator: ", ")) needs as many values")
    }
    for (name, part) in zip(names, parts) { scopes[scopes.count - 1][name] = part }
  }

  /// What Jinja and transformers (`strftime_now`) define for every template.
  private static let functions: Set<String> = [
    "cycler", "dict", "joiner", "lipsum", "namespace", "raise_exception", "range", "strftime_now",
  ]

  private func lookUp(_ name: String) -> JinjaValue {
    scopes.reversed().lazy.compactMap { $0[name] }.first ?? .undefined
  }

  /// What a loop over a value goes through; nothing where it is undefined.
  func list(_ value: JinjaValue) throws -> [JinjaValue] {
    switch value {
    case .undefined: return []
    case .list(let items): return items
    case .mapping(let entries): return entries.map { .string($0.key) }
    case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
    default: throw JinjaError("a loop over what is no list")
    }
  }

  // MARK: Expressions

  func evaluate(_ expression: JinjaExpression) throws -> JinjaValue {
    switch expression {
    case .literal(let value): return value
    case .name(let name):
      let value = lookUp(name)
      // Defined there: a template that asks, goes another way for it.
      if case .undefined = value, Self.functions.contains(name) { throw JinjaError("\(name) is not known as a value") }
      return value
    case .list(let items): return .list(try items.map(evaluate))
    case .mapping(let entries): return .mapping(try entries.map { ($0.key, try evaluate($0.value)) })
    case .member(let value, let name): return try member(try evaluate(value), name)
    case .element(let value, let index): return try element(try evaluate(value), try evaluate(index))
    case .slice(let value, let from, let to, let step):
      return try slice(
        try evaluate(value), try from.map(evaluate), try to.map(evaluate), try step.map(evaluate))
    case .call(.name(let name), let values, let named):
      let (values, named) = (try values.map(evaluate), try named.map { ($0.key, try evaluate($0.value)) })
      if case .macro(let macro) = lookUp(name) { return .string(try call(macro, values, named)) }
      return try function(name, values, named)
    case .call(.member(let receiver, let name), let values, let named) where named.isEmpty:
      return try method(name, try evaluate(receiver), try values.map(evaluate))
    case .call: throw JinjaError("a function that is called is not known")
    case .filter(let value, let name, let values, let named):
      return try filter(
        name, try evaluate(value), try values.map(evaluate), try named.map { ($0.key, try evaluate($0.value)) })
    case .test(let value, let name, let isNegated): return .boolean(try test(name, try evaluate(value)) != isNegated)
    case .not(let value): return .boolean(try !evaluate(value).isTrue)
    case .negative(let value):
      guard let number = try evaluate(value).number else { throw JinjaError("- before what is no number") }
      return .integer(-number)
    case .both(let left, let right):
      let first = try evaluate(left)
      return first.isTrue ? try evaluate(right) : first
    case .either(let left, let right):
      let first = try evaluate(left)
      return first.isTrue ? first : try evaluate(right)
    case .binary(let sign, let left, let right): return try binary(sign, try evaluate(left), try evaluate(right))
    case .choice(let value, let condition, let otherwise):
      return try evaluate(condition).isTrue ? try evaluate(value) : try otherwise.map(evaluate) ?? .undefined
    }
  }

  /// A macro sees its arguments and what stands outside of all loops.
  private func call(
    _ macro: JinjaMacro, _ values: [JinjaValue], _ named: [(key: String, value: JinjaValue)]
  ) throws -> String {
    guard depth < 32 else { throw JinjaError("macros call each other too deeply") }
    guard values.count <= macro.parameters.count else { throw JinjaError("\(macro.name) has fewer parameters") }
    var arguments: [String: JinjaValue] = [:]
    for (parameter, value) in zip(macro.parameters, values) { arguments[parameter.name] = value }
    for (name, value) in named {
      guard macro.parameters.contains(where: { $0.name == name }), arguments[name] == nil else {
        throw JinjaError("\(macro.name) has no parameter \(name), or has it already")
      }
      arguments[name] = value
    }
    var rendering = JinjaRendering(scopes: [scopes[0], arguments], budget: budget, depth: depth + 1)
    for parameter in macro.parameters where arguments[parameter.name] == nil {
      rendering.scopes[1][parameter.name] = try parameter.fallback.map(rendering.evaluate) ?? .undefined
    }
    try rendering.render(macro.body)
    return rendering.text
  }

  private func member(_ value: JinjaValue, _ name: String) throws -> JinjaValue {
    if case .undefined = value { throw JinjaError("\(name) of what is undefined") }
    return value.member(name) ?? .undefined
  }

  private func element(_ value: JinjaValue, _ index: JinjaValue) throws -> JinjaValue {
    if case .string(let key) = index { return try member(value, key) }
    guard let place = index.number else { throw JinjaError("an index is neither number nor text") }
    let items: [JinjaValue]
    switch value {
    case .list(let values): items = values
    case .string(let text): items = text.unicodeScalars.map { .string(String($0)) }
    default: throw JinjaError("an index into what is no list")
    }
    let position = place < 0 ? items.count + place : place
    return items.indices.contains(position) ? items[position] : .undefined
  }

  private func slice(
    _ value: JinjaValue, _ from: JinjaValue?, _ to: JinjaValue?, _ step: JinjaValue?
  ) throws -> JinjaValue {
    func indices(_ count: Int) throws -> [Int] {
      let step = try step.map { try number($0) } ?? 1
      guard step == 1 || step == -1 else { throw JinjaError("a slice with a step of \(step)") }
      func clamped(_ bound: JinjaValue?, _ fallback: Int) throws -> Int {
        guard let bound, let number = bound.number else { return fallback }
        let place = number < 0 ? count + number : number
        return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
      }
      return step > 0
        ? Array(stride(from: try clamped(from, 0), to: try clamped(to, count), by: 1))
        : Array(stride(from: try clamped(from, count - 1), to: try clamped(to, -1), by: -1))
    }
    switch value {
    case .list(let items): return .list(try indices(items.count).map { items[$0] })
    case .string(let text):
      let scalars = Array(text.unicodeScalars)
      var result = String.UnicodeScalarView()
      for index in try indices(scalars.count) { result.append(scalars[index]) }
      return .string(String(result))
    default: throw JinjaError("a slice of what is neither list nor text")
    }
  }

  func number(_ value: JinjaValue) throws -> Int {
    guard let number = value.number else { throw JinjaError("a number is expected") }
    return number
  }

  func string(_ value: JinjaValue) throws -> String {
    guard case .string(let text) = value else { throw JinjaError("a text is expected") }
    return text
  }

  private func binary(_ sign: String, _ left: JinjaValue, _ right: JinjaValue) throws -> JinjaValue {
    switch sign {
    case "==": return .boolean(JinjaValue.areEqual(left, right))
    case "!=": return .boolean(!JinjaValue.areEqual(left, right))
    case "in": return .boolean(try contains(right, left))
    case "~":
      guard let first = left.text, let second = right.text else { throw JinjaError("~ of lists") }
      return .string(first + second)
    case "+":
      switch (left, right) {
      case (.string(let first), .string(let second)): return .string(first + second)
      case (.list(let first), .list(let second)): return .list(first + second)
      default: return try arithmetic(left, right) { $0.addingReportingOverflow($1) }
      }
    case "-": return try arithmetic(left, right) { $0.subtractingReportingOverflow($1) }
    case "*": return try arithmetic(left, right) { $0.multipliedReportingOverflow(by: $1) }
    case "%":
      return try arithmetic(left, right) { left, right in
        guard right != 0 else { return (0, true) }
        let rest = left.remainderReportingOverflow(dividingBy: right).partialValue
        // Python's remainder has the divisor's sign.
        return (rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest, false)
      }
    default:
      let order: (Bool, Bool)
      if case .string(let first) = left, case .string(let second) = right {
        let (first, second) = (first.unicodeScalars, second.unicodeScalars)
        order = (first.lexicographicallyPrecedes(second), second.lexicographicallyPrecedes(first))
      } else {
        let (first, second) = (try number(left), try number(right))
        order = (first < second, second < first)
      }
      switch sign {
      case "<": return .boolean(order.0)
      case ">": return .boolean(order.1)
      case "<=": return .boolean(!order.1)
      default: return .boolean(!order.0)
      }
    }
  }

  private func arithmetic(
    _ left: JinjaValue, _ right: JinjaValue, _ compute: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws -> JinjaValue {
    let (value, overflow) = compute(try number(left), try number(right))
    guard !overflow else { throw JinjaError("a number is too large") }
    return .integer(value)
  }

  private func contains(_ container: JinjaValue, _ value: JinjaValue) throws -> Bool {
    switch container {
    case .list(let items): return items.contains { JinjaValue.areEqual($0, value) }
    case .mapping(let entries):
      guard case .string(let key) = value else { return false }
      return entries.contains { $0.key == key }
    case .string(let text): return JinjaText.range(of: try string(value), in: text) != nil
    case .undefined: return false
    default: throw JinjaError("`in` of what holds nothing")
    }
  }
}
