extension Scalar {
  static let knownTags: Set<String> = ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map"]

  /// `!!int` for `tag:yaml.org,2002:int`; other tags as they are.
  static func shortTag(_ tag: String) -> String {
    let prefix = "tag:yaml.org,2002:"
    return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }

  /// Whether the tag of a tagged scalar is known and its text is one of that type.
  var fitsItsTag: Bool {
    guard case .tagged(let tag) = style else { return true }
    if case .refused = taggedReading(Self.shortTag(tag), in: .v1_1) { return false }
    return true
  }

  func taggedReading(_ tag: String, in version: YAMLVersion) -> ScalarReading {
    switch tag {
    case "!!str": .value(.string(text))
    // PyYAML resolves `! 12` as if the tag were not there; by the specification it makes a string.
    case "!": version == .v1_1 ? YAML11Resolution.read(plain: text) : .value(.string(text))
    case "!!int": integer(in: version).map { .value($0) } ?? .refused
    case "!!float": float.map { .value(.float($0)) } ?? .refused
    case "!!bool": boolean.map { .value(.bool($0)) } ?? .refused
    case "!!null": YAML12Resolution.read(plain: text) == .null ? .value(.null) : .refused
    default: .refused
    }
  }

  /// By the rules of the version, or else by those of the other: the tag says that it is an integer.
  private func integer(in version: YAMLVersion) -> ConfigValue? {
    let older: ConfigValue? = if case .value(let value) = YAML11Resolution.read(plain: text) { value } else { nil }
    let newer = YAML12Resolution.read(plain: text)
    for value in version == .v1_1 ? [older, newer] : [newer, older] {
      if case .int? = value { return value }
    }
    return nil
  }

  private var float: Double? {
    let digits = String(decoding: text.utf8.filter { !$0.isUnderscore }, as: UTF8.self)
    switch YAML12Resolution.decimalNumber(digits) {
    case .int(let value): return Double(value)
    case .float(let value): return value
    default: break
    }
    if case .value(.float(let value)) = YAML11Resolution.read(plain: text) { return value }
    return nil
  }

  private var boolean: Bool? {
    if case .bool(let value)? = YAML11Resolution.word(text.lowercased()) { value } else { nil }
  }
}
