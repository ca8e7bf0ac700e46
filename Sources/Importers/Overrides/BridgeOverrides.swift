import Diagnostics
import Releases

/// An override on a command line of Hydra's: `train.train_iters=100`, `+model.x=1`, `~model.y`.
struct OverrideWord {
  enum Kind {
    case set
    /// `+` or `++`: also where there is no such key.
    case add
    case delete
  }

  let kind: Kind
  let keys: [String]
  /// Its dotted keys, where they stand.
  let name: LocatedText
  /// `nil` where nothing is assigned.
  let value: LocatedText?

  /// `nil` for a word of another form.
  init?(_ word: LocatedText) {
    var rest = word
    let text = word.text
    if text.hasPrefix("~") {
      kind = .delete
      rest = rest.dropFirst(1)
    } else if text.hasPrefix("+") {
      kind = .add
      rest = rest.dropFirst(text.hasPrefix("++") ? 2 : 1)
    } else {
      kind = .set
    }
    let sign = rest.bytes.firstIndex(of: UInt8(ascii: "="))
    guard kind == .delete || sign != nil else { return nil }
    let name = sign.map { rest.prefix($0) } ?? rest
    let keys = name.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isOfKey) }) else { return nil }
    (self.keys, self.name) = (keys, name)
    value = sign.map { rest.dropFirst($0 + 1) }
  }

  private static func isOfKey(_ byte: UInt8) -> Bool {
    ShellScript.isOfName(byte, first: false) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "@")
  }
}

/// Overrides that programs lay over a recipe of Megatron-Bridge.
enum BridgeOverrides {
  /// Whether a word overrides something in a ConfigContainer.
  static func isOne(_ word: String) -> Bool {
    guard let override = OverrideWord(LocatedText(word, at: 0)), let attribute = override.keys.first,
      override.keys.count > 1
    else { return false }
    return Release.all.contains {
      $0.classes.attribute(named: attribute) != nil || $0.unmodelledAttributes.contains(attribute)
    }
  }

  /// Whether most words are such overrides.
  static func areMost(of words: some Collection<String>) -> Bool {
    // Prose with a dot and a sign of equality in it has many more words.
    let count = words.prefix(400).count(where: isOne)
    return count > 0 && count * 2 >= words.prefix(400).count
  }
}
