/// A value without a place: what recipes set, what is resolved, what is emitted.
public enum ConfigValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case list([ConfigValue])
  case mapping(ConfigMapping)
}

/// Key-value pairs in an order that emission keeps.
public struct ConfigMapping: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var key: String
    public var value: ConfigValue

    public init(_ key: String, _ value: ConfigValue) {
      self.key = key
      self.value = value
    }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// The value of a key; setting a new key appends it, setting `nil` removes it.
  public subscript(_ key: String) -> ConfigValue? {
    get { entries.first { $0.key == key }?.value }
    set {
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (let index?, nil): entries.remove(at: index)
      case (nil, let value?): entries.append(Entry(key, value))
      case (nil, nil): break
      }
    }
  }
}

extension ConfigMapping: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, ConfigValue)...) {
    self.init(elements.map { Entry($0.0, $0.1) })
  }
}

extension ConfigValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: ConfigValue...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, ConfigValue)...) {
    self = .mapping(ConfigMapping(elements.map { ConfigMapping.Entry($0.0, $0.1) }))
  }
}
