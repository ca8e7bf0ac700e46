/// One problem of a config: what rule it breaks, where, and how to mend it.
public struct Diagnostic: Sendable {
  /// The stable name of the rule; wording may change, a code may not.
  public var code: DiagnosticCode
  public var severity: Severity
  /// The rule, stated with the actual numbers.
  public var message: String
  /// What to do about it, or what would be legal.
  public var help: String?
  /// The field that the problem is about, as in `parallelism.tensor_model_parallel_size`; empty for a whole file.
  public var path: String
  /// Where it stands; `nil` where the value comes from no text, such as a default.
  public var location: SourceLocation?
  /// The other sides of a rule that spans several fields.
  public var related: [RelatedPlace]
  public var fix: Fix?

  public init(
    _ code: DiagnosticCode, _ severity: Severity, _ message: String, help: String? = nil, path: String = "",
    at location: SourceLocation? = nil, related: [RelatedPlace] = [], fix: Fix? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.help = help
    self.path = path
    self.location = location
    self.related = related
    self.fix = fix
  }
}

/// How bad it is.
public enum Severity: String, Sendable, Comparable, CaseIterable {
  /// Accepted, but changed silently by Megatron; the message says to what.
  case note
  /// Accepted, and unwise.
  case warning
  /// Megatron or the trainer would refuse it.
  case error

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }

  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// A stable rule name such as `PIPE-03`: a family and a number.
public struct DiagnosticCode: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible
{
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(stringLiteral value: String) { self.rawValue = value }

  /// The part before the dash.
  public var family: Substring { rawValue.prefix { $0 != "-" } }
  public var description: String { rawValue }
}

/// Another place that a diagnostic speaks of.
public struct RelatedPlace: Sendable {
  public var path: String
  public var message: String
  public var location: SourceLocation?

  public init(_ path: String, _ message: String, at location: SourceLocation? = nil) {
    self.path = path
    self.message = message
    self.location = location
  }
}

/// A mend: edits of one file that make the diagnostic go away.
public struct Fix: Sendable {
  public enum Applicability: String, Sendable {
    /// Keeps the meaning, or can only be what was meant.
    case safe
    /// A guess that a person should look at.
    case unsafe
  }

  public var title: String
  public var applicability: Applicability
  public var file: SourceFile
  public var edits: [TextEdit]

  public init(_ title: String, _ applicability: Applicability, in file: SourceFile, edits: [TextEdit]) {
    self.title = title
    self.applicability = applicability
    self.file = file
    self.edits = edits
  }
}

/// Replaces a range of a file's text.
public struct TextEdit: Hashable, Sendable {
  public var range: SourceRange
  public var text: String

  public init(_ range: SourceRange, _ text: String) {
    self.range = range
    self.text = text
  }
}
