public import ConfigDocument
public import Releases

/// A Swift type that a field can have.
public protocol FieldValue: Sendable {
  static var fieldType: FieldType { get }
  /// The type as a release has it, which may know fewer words.
  static func fieldType(in release: Release) -> FieldType
  /// `nil` where the value is of another type; decoding has reported it before.
  init?(_ value: ConfigValue)
  /// The same of a value that is known to be one of the words that the field takes, as a section stores it.
  init?(_ value: ConfigValue, word: WordIndex)
  var configValue: ConfigValue { get }
}

extension FieldValue {
  public static func fieldType(in release: Release) -> FieldType { fieldType }
  @inlinable @inline(__always) public init?(_ value: ConfigValue, word: WordIndex) { self.init(value) }
}

/// Which of the words of a ``FieldChoice`` a value is. Found once, when the value is set: words are compared far more
/// slowly than they are read.
public struct WordIndex: Hashable, Sendable {
  @usableFromInline let rawValue: UInt8

  /// Beyond all words for what is none of them, and for a field that takes other things.
  init(_ value: ConfigValue, among words: [String]) {
    if !words.isEmpty, case .string(let text) = value, let index = words.firstIndex(of: text) {
      rawValue = UInt8(index)
    } else {
      rawValue = .max
    }
  }
}

extension Bool: FieldValue {
  public static var fieldType: FieldType { .bool }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .bool(let bool) = value else { return nil }
    self = bool
  }
  public var configValue: ConfigValue { .bool(self) }
}

extension Int: FieldValue {
  public static var fieldType: FieldType { .int }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .int(let int) = value else { return nil }
    self = int
  }
  public var configValue: ConfigValue { .int(self) }
}

extension Double: FieldValue {
  public static var fieldType: FieldType { .float }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    switch value {
    case .float(let double): self = double
    case .int(let int): self = Double(int)
    default: return nil
    }
  }
  public var configValue: ConfigValue { .float(self) }
}

extension String: FieldValue {
  public static var fieldType: FieldType { .string }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .string(let string) = value else { return nil }
    self = string
  }
  public var configValue: ConfigValue { .string(self) }
}

extension Optional: FieldValue where Wrapped: FieldValue {
  public static var fieldType: FieldType { .optional(Wrapped.fieldType) }
  public static func fieldType(in release: Release) -> FieldType { .optional(Wrapped.fieldType(in: release)) }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    if case .null = value {
      self = .none
    } else if let wrapped = Wrapped(value) {
      self = .some(wrapped)
    } else {
      return nil
    }
  }
  @inlinable @inline(__always) public init?(_ value: ConfigValue, word: WordIndex) {
    if case .null = value {
      self = .none
    } else if let wrapped = Wrapped(value, word: word) {
      self = .some(wrapped)
    } else {
      return nil
    }
  }
  public var configValue: ConfigValue { self?.configValue ?? .null }
}

extension Array: FieldValue where Element: FieldValue {
  public static var fieldType: FieldType { .list(Element.fieldType) }
  public static func fieldType(in release: Release) -> FieldType { .list(Element.fieldType(in: release)) }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .list(let items) = value else { return nil }
    self = []
    reserveCapacity(items.count)
    for item in items {
      guard let element = Element(item) else { return nil }
      append(element)
    }
  }
  public var configValue: ConfigValue { .list(map(\.configValue)) }
}

extension ConfigValue: FieldValue {
  public static var fieldType: FieldType { .any }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) { self = value }
  public var configValue: ConfigValue { self }
}

extension ConfigMapping: FieldValue {
  public static var fieldType: FieldType { .dictionary(.any) }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .mapping(let mapping) = value else { return nil }
    self = mapping
  }
  public var configValue: ConfigValue { .mapping(self) }
}

/// A closed set of words: a `String` enum that conforms to this is a field type.
public protocol FieldChoice: FieldValue, RawRepresentable, CaseIterable, Hashable where RawValue == String {
  /// The releases that know the word; all, where it does not say.
  var releases: ReleaseSet { get }
}

extension FieldChoice {
  public var releases: ReleaseSet { .all }
  public static var fieldType: FieldType { .choice(allCases.map(\.rawValue)) }
  public static func fieldType(in release: Release) -> FieldType {
    .choice(allCases.filter { $0.releases.contains(release) }.map(\.rawValue))
  }
  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    guard case .string(let word) = value else { return nil }
    self.init(rawValue: word)
  }
  @inlinable @inline(__always) public init?(_ value: ConfigValue, word: WordIndex) {
    let words = Self.allCases
    guard word.rawValue < words.count else {
      self.init(value)
      return
    }
    self = words[words.index(words.startIndex, offsetBy: Int(word.rawValue))]
  }
  public var configValue: ConfigValue { .string(rawValue) }
}

/// Written as the version of Megatron-Bridge.
extension Release: FieldValue {
  public static var fieldType: FieldType { .choice(all.map { $0.megatronBridge }) }
  public init?(_ value: ConfigValue) {
    guard case .string(let version) = value, let release = Release.named(version) else { return nil }
    self = release
  }
  public var configValue: ConfigValue { .string(self.megatronBridge) }
}

/// A switch that is also given as a number, of which Python takes any but zero for true.
public enum SwitchOrNumber: FieldValue, Hashable {
  case bool(Bool)
  case number(Int)

  public static var fieldType: FieldType { .union([.bool, .int]) }

  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    switch value {
    case .bool(let bool): self = .bool(bool)
    case .int(let number): self = .number(number)
    default: return nil
    }
  }

  public var configValue: ConfigValue {
    switch self {
    case .bool(let bool): .bool(bool)
    case .number(let number): .int(number)
    }
  }
}

/// One value for all, or a list with one for each.
public enum OneOrMany<Element: FieldValue & Hashable>: FieldValue, Hashable {
  case one(Element)
  case many([Element])

  public static var fieldType: FieldType { .union([Element.fieldType, .list(Element.fieldType)]) }
  public static func fieldType(in release: Release) -> FieldType {
    .union([Element.fieldType(in: release), .list(Element.fieldType(in: release))])
  }

  @inlinable @inline(__always) public init?(_ value: ConfigValue) {
    if let element = Element(value) {
      self = .one(element)
      return
    }
    guard let elements = [Element](value) else { return nil }
    self = .many(elements)
  }

  public var configValue: ConfigValue {
    switch self {
    case .one(let element): element.configValue
    case .many(let elements): elements.configValue
    }
  }

  /// The value for all, where there is one.
  @inlinable public var only: Element? {
    switch self {
    case .one(let element): element
    case .many: nil
    }
  }

  /// The values as a list; a single one is a list of one.
  public var all: [Element] {
    switch self {
    case .one(let element): [element]
    case .many(let elements): elements
    }
  }
}
