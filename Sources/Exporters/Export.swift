package import LaunchModel

/// Something that the target takes otherwise than it is written here, or not at all. Nothing is left out without one.
package struct ExportNote: Hashable, Sendable, CustomStringConvertible {
  package let path: FieldPath
  package let message: Message
  /// Not `nil`: the run is another than the one written, and this is the way out.
  package let wayOut: Message?

  package init(_ path: FieldPath, _ message: Message, wayOut: Message? = nil) {
    self.path = path
    self.message = message
    self.wayOut = wayOut
  }

  package var description: String { "\(path): \(message.text)" }

  /// As commands print it.
  package var line: String {
    wayOut.map { "warning: \(description); \($0.text)\n" } ?? "note: \(description)\n"
  }
}

/// Something that the target cannot honour; nothing is written then. One line, and what to do about it.
package struct ExportProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: FieldPath
  package let message: Message
  package let help: Message?

  package init(_ path: FieldPath, _ message: Message, help: Message? = nil) {
    self.path = path
    self.message = message
    self.help = help
  }

  package var description: String { "\(path): \(message.text)" }
}

/// A file of an export.
package struct ExportedFile: Hashable, Sendable {
  package let name: String
  package let text: String
  package let isExecutable: Bool

  package init(_ name: String, _ text: String, isExecutable: Bool = false) {
    self.name = name
    self.text = text
    self.isExecutable = isExecutable
  }
}

/// What came out of an export.
package struct Exported<Value: Sendable>: Sendable {
  package var value: Value
  package var notes: [ExportNote]
  /// Not empty: the value must not be used.
  package var problems: [ExportProblem]

  package init(_ value: Value, notes: [ExportNote] = [], problems: [ExportProblem] = []) {
    self.value = value
    self.notes = notes
    self.problems = problems
  }

  package func map<Other>(_ transform: (Value) -> Other) -> Exported<Other> {
    Exported<Other>(transform(value), notes: notes, problems: problems)
  }
}

/// Notes and problems of an export, gathered while it is made.
package struct ExportRemarks {
  private(set) var notes: [ExportNote] = []
  private(set) var problems: [ExportProblem] = []

  package mutating func note(_ path: FieldPath, _ message: Message) { notes.append(ExportNote(path, message)) }

  package mutating func warn(_ path: FieldPath, _ message: Message, wayOut: Message) {
    notes.append(ExportNote(path, message, wayOut: wayOut))
  }

  package mutating func notExported(_ path: FieldPath, _ reason: Message) { note(path, "not exported: \(reason)") }

  package mutating func problem(_ path: FieldPath, _ message: Message, help: Message? = nil) {
    problems.append(ExportProblem(path, message, help: help))
  }

  package mutating func add(_ other: ExportRemarks) {
    notes += other.notes
    problems += other.problems
  }
}

extension LaunchConfig {
  /// Whether a value follows from others.
  func isDerived(_ path: FieldPath) -> Bool {
    guard let section = Self.section(named: path.section),
      let field = section.schema.fields.first(where: { $0.name == path.field }),
      case .derived = self[keyPath: section.storage].origins[field.index]
    else { return false }
    return true
  }
}

extension ExportRemarks {
  /// Says what programs other than a launch's make of a model that the release's core does not build as it was released.
  mutating func warnOfQueryNorm(_ config: LaunchConfig) {
    guard let norm = AddedQueryNorm(config) else { return }
    warn(Path.model.qLoraRank, norm.consequence, wayOut: norm.wayOut)
  }
}

extension SectionStorage {
  /// Whether somebody has written the field at this index: a default that the target does not know goes unmentioned.
  func isWritten(_ index: Int) -> Bool {
    if case .schemaDefault = origins[index] { false } else { true }
  }
}
