import ConfigDocument
import Diagnostics

/// Finds out by the brackets before it where in a JSON text a cursor is; the text need not be complete.
struct JSONCompletionScanner {
  private enum Container {
    case object(key: String?)
    case array
  }

  private(set) var place: CompletionPlace?
  private var stack: [Container] = []
  /// Whether a value may begin here: behind a colon, a comma of an array, or its bracket.
  private var expectsValue = true

  init(_ file: SourceFile, upTo offset: Int) {
    let bytes = Array(file.text.utf8)
    let end = min(offset, bytes.count)
    var index = 0
    // A text that is deeper than any config has no place for a completion.
    while index < end, stack.count <= DocumentLimit.depth {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        let close = Self.stringEnd(bytes, index + 1, limit: end)
        guard let close else {
          place = place(from: index, to: end, bytes, inString: true)
          return
        }
        note(string: String(decoding: bytes[index + 1..<close], as: UTF8.self))
        index = close + 1
      case let byte where byte.isWordByte || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+"):
        let start = index
        while index < end, bytes[index].isWordByte || bytes[index] == UInt8(ascii: ".") { index += 1 }
        if index == end {
          place = place(from: start, to: end, bytes, inString: false)
          return
        }
        index = max(index, start + 1)
        expectsValue = false
      case let byte:
        note(punctuation: byte)
        index += 1
      }
    }
    if index == end { place = place(from: end, to: end, bytes, inString: false) }
  }

  /// The index of the quote that ends a string; `nil` where it goes on to the limit.
  private static func stringEnd(_ bytes: [UInt8], _ start: Int, limit: Int) -> Int? {
    var index = start
    while index < limit {
      switch bytes[index] {
      case UInt8(ascii: "\""): return index
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    return nil
  }

  private mutating func note(string: String) {
    if case .object? = stack.last, !expectsValue { stack[stack.count - 1] = .object(key: string) }
    expectsValue = false
  }

  private mutating func note(punctuation byte: UInt8) {
    switch byte {
    case UInt8(ascii: "{"):
      stack.append(.object(key: nil))
      expectsValue = false
    case UInt8(ascii: "["):
      stack.append(.array)
      expectsValue = true
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      _ = stack.popLast()
      expectsValue = false
    case UInt8(ascii: ":"): expectsValue = true
    case UInt8(ascii: ","):
      if case .object? = stack.last {
        stack[stack.count - 1] = .object(key: nil)
        expectsValue = false
      } else {
        expectsValue = true
      }
    default: break
    }
  }

  private func place(from start: Int, to end: Int, _ bytes: [UInt8], inString: Bool) -> CompletionPlace? {
    var keys: [String] = []
    for container in stack { if case .object(let key?) = container { keys.append(key) } }
    var rest = end
    while rest < bytes.count, bytes[rest].isWordByte { rest += 1 }
    // Editors close a quote as soon as one is opened.
    if inString, rest < bytes.count, bytes[rest] == UInt8(ascii: "\"") { rest += 1 }
    let range = SourceRange(start, rest)
    switch stack.last {
    case nil: return nil
    case .array? where expectsValue, .object(.some)? where expectsValue: return CompletionPlace(.value, keys, range)
    case .object(nil)?:
      let behind = bytes[rest...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
      return CompletionPlace(.key, keys, range, hasColon: behind == UInt8(ascii: ":"))
    default: return nil
    }
  }
}
