/// One entry of `target_modules` or `exclude_modules`.
///
/// Megatron-Bridge's `ModuleMatcher` compares it with the last part of a module's name; and, with `*` for any run of
/// characters, with the whole name, where a dot stands for any one character. An entry that matches nothing so is read as
/// Hugging Face's name, which Bridge does not know, in the way of the peft library: the end of the name, from a dot on;
/// with `*`, the whole name.
///
/// Source: megatron-bridge 0.3.1 `peft/module_matcher.py`, `peft/utils.py` (`wildcard_match`); peft
/// `tuners/tuners_utils.py`.
package struct TargetPattern: Hashable, Sendable {
  package let text: String
  private let bytes: [UInt8]
  private let isWildcard: Bool
  /// The last part of a name and nothing else: neither `*` nor a dot.
  let isBare: Bool
  /// Whether a part of it could tell one layer, or one expert, from another.
  let mayCount: Bool
  /// Whether it is the name of a layer or an expert by itself, which is called by its number.
  let isNumber: Bool

  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    isWildcard = bytes.contains(UInt8(ascii: "*"))
    let hasDot = bytes.contains(UInt8(ascii: "."))
    isBare = !isWildcard && !hasDot
    let isDigit = { (byte: UInt8) in UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9") }
    mayCount = hasDot || bytes.contains(where: isDigit)
    isNumber = !bytes.isEmpty && bytes.allSatisfy(isDigit)
  }

  /// Characters that mean more to Bridge, which hands the pattern to Python's `re`, than to this package.
  package var hasRegularExpression: Bool {
    text.utf8.contains { Self.special.contains($0) }
  }

  private static let special = Array("+?[](){}|^$\\".utf8)

  /// Whether it means the module of a whole name in Megatron.
  func matchesMegatron(_ name: ModuleName) -> Bool {
    name.bytes.elementsEqual(bytes, from: name.lastComponent) || matches(name.bytes, dotIsAny: true)
  }

  /// Whether it means the matrix of a whole name in a Hugging Face model.
  func matchesHuggingFace(_ name: ModuleName) -> Bool {
    if isWildcard { return matches(name.bytes, dotIsAny: false) }
    let start = name.bytes.count - bytes.count
    guard start >= 0, name.bytes.elementsEqual(bytes, from: start) else { return false }
    return start == 0 || name.bytes[start - 1] == UInt8(ascii: ".")
  }

  /// Whole text against pattern; `*` is any run of characters. Goes back to the last `*` only, so at most
  /// pattern x text steps.
  private func matches(_ text: [UInt8], dotIsAny: Bool) -> Bool {
    let pattern = bytes
    var (place, index) = (0, 0)
    var star: Int?
    var starIndex = 0
    while index < text.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        (star, starIndex) = (place, index)
        place += 1
      } else if place < pattern.count,
        pattern[place] == text[index] || (dotIsAny && pattern[place] == UInt8(ascii: "."))
      {
        place += 1
        index += 1
      } else if let last = star {
        place = last + 1
        starIndex += 1
        index = starIndex
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

/// The whole name of a module, put together of its parts in the same bytes again and again: a pattern with `*` is held
/// against the names of every layer and every expert.
struct ModuleName {
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(96) }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Cuts it back to its first bytes.
  mutating func cut(to count: Int) { bytes.removeSubrange(count...) }

  mutating func append(_ part: some StringProtocol) { bytes.append(contentsOf: part.utf8) }

  mutating func append(_ number: Int) { append(String(number)) }

  /// Where the part behind the last dot begins.
  fileprivate var lastComponent: Int { bytes.lastIndex(of: UInt8(ascii: ".")).map { $0 + 1 } ?? 0 }
}

extension [UInt8] {
  /// Whether the bytes from a place to the end are these.
  fileprivate func elementsEqual(_ other: [UInt8], from start: Int) -> Bool {
    count - start == other.count && self[start...].elementsEqual(other)
  }
}
