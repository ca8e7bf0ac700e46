/// Layers as the expression of Python's that Megatron-LM evaluates: lists of numbers, repeated and put together, as in
/// `([0]*1+[1]*26)`.
package enum LayerExpression {
  /// More layers than any model has.
  private static let limit = 4096

  /// `nil` for what is no such expression.
  package static func values(of text: String) -> [Int]? {
    var parser = Parser(bytes: Array(text.utf8.filter { $0 != UInt8(ascii: " ") }))
    guard let values = parser.sum(depth: 0), parser.isAtEnd else { return nil }
    return values
  }

  private struct Parser {
    let bytes: [UInt8]
    var index = 0

    var isAtEnd: Bool { index == bytes.count }

    mutating func sum(depth: Int) -> [Int]? {
      guard var left = product(depth: depth) else { return nil }
      while take("+") {
        guard let right = product(depth: depth), left.count + right.count <= LayerExpression.limit else { return nil }
        left += right
      }
      return left
    }

    private mutating func product(depth: Int) -> [Int]? {
      guard var left = operand(depth: depth) else { return nil }
      while take("*") {
        guard let count = number(), count >= 0, left.isEmpty || count <= LayerExpression.limit / left.count else {
          return nil
        }
        // Nothing stays nothing, however often.
        if !left.isEmpty { left = (0..<count).flatMap { _ in left } }
      }
      return left
    }

    private mutating func operand(depth: Int) -> [Int]? {
      guard depth < 32 else { return nil }
      if take("(") {
        guard let inner = sum(depth: depth + 1), take(")") else { return nil }
        return inner
      }
      guard take("[") else { return nil }
      var items: [Int] = []
      while !take("]") {
        guard let item = number(), items.count < LayerExpression.limit else { return nil }
        items.append(item)
        guard take(",") || (index < bytes.count && bytes[index] == UInt8(ascii: "]")) else { return nil }
      }
      return items
    }

    private mutating func number() -> Int? {
      let start = index
      while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
      return Int(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func take(_ character: Character) -> Bool {
      guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
      index += 1
      return true
    }
  }
}
