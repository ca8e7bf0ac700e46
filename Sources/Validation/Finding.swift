package import ConfigDocument
package import Diagnostics
package import LaunchModel

/// What a rule found, in terms of fields; ``Validator`` gives it places in files.
package struct Finding: Sendable {
  package var code: DiagnosticCode
  package var severity: Severity
  package var message: Message
  package var help: Message?
  package var path: FieldPath
  package var related: [Related]
  package var fix: FieldFix?
  /// A part of the value's text, in UTF-8 offsets from its first character: the faulty character of a layout string.
  package var excerpt: Range<Int>?

  package struct Related: Sendable {
    package let path: FieldPath
    package let message: Message
  }
}

/// The other side of a rule, with a few words.
package typealias RelatedField = (FieldPath, Message)

/// A mend in terms of fields.
package struct FieldFix: Sendable {
  package let title: Message
  package let applicability: Fix.Applicability
  /// New values; `nil` removes the field.
  package let changes: [(path: FieldPath, value: ConfigValue?)]

  package static func safe(_ title: Message, _ changes: (FieldPath, ConfigValue?)...) -> FieldFix {
    FieldFix(title: title, applicability: .safe, changes: changes.map { (path: $0.0, value: $0.1) })
  }

  package static func unsafe(_ title: Message, _ changes: (FieldPath, ConfigValue?)...) -> FieldFix {
    FieldFix(title: title, applicability: .unsafe, changes: changes.map { (path: $0.0, value: $0.1) })
  }
}

/// Collects findings; knows which rule is speaking.
package struct Report: Sendable {
  package private(set) var findings: [Finding] = []
  var code: DiagnosticCode = ""

  package init() {}

  /// - Parameters:
  ///   - severity: `error` only for what Megatron or the trainer refuses.
  ///   - path: the field to look at first.
  ///   - related: the other sides of the rule, each with a few words. A finding is dropped where reading has refused
  ///     one of the fields it names, so every field that the rule rests on belongs here.
  package mutating func add(
    _ severity: Severity, at path: FieldPath, _ message: Message, help: Message? = nil,
    related: [RelatedField] = [], fix: FieldFix? = nil, excerpt: Range<Int>? = nil
  ) {
    findings.append(
      Finding(
        code: code, severity: severity, message: message, help: help, path: path,
        related: related.map { Finding.Related(path: $0.0, message: $0.1) }, fix: fix, excerpt: excerpt))
  }

  package mutating func error(
    at path: FieldPath, _ message: Message, help: Message? = nil, related: [RelatedField] = [],
    fix: FieldFix? = nil, excerpt: Range<Int>? = nil
  ) {
    add(.error, at: path, message, help: help, related: related, fix: fix, excerpt: excerpt)
  }

  package mutating func warning(
    at path: FieldPath, _ message: Message, help: Message? = nil, related: [RelatedField] = [],
    fix: FieldFix? = nil
  ) {
    add(.warning, at: path, message, help: help, related: related, fix: fix)
  }

  package mutating func note(
    at path: FieldPath, _ message: Message, help: Message? = nil, related: [RelatedField] = [],
    fix: FieldFix? = nil
  ) {
    add(.note, at: path, message, help: help, related: related, fix: fix)
  }
}
