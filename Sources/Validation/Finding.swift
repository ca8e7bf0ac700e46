package import ConfigDocument
package import Diagnostics
package import LaunchModel

/// What a rule found, in terms of fields; ``Validator`` gives it places in files.
package struct Finding: Sendable {
  package var code: DiagnosticCode
  package var severity: Severity
  package var message: Message
  package var path: FieldPath
  package var related: [Related]
  package var fix: FieldFix?
  /// A part of the value's text, in UTF-8 offsets from its first character: the faulty character of a layout string.
  package var excerpt: Range<Int>?

  private let advice: Advice

  /// What to do about it.
  package var help: Message? {
    switch advice {
    case .words(let words): words
    case .computed(let words): words()
    }
  }

  fileprivate enum Advice: Sendable {
    case words(Message?)
    case computed(@Sendable () -> Message)
  }

  fileprivate init(
    _ code: DiagnosticCode, _ severity: Severity, _ message: Message, _ advice: Advice, path: FieldPath,
    related: [RelatedField], fix: FieldFix?, excerpt: Range<Int>?
  ) {
    (self.code, self.severity, self.message, self.advice, self.path) = (code, severity, message, advice, path)
    (self.fix, self.excerpt) = (fix, excerpt)
    self.related = related.map { Related(path: $0.0, message: $0.1) }
  }

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
  /// The one that is speaking.
  var rule: any Rule.Type
  /// Whether anybody reads warnings and notes: where not, a rule need not work out advice that takes long.
  let takesAdvice: Bool

  init(of rule: any Rule.Type, takesAdvice: Bool) {
    self.rule = rule
    self.takesAdvice = takesAdvice
  }

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
        rule.code, severity, message, .words(help), path: path, related: related, fix: fix, excerpt: excerpt))
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

  /// - Parameter help: made where somebody reads it, since it takes long to find out.
  package mutating func warning(
    at path: FieldPath, _ message: Message, related: [RelatedField] = [], help: @escaping @Sendable () -> Message
  ) {
    findings.append(
      Finding(rule.code, .warning, message, .computed(help), path: path, related: related, fix: nil, excerpt: nil))
  }

  package mutating func note(
    at path: FieldPath, _ message: Message, help: Message? = nil, related: [RelatedField] = [],
    fix: FieldFix? = nil
  ) {
    add(.note, at: path, message, help: help, related: related, fix: fix)
  }
}
