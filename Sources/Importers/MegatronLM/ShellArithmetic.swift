/// A whole-number expression of a shell: `+ - * / %`, brackets, numbers and variables.
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
    guard let result = sum(depth: 0) else { return nil }
    skipBlanks()
    return index == bytes.count ? result : nil
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
      guard let inner = sum(depth: depth + 1), next(of: ")") != nil else { return nil }
      return inner
    }
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
