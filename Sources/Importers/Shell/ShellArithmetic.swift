/// A whole-number expression of a shell: `+ - * / %`, comparisons, `&& || !`, brackets, numbers and variables. What is true
/// is 1.
struct ShellArithmetic {
  private let bytes: [UInt8]
  private let value: (String) -> Int?
  private var index = 0

  init(_ bytes: [UInt8], value: @escaping (String) -> Int?) {
    self.bytes = bytes
    self.value = value
  }

  /// `nil` for what is no such expression, has unknown variables, or overflows.
  mutating func result() -> Int? {
    guard let result = choice(depth: 0) else { return nil }
    skipBlanks()
    return index == bytes.count ? result : nil
  }

  private mutating func choice(depth: Int) -> Int? {
    guard var left = both(depth: depth) else { return nil }
    while take("||") {
      guard let right = both(depth: depth) else { return nil }
      left = left != 0 || right != 0 ? 1 : 0
    }
    return left
  }

  private mutating func both(depth: Int) -> Int? {
    guard var left = comparison(depth: depth) else { return nil }
    while take("&&") {
      guard let right = comparison(depth: depth) else { return nil }
      left = left != 0 && right != 0 ? 1 : 0
    }
    return left
  }

  private mutating func comparison(depth: Int) -> Int? {
    guard let left = sum(depth: depth) else { return nil }
    guard let (_, holds) = Self.comparisons.first(where: { take($0.sign) }) else { return left }
    return sum(depth: depth).map { holds(left, $0) ? 1 : 0 }
  }

  /// The longer signs first.
  private static let comparisons: [(sign: String, holds: @Sendable (Int, Int) -> Bool)] = [
    ("==", { $0 == $1 }), ("!=", { $0 != $1 }), ("<=", { $0 <= $1 }), (">=", { $0 >= $1 }), ("<", { $0 < $1 }),
    (">", { $0 > $1 }),
  ]

  private mutating func take(_ sign: String) -> Bool {
    skipBlanks()
    guard bytes[index...].starts(with: sign.utf8) else { return false }
    index += sign.utf8.count
    return true
  }

  private mutating func sum(depth: Int) -> Int? {
    guard var left = product(depth: depth) else { return nil }
    while let sign = next(of: "+-") {
      guard let right = product(depth: depth) else { return nil }
      let (result, overflow) =
        sign == UInt8(ascii: "+") ? left.addingReportingOverflow(right) : left.subtractingReportingOverflow(right)
      guard !overflow else { return nil }
      left = result
    }
    return left
  }

  private mutating func product(depth: Int) -> Int? {
    guard var left = operand(depth: depth) else { return nil }
    while let sign = next(of: "*/%") {
      guard let right = operand(depth: depth) else { return nil }
      let (result, overflow) =
        switch sign {
        case UInt8(ascii: "*"): left.multipliedReportingOverflow(by: right)
        case UInt8(ascii: "/"): left.dividedReportingOverflow(by: right)
        default: left.remainderReportingOverflow(dividingBy: right)
        }
      guard !overflow else { return nil }
      left = result
    }
    return left
  }

  private mutating func operand(depth: Int) -> Int? {
    guard depth < 64 else { return nil }
    if next(of: "(") != nil {
      guard let inner = choice(depth: depth + 1), next(of: ")") != nil else { return nil }
      return inner
    }
    if !bytes[index...].starts(with: "!=".utf8), next(of: "!") != nil {
      return operand(depth: depth + 1).map { $0 == 0 ? 1 : 0 }
    }
    if next(of: "-") != nil { return operand(depth: depth + 1).map { 0 &- $0 } }
    _ = next(of: "$")
    let isBraced = next(of: "{") != nil
    let start = index
    while index < bytes.count, Self.isOfWord(bytes[index]) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    guard !isBraced || next(of: "}") != nil else { return nil }
    return Int(word) ?? (word.isEmpty ? nil : value(word))
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func next(of characters: String) -> UInt8? {
    skipBlanks()
    guard index < bytes.count, characters.utf8.contains(bytes[index]) else { return nil }
    defer { index += 1 }
    return bytes[index]
  }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\n") { index += 1 }
  }
}
