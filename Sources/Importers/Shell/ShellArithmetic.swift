/// A whole-number expression of a shell: numbers, variables and items of arrays, with the operators of C that change nothing.
/// What is true is 1.
struct ShellArithmetic {
  private let bytes: [UInt8]
  private let value: (String, Int?) -> Int?
  private var index = 0

  /// - Parameter value: of a variable, or of an array's item.
  init(_ bytes: [UInt8], value: @escaping (_ name: String, _ item: Int?) -> Int?) {
    self.bytes = bytes
    self.value = value
  }

  /// `nil` for what is no such expression, has unknown variables, or overflows.
  mutating func result() -> Int? {
    guard let result = choice(depth: 0) else { return nil }
    skipBlanks()
    return index == bytes.count ? result : nil
  }

  /// `a ? b : c`.
  private mutating func choice(depth: Int) -> Int? {
    guard depth < 64, let condition = binary(0, depth: depth) else { return nil }
    guard take("?") else { return condition }
    guard let yes = choice(depth: depth + 1), take(":"), let no = choice(depth: depth + 1) else { return nil }
    return condition != 0 ? yes : no
  }

  /// Those of one level bind alike, and tighter than those before; of signs that begin alike the longer one comes first.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"],
    ["*", "/", "%"],
  ]

  private mutating func binary(_ level: Int, depth: Int) -> Int? {
    guard level < Self.levels.count else { return power(depth: depth) }
    guard var left = binary(level + 1, depth: depth) else { return nil }
    while let sign = Self.levels[level].first(where: { takeOperator($0) }) {
      guard let right = binary(level + 1, depth: depth), let result = Self.apply(sign, left, right) else { return nil }
      left = result
    }
    return left
  }

  private static func apply(_ sign: String, _ left: Int, _ right: Int) -> Int? {
    func unlessOverflown(_ result: (partialValue: Int, overflow: Bool)) -> Int? {
      result.overflow ? nil : result.partialValue
    }
    switch sign {
    case "||": return left != 0 || right != 0 ? 1 : 0
    case "&&": return left != 0 && right != 0 ? 1 : 0
    case "|": return left | right
    case "^": return left ^ right
    case "&": return left & right
    case "==": return left == right ? 1 : 0
    case "!=": return left != right ? 1 : 0
    case "<=": return left <= right ? 1 : 0
    case ">=": return left >= right ? 1 : 0
    case "<": return left < right ? 1 : 0
    case ">": return left > right ? 1 : 0
    case "<<": return (0..<63).contains(right) ? unlessOverflown(left.multipliedReportingOverflow(by: 1 << right)) : nil
    case ">>": return (0..<64).contains(right) ? left >> right : nil
    case "+": return unlessOverflown(left.addingReportingOverflow(right))
    case "-": return unlessOverflown(left.subtractingReportingOverflow(right))
    case "*": return unlessOverflown(left.multipliedReportingOverflow(by: right))
    case "/": return unlessOverflown(left.dividedReportingOverflow(by: right))
    case "%": return unlessOverflown(left.remainderReportingOverflow(dividingBy: right))
    default: return nil
    }
  }

  /// `a ** b`, from the right.
  private mutating func power(depth: Int) -> Int? {
    guard let base = operand(depth: depth) else { return nil }
    guard take("**") else { return base }
    guard depth < 64, let exponent = power(depth: depth + 1), (0..<64).contains(exponent) else { return nil }
    return (0..<exponent).reduce(1 as Int?) { result, _ in result.flatMap { Self.apply("*", $0, base) } }
  }

  private mutating func operand(depth: Int) -> Int? {
    guard depth < 64 else { return nil }
    if take("(") {
      guard let inner = choice(depth: depth + 1), take(")") else { return nil }
      return inner
    }
    if take("!") { return operand(depth: depth + 1).map { $0 == 0 ? 1 : 0 } }
    if take("~") { return operand(depth: depth + 1).map { ~$0 } }
    if take("-") { return operand(depth: depth + 1).map { 0 &- $0 } }
    if take("+") { return operand(depth: depth + 1) }
    _ = take("$")
    let isBraced = take("{")
    skipBlanks()
    let start = index
    while index < bytes.count, ShellScript.isOfName(bytes[index], first: false) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    guard !word.isEmpty, !isBraced || take("}") else { return nil }
    if let first = bytes[start..<index].first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      return Self.number(word)
    }
    guard take("[") else { return value(word, nil) }
    guard let item = choice(depth: depth + 1), take("]") else { return nil }
    return value(word, item)
  }

  /// With `0x` hexadecimal, and with a `0` before octal.
  private static func number(_ word: String) -> Int? {
    if word.hasPrefix("0x") || word.hasPrefix("0X") { return Int(word.dropFirst(2), radix: 16) }
    return word.hasPrefix("0") && word.count > 1 ? Int(word, radix: 8) : Int(word)
  }

  /// A sign that is not the beginning of a longer one.
  private mutating func takeOperator(_ sign: String) -> Bool {
    let before = index
    guard take(sign) else { return false }
    let next = index < bytes.count ? bytes[index] : nil
    let isLonger =
      switch sign {
      case "|", "&", "<", ">": next == sign.utf8.first
      case "*": next == UInt8(ascii: "*")
      default: false
      }
    if isLonger { index = before }
    return !isLonger
  }

  private mutating func take(_ sign: String) -> Bool {
    skipBlanks()
    guard bytes[index...].starts(with: sign.utf8) else { return false }
    index += sign.utf8.count
    return true
  }

  private mutating func skipBlanks() {
    while index < bytes.count, " \t\n".utf8.contains(bytes[index]) { index += 1 }
  }
}
