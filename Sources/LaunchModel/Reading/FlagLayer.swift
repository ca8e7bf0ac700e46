package import ConfigDocument
package import Diagnostics

/// The values of flags that each stand for a field, as one layer.
package struct FlagLayer {
  package private(set) var layer = Layer(name: "flags")
  package private(set) var diagnostics: [Diagnostic] = []

  package init() {}

  /// Gives a field a value, checked like one in a file; `nil` is a flag that was not given.
  ///
  /// - Parameters:
  ///   - flag: as the user writes it, such as `--train-iters`.
  ///   - written: what stands behind it, where that is not the value itself.
  package mutating func set(_ flag: String, _ path: FieldPath, _ value: ConfigValue?, written: String? = nil) {
    guard let value, let field = LaunchConfig.section(named: path.section)?.schema.field(named: path.field) else {
      return
    }
    let text = written ?? value.argumentText
    let start = flag.utf8.count + 1
    let file = SourceFile(name: flag, text: text.isEmpty ? flag : "\(flag) \(text)")
    let range = text.isEmpty ? SourceRange(0, flag.utf8.count) : SourceRange(start, start + text.utf8.count)
    var reader = ValueReader(file: file, format: .yaml, name: .text(path.description))
    let read = reader.read(value.node(range), as: field.type, in: field.bounds)
    // Which YAML version would read it as what does not matter to an argument.
    diagnostics += reader.diagnostics.filter { $0.severity == .error }.map { $0.withoutFix }
    if let read { layer.assign(path, read, .flag(flag, value: SourceLocation(file, range))) }
  }

  /// Takes other flags, which win over these.
  mutating func add(_ others: FlagLayer) {
    layer.assignments += others.layer.assignments
    diagnostics += others.diagnostics
  }

  /// Takes settings that a flag stands for as a whole; every value gets the flag as its origin.
  package mutating func adopt(_ flag: String, _ assignments: [Layer.Assignment]) {
    let file = SourceFile(name: flag, text: flag)
    let origin = Origin.flag(flag, value: SourceLocation(file, SourceRange(0, flag.utf8.count)))
    for assignment in assignments { layer.assign(assignment.path, assignment.value, origin) }
  }
}

extension ConfigValue {
  /// As it stands on a command line.
  fileprivate var argumentText: String {
    switch self {
    case .null: "null"
    // A switch is its own value.
    case .bool: ""
    case .int(let number): String(number)
    case .float(let number): FlowText.yaml(.float(number))
    case .string(let text): text
    case .list(let items): items.map(\.argumentText).joined(separator: " ")
    case .mapping(let mapping): mapping.entries.map(\.value.argumentText).joined(separator: " ")
    }
  }

  /// The value as something that was read.
  fileprivate func node(_ range: SourceRange) -> Node {
    switch self {
    case .null, .bool, .int, .float: Node(.scalar(Scalar(FlowText.yaml(self), .json)), range)
    case .string(let text): Node(.scalar(Scalar(text, .quoted)), range)
    case .list(let items): Node(.sequence(items.map { $0.node(range) }), range)
    case .mapping(let mapping):
      Node(
        .mapping(mapping.entries.map { Node.Entry(key: $0.key, keyRange: range, value: $0.value.node(range)) }), range)
    }
  }
}

extension Diagnostic {
  /// The same for what must not be edited, or cannot be.
  var withoutFix: Diagnostic {
    var copy = self
    copy.fix = nil
    return copy
  }
}
