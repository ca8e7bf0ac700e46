/// The tests, filters, functions and methods that are known.
extension JinjaRendering {
  func test(_ name: String, _ value: JinjaValue) throws -> Bool {
    switch (name, value) {
    case ("undefined", .undefined), ("none", .none), ("string", .string), ("boolean", .boolean), ("integer", .integer),
      ("number", .integer), ("number", .boolean), ("mapping", .mapping), ("iterable", .list),
      ("iterable", .string), ("iterable", .mapping), ("iterable", .undefined), ("sequence", .list),
      ("sequence", .string), ("sequence", .mapping), ("sequence", .undefined):
      return true
    case ("defined", _):
      if case .undefined = value { return false }
      return true
    case ("true", .boolean(let flag)): return flag
    case ("false", .boolean(let flag)): return !flag
    case ("undefined", _), ("none", _), ("string", _), ("boolean", _), ("integer", _), ("number", _), ("mapping", _),
      ("iterable", _), ("sequence", _), ("true", _), ("false", _):
      return false
    default: throw JinjaError("the test `is \(name)` is not known")
    }
  }

  /// Filters on texts take what a value is printed as.
  func filter(
    _ name: String, _ value: JinjaValue, _ arguments: [JinjaValue], _ named: [(key: String, value: JinjaValue)]
  ) throws -> JinjaValue {
    if name == "tojson", arguments.isEmpty { return .string(try JinjaJSON(named).text(value)) }
    guard named.isEmpty else { throw JinjaError("the filter \(name) is not known with \(named[0].key)") }
    switch (name, arguments.count) {
    case ("trim", 0): return .string(JinjaText.stripped(try printed(value)))
    case ("upper", 0): return .string(try printed(value).uppercased())
    case ("lower", 0): return .string(try printed(value).lowercased())
    // Nothing is escaped in a chat, so nothing has to be called safe.
    case ("string", 0), ("safe", 0): return .string(try printed(value))
    case ("length", 0), ("count", 0): return .integer(try list(value).count)
    case ("first", 0): return try list(value).first ?? .undefined
    case ("last", 0): return try list(value).last ?? .undefined
    case ("list", 0): return .list(try list(value))
    case ("reverse", 0): return .list(try list(value).reversed())
    case ("default", 1...2), ("d", 1...2):
      if case .undefined = value { return arguments[0] }
      return arguments.count == 2 && arguments[1].isTrue && !value.isTrue ? arguments[0] : value
    case ("join", 0...1):
      return .string(try list(value).map(printed).joined(separator: try arguments.first.map(string) ?? ""))
    case ("replace", 2):
      return .string(
        JinjaText.replacing(try string(arguments[0]), by: try string(arguments[1]), in: try printed(value)))
    case ("items", 0):
      guard case .mapping(let entries) = value else { throw JinjaError("the items of what is no mapping") }
      return .list(entries.map { .list([.string($0.key), $0.value]) })
    default: throw JinjaError("the filter \(name) is not known with \(arguments.count) arguments")
    }
  }

  private func printed(_ value: JinjaValue) throws -> String {
    guard let text = value.text else { throw JinjaError("a list or mapping as text") }
    return text
  }

  func function(
    _ name: String, _ values: [JinjaValue], _ named: [(key: String, value: JinjaValue)]
  ) throws -> JinjaValue {
    switch (name, values.count, named.isEmpty) {
    case ("namespace", 0, _):
      let namespace = JinjaNamespace()
      for (key, value) in named { namespace.values[key] = value }
      return .namespace(namespace)
    case ("raise_exception", 1, true): throw JinjaError(try string(values[0]))
    case ("range", 1...3, true):
      let bounds = try values.map(number)
      let (from, to) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      let step = bounds.count == 3 ? bounds[2] : 1
      guard step == 1 || step == -1 else { throw JinjaError("range with a step of \(step)") }
      let (distance, overflow) = to.subtractingReportingOverflow(from)
      guard !overflow, abs(distance) < 100_000 else { throw JinjaError("range from \(from) to \(to)") }
      return .list(stride(from: from, to: to, by: step).map { .integer($0) })
    default: throw JinjaError("the function \(name) is not known with \(values.count) arguments")
    }
  }

  func method(_ name: String, _ value: JinjaValue, _ arguments: [JinjaValue]) throws -> JinjaValue {
    switch (value, name, arguments.count) {
    case (.string(let text), "strip", 0...1): return .string(JinjaText.stripped(text, try arguments.first.map(string)))
    case (.string(let text), "lstrip", 0...1):
      return .string(JinjaText.stripped(text, try arguments.first.map(string), atEnd: false))
    case (.string(let text), "rstrip", 0...1):
      return .string(JinjaText.stripped(text, try arguments.first.map(string), atStart: false))
    case (.string(let text), "startswith", 1):
      return .boolean(text.utf8.starts(with: try string(arguments[0]).utf8))
    case (.string(let text), "endswith", 1):
      return .boolean(text.utf8.reversed().starts(with: try string(arguments[0]).utf8.reversed()))
    case (.string(let text), "upper", 0): return .string(text.uppercased())
    case (.string(let text), "lower", 0): return .string(text.lowercased())
    case (.string(let text), "replace", 2):
      return .string(JinjaText.replacing(try string(arguments[0]), by: try string(arguments[1]), in: text))
    case (.string(let text), "split", 1...2):
      let limit = arguments.count == 2 ? try number(arguments[1]) : -1
      return .list(
        try JinjaText.split(text, by: try string(arguments[0]), limit: limit < 0 ? nil : limit).map { .string($0) })
    case (.mapping(let entries), "items", 0): return .list(entries.map { .list([.string($0.key), $0.value]) })
    case (.mapping(let entries), "keys", 0): return .list(entries.map { .string($0.key) })
    case (.mapping(let entries), "get", 1...2):
      let key = try string(arguments[0])
      return entries.first { $0.key == key }?.value ?? (arguments.count == 2 ? arguments[1] : .none)
    default: throw JinjaError("the method \(name) is not known here")
    }
  }
}
