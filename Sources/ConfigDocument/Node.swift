import Diagnostics

/// A value as it stands in a text: what was written, and where.
///
/// YAML and JSON give the same tree. Anchors, aliases and merge keys are already resolved; an aliased node keeps the
/// range of its anchor's value, since that is the text a fix would edit.
public struct Node: Sendable {
  public enum Content: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Entry])
  }

  public var content: Content
  /// From the first to behind the last character of the value itself: no indentation, comment or line end around it.
  /// Where nothing was written (`key:`), the empty range behind the colon.
  public var range: SourceRange

  public init(_ content: Content, _ range: SourceRange) {
    self.content = content
    self.range = range
  }

  /// One `key: value` of a mapping, in the order written.
  public struct Entry: Sendable {
    public var key: String
    public var keyRange: SourceRange
    public var value: Node

    public init(key: String, keyRange: SourceRange, value: Node) {
      self.key = key
      self.keyRange = keyRange
      self.value = value
    }
  }
}

extension Node {
  public var scalar: Scalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }

  public var items: [Node]? {
    if case .sequence(let items) = content { items } else { nil }
  }

  public var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The value under a key of a mapping.
  public subscript(_ key: String) -> Node? { entries?.first { $0.key == key }?.value }
}

/// A scalar as written. What it means depends on who reads it: see `value(in:)`.
public struct Scalar: Hashable, Sendable {
  public enum Style: Sendable {
    /// A bare word: YAML decides by its form whether it is a number, a boolean, null or a string.
    case plain
    /// Quoted or a block: a string whatever it looks like.
    case quoted
    /// A token of a JSON file that is no string: a number, `true`, `false` or `null`.
    case json
    /// Carries an explicit tag such as `!!str` or `!!float`: the short or full tag as written.
    case tagged(String)
  }

  /// The text with quotes and escapes resolved.
  public var text: String
  public var style: Style

  public init(_ text: String, _ style: Style) {
    self.text = text
    self.style = style
  }
}

extension Scalar.Style: Hashable {}
