import ConfigDocument
package import Diagnostics
package import Releases

/// The values of `--set section.field=value`, as one layer that wins over all files.
///
/// Which fields there are, and of which types, is known with the release, which a file may name.
package struct Overrides {
  /// What no release makes sense of: mistakes of the command line.
  package private(set) var diagnostics: [Diagnostic] = []
  /// The release that one of them names, and what was written.
  package private(set) var release: (release: Release, flag: String)?
  private var settings: [Setting] = []
  private var flags = FlagLayer()

  /// One of them.
  fileprivate struct Setting {
    let argument: String
    let number: Int
    let path: FieldPath
    let value: Node

    var file: SourceFile { SourceFile(name: "--set", text: argument) }

    var origin: Origin {
      .flag("--set \(argument)", value: SourceLocation(file, SourceRange(nameLength + 1, argument.utf8.count)))
    }

    var nameLength: Int { argument.utf8.prefix { $0 != UInt8(ascii: "=") }.count }
  }

  /// - Parameter arguments: each `section.field=value`, as the user wrote it; the last one for a field wins.
  package init(_ arguments: [String] = []) {
    for (index, argument) in arguments.enumerated() { read(argument, number: index + 1) }
  }

  /// Adds flags that stand for fields; `--set` wins over them.
  package mutating func add(_ flags: FlagLayer) { self.flags.add(flags) }

  /// The layer that they make of a release's fields, and what is wrong with them there.
  package func reading(for release: Release) -> (layer: Layer, diagnostics: [Diagnostic]) {
    var layer = Layer(name: "--set", assignments: flags.layer.assignments)
    var diagnostics = diagnostics
    for setting in settings { setting.read(for: release, into: &layer, &diagnostics) }
    return (layer, diagnostics + flags.diagnostics)
  }

  private mutating func read(_ argument: String, number: Int) {
    guard let equals = argument.firstIndex(of: "=") else {
      return report(argument, number, 0..<argument.utf8.count, "`\(argument)` has no `=`", help: nil)
    }
    let path = String(argument[..<equals])
    let pathLength = path.utf8.count
    let text = String(argument[argument.index(after: equals)...])
    guard let path = split(path) else {
      let meant = FieldNames.fieldAnywhere(path, in: .current)
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
    if path == Path.software.megatronBridge, let text = root.scalar?.text, let named = Release.named(text) {
      release = (named, "--set \(argument)")
    }
    guard let schema = LaunchConfig.section(named: path.section)?.schema else { return }
    let namesPrecision = path == Path.mixedPrecision.whole && root.scalar != nil
    if path.field.isEmpty, !namesPrecision, root.plainValue != .null || !schema.isNullable {
      let section = path.section
      return report(
        argument, number, 0..<pathLength, "`\(section)` is a section",
        help: schema.isNullable
          ? "write `\(section)=null`, or `\(section).field=value`" : "write `\(section).field=value`")
    }
    settings.append(Setting(argument: argument, number: number, path: path, value: root))
  }

  /// The section and the field of a path, which some release has; the field is empty for a section by itself. A name that
  /// only one field has needs no section.
  private func split(_ path: String) -> FieldPath? {
    let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let schema = LaunchConfig.section(named: parts[0])?.schema else {
      return parts.count == 1 ? FieldNames.onlyField(named: path) : nil
    }
    guard parts.count == 2 else { return FieldPath(parts[0], "") }
    guard !parts[1].isEmpty, schema.isOpen || Release.all.contains(where: { schema.hasField(named: parts[1], in: $0) })
    else { return FieldNames.onlyField(named: path) }
    return FieldPath(parts[0], schema.identity(of: parts[1]))
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

extension Overrides.Setting {
  fileprivate func read(for release: Release, into layer: inout Layer, _ diagnostics: inout [Diagnostic]) {
    guard let schema = LaunchConfig.section(named: path.section)?.schema else { return }
    guard !path.field.isEmpty else { return readSection(into: &layer, &diagnostics) }
    if !schema.isOpen, let absence = path.absence(in: release) {
      diagnostics.append(
        Diagnostic(
          FieldRule.unknownField.code, .error, absence.message, help: absence.help, path: path.description,
          at: SourceLocation(file, SourceRange(0, nameLength))))
      return
    }
    if schema.isOpen, let text = value.scalar?.text, value.plainValue != .null {
      // A command line has no other way to say that a number is a text.
      return layer.assign(path, .string(text), origin)
    }
    let field = schema.field(named: path.field)
    var reader = ValueReader(file: file, format: .yaml, name: .text(path.description), field: field)
    let type: FieldType
    var bounds = Bounds.finite
    if let field {
      (type, bounds) = (field.type(in: release), field.bounds)
    } else {
      type = schema.isOpen ? .string : CarriedFields.field(path.field, of: path.section, in: release)?.type ?? .any
    }
    let read = reader.read(value, as: type, in: bounds)
    // On a command line nobody cares which YAML version reads `1e-5`.
    diagnostics += reader.diagnostics.filter { $0.severity == .error }
    guard let read else { return }
    if path == Path.software.megatronBridge, let asked = Release(read), asked != release, let place = origin.location {
      diagnostics.append(ReleaseChoice.conflict(release, asked: asked, "--set \(argument)", at: place))
    }
    layer.assign(path, read, origin)
  }

  /// A section as a whole: none, or the name of a mixed precision recipe.
  private func readSection(into layer: inout Layer, _ diagnostics: inout [Diagnostic]) {
    guard path == Path.mixedPrecision.whole, let name = value.scalar?.text, value.plainValue != .null else {
      return layer.assign(path, .null, origin)
    }
    guard let assignments = PrecisionRecipe.assignments(named: name, origin) else {
      diagnostics.append(
        Diagnostic(
          FieldRule.unknownChoice.code, .error, "`\(name)` is no mixed precision recipe",
          help: PrecisionRecipe.help(for: name), path: path.description, at: SourceLocation(file, value.range)))
      return
    }
    layer.assignments += assignments
  }
}
