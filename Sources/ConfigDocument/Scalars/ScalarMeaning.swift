/// Which rules decide what a bare word means.
// swift-format-ignore: AlwaysUseLowerCamelCase
package enum YAMLVersion: Sendable, CaseIterable {
  /// YAML 1.1 as PyYAML reads it: `on` is true, `017` is 15, `1e-5` is a string.
  case v1_1
  /// The core schema of YAML 1.2: `on` is a string, `017` is 17, `1e-5` is a number.
  case v1_2
}

extension Scalar {
  /// What the scalar means to a reader of that version of YAML.
  ///
  /// An integer beyond 64 bits comes back as the float nearest to it. Dates and what the reader would refuse come back
  /// as strings; ``ambiguity`` tells. A JSON scalar means one thing whatever the version.
  package func value(in version: YAMLVersion) -> ConfigValue {
    if case .value(let value) = reading(in: version) { value } else { .string(text) }
  }

  func reading(in version: YAMLVersion) -> ScalarReading {
    switch style {
    case .quoted: .value(.string(text))
    case .json: .value(jsonValue)
    case .plain: plainReading(in: version)
    case .tagged(let tag): taggedReading(Self.shortTag(tag), in: version)
    }
  }

  private func plainReading(in version: YAMLVersion) -> ScalarReading {
    switch version {
    case .v1_1: YAML11Resolution.read(plain: text)
    case .v1_2: .value(YAML12Resolution.read(plain: text))
    }
  }

  private var jsonValue: ConfigValue {
    switch text {
    case "true": .bool(true)
    case "false": .bool(false)
    case "null": .null
    default: commonNumber(text) ?? YAML12Resolution.decimalNumber(text) ?? .string(text)
    }
  }

  /// What the text means as a plain scalar, if that is no string to one of the two versions.
  var nonStringReading: String? {
    guard style == .plain, let first = text.utf8.first else { return nil }
    // Nearly all keys begin with a letter, and few letters begin one of the words.
    if first.isASCIILetter, text.utf8.count > 5 { return nil }
    return reading(in: .v1_1).kindIfNotString ?? reading(in: .v1_2).kindIfNotString
  }
}

/// The two meanings of a scalar that readers of YAML 1.1 and 1.2 disagree on.
package struct ScalarAmbiguity: Sendable {
  /// As in "the string `1e-5`".
  package let inYAML11: String
  /// As in "the number 1.0e-05".
  package let inYAML12: String

  /// As in "the string `1e-5` in YAML 1.1 (PyYAML), the number 1.0e-05 in YAML 1.2".
  package var description: String { "\(inYAML11) in YAML 1.1 (PyYAML), \(inYAML12) in YAML 1.2" }
}

extension Scalar {
  /// The two meanings, where readers disagree; `nil` where all read the same.
  package var ambiguity: ScalarAmbiguity? {
    switch style {
    case .quoted, .json: return nil
    case .plain, .tagged: break
    }
    let older = reading(in: .v1_1)
    let newer = reading(in: .v1_2)
    guard !older.agrees(with: newer) else { return nil }
    return ScalarAmbiguity(inYAML11: older.description, inYAML12: newer.description)
  }
}

extension Node {
  /// The whole tree without its places.
  package func value(in version: YAMLVersion) -> ConfigValue {
    switch content {
    case .scalar(let scalar): scalar.value(in: version)
    case .sequence(let items): .list(items.map { $0.value(in: version) })
    case .mapping(let entries):
      .mapping(ConfigMapping(entries.map { ConfigMapping.Entry($0.key, $0.value.value(in: version)) }))
    }
  }
}
