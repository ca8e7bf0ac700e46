import ConfigDocument
package import Diagnostics

/// The values of `--set section.field=value`, as one layer that wins over all files.
package struct Overrides {
  package private(set) var layer = Layer(name: "--set")
  package private(set) var diagnostics: [Diagnostic] = []

  /// - Parameter arguments: each `section.field=value`, as the user wrote it; the last one for a field wins.
  package init(_ arguments: [String] = []) {
    for (index, argument) in arguments.enumerated() { read(argument, number: index + 1) }
  }

  /// Adds flags that stand for fields; `--set` wins over them.
  package mutating func add(_ flags: FlagLayer) {
    layer.assignments = flags.layer.assignments + layer.assignments
    diagnostics += flags.diagnostics
  }

  private mutating func read(_ argument: String, number: Int) {
    guard let equals = argument.firstIndex(of: "=") else {
      return report(argument, number, 0..<argument.utf8.count, "`\(argument)` has no `=`", help: nil)
    }
    let path = String(argument[..<equals])
    let pathLength = path.utf8.count
    let text = String(argument[argument.index(after: equals)...])
    guard let (section, name) = split(path) else {
      let meant = FieldNames.fieldAnywhere(path)
      return report(
        argument, number, 0..<pathLength, "`\(path)` names no field", help: meant.map { "did you mean `\($0)`?" })
    }

    // The value is read as a document of its own, so blanks stand in for the bytes of the path: places stay those of the
    // argument.
    let padding = String(repeating: " ", count: pathLength + 1)
    let document = DocumentReader.read(text: padding + text, name: "--set \(argument)", format: .yaml)
    let isEmpty = text.allSatisfy { $0 == " " }
    guard
      let root = isEmpty
        ? Node(.scalar(Scalar("", .plain)), SourceRange(pathLength + 1, pathLength + 1)) : document.root
    else {
      diagnostics += document.diagnostics
      return
    }
    let file = SourceFile(name: "--set", text: argument)
    guard let schema = LaunchConfig.section(named: section)?.schema else { return }
    let origin = Origin.flag(
      "--set \(argument)", value: SourceLocation(file, SourceRange(pathLength + 1, argument.utf8.count)))
    if name.isEmpty {
      guard root.plainValue == .null, schema.isNullable else {
        return report(
          argument, number, 0..<pathLength, "`\(section)` is a section",
          help: schema.isNullable
            ? "write `\(section)=null`, or `\(section).field=value`" : "write `\(section).field=value`")
      }
      return layer.assign(FieldPath(section, ""), .null, origin)
    }
    var reader = ValueReader(file: file, format: .yaml, path: path)
    let type: FieldType
    var bounds = Bounds.finite
    if let field = schema.field(named: name) {
      (type, bounds) = (field.type, field.bounds)
    } else {
      type = schema.isOpen ? .string : CarriedFields.field(name, of: section, in: .current)?.type ?? .any
    }
    let value = reader.read(root, as: type, in: bounds)
    // On a command line nobody cares which YAML version reads `1e-5`.
    diagnostics += reader.diagnostics.filter { $0.severity == .error }
    if let value { layer.assign(FieldPath(section, name), value, origin) }
  }

  /// The section and the field of a path; the field is empty for a section by itself.
  private func split(_ path: String) -> (section: String, field: String)? {
    let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let schema = LaunchConfig.section(named: parts[0])?.schema else { return nil }
    guard parts.count == 2 else { return (parts[0], "") }
    let isKnown =
      schema.field(named: parts[1]) != nil || schema.isOpen
      || CarriedFields.field(parts[1], of: parts[0], in: .current) != nil
    return isKnown && !parts[1].isEmpty ? (parts[0], parts[1]) : nil
  }

  private mutating func report(_ argument: String, _ number: Int, _ range: Range<Int>, _ message: String, help: String?)
  {
    let file = SourceFile(name: "--set", text: argument)
    diagnostics.append(
      Diagnostic(
        FieldRule.override.code, .error, "override \(number): \(message)",
        help: help ?? "write `--set section.field=value`",
        at: SourceLocation(file, SourceRange(range.lowerBound, range.upperBound))))
  }
}
