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
  private let isWildcard: Bool
  /// The last part of a name and nothing else: neither `*` nor a dot.
  let isBare: Bool

  package init(_ text: String) {
    self.text = text
    isWildcard = text.utf8.contains(UInt8(ascii: "*"))
    isBare = !isWildcard && !text.utf8.contains(UInt8(ascii: "."))
  }

  /// Characters that mean more to Bridge, which hands the pattern to Python's `re`, than to this package.
  package var hasRegularExpression: Bool {
    text.utf8.contains { Self.special.contains($0) }
  }

  private static let special = Array("+?[](){}|^$\\".utf8)

  /// Whether a part of it could tell one layer, or one expert, from another.
  var mayCount: Bool {
    text.utf8.contains { $0 == UInt8(ascii: ".") || UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
  }

  func matchesMegatron(name: Substring, fullName: String) -> Bool {
    text == name || Self.matches(Array(text.utf8), Array(fullName.utf8), dotIsAny: true)
  }

  func matchesHuggingFace(fullName: String) -> Bool {
    if isWildcard { return Self.matches(Array(text.utf8), Array(fullName.utf8), dotIsAny: false) }
    guard fullName.hasSuffix(text) else { return false }
    let rest = fullName.utf8.dropLast(text.utf8.count)
    return rest.isEmpty || rest.last == UInt8(ascii: ".")
  }

  /// Whole text against pattern; `*` is any run of characters. Goes back to the last `*` only, so at most
  /// pattern x text steps.
  private static func matches(_ pattern: [UInt8], _ text: [UInt8], dotIsAny: Bool) -> Bool {
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
