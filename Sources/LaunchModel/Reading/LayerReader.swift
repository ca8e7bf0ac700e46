import ConfigDocument
import Diagnostics
import Releases

/// Turns a parsed file into a layer: which field gets which value, and what is wrong with it.
struct LayerReader {
  private(set) var layer: Layer
  private(set) var diagnostics: [Diagnostic] = []
  private let file: SourceFile
  private let format: TextFormat
  /// How the text that the document was read from spells things.
  private let spelling: any Spelling
  /// The release whose fields are known.
  private let release: Release
  /// Which of the declared fields these are.
  private let declared: DeclaredFields

  init(_ document: ParsedDocument, for release: Release, spelling: some Spelling) {
    self.release = release
    declared = .of(release)
    file = document.file
    format = document.format
    self.spelling = spelling
    layer = Layer(name: document.file.name)
    diagnostics = document.diagnostics
    guard let root = document.root else { return }
    guard let entries = root.entries else {
      report(
        .wrongType, root.range,
        "a launch config is a mapping of sections, but this is \(root.items == nil ? "a single value" : "a list")")
      return
    }
    if document.isForeign {
      reportForeign(entries)
      return
    }
    layer.assignments.reserveCapacity(entries.reduce(0) { $0 + 1 + ($1.value.entries?.count ?? 0) })
    for entry in entries { readTopLevel(entry, in: entries) }
  }

  private mutating func reportForeign(_ entries: [Node.Entry]) {
    diagnostics.removeAll { $0.severity < .error }
    let keys = entries.map(\.key).filter { !$0.hasPrefix("$") }
    let shown = keys.prefix(3).map { "`\(shortened($0))`" }.joined(separator: ", ")
    let release = release
    let field = keys.lazy.compactMap { FieldNames.field(named: $0, in: release) }.first
    if keys.contains("model_type") || keys.contains("architectures") {
      return report(
        .unknownSection, entries[0].keyRange,
        "this is no launch config but one of a Hugging Face model, which `moonlight import` reads")
    }
    report(
      .unknownSection, entries[0].keyRange,
      "this is no launch config: it has none of its sections, but \(shown)\(keys.count > 3 ? " and more" : "")",
      help: field.map { "`\($0.field)` is a field of `\($0.section)`" }
        ?? "`moonlight schema` lists what a launch config has")
  }

  private mutating func readTopLevel(_ entry: Node.Entry, in entries: [Node.Entry]) {
    switch entry.key {
    case "schema_version": readSchemaVersion(entry.value)
    // The head of the document is read before.
    case "extends": break
    case "$schema", "$comment": break
    case TextSeal.key where format == .json: break
    case LaunchConfig.ignoreKey where format == .json: readIgnoredCodes(entry.value)
    default:
      guard let section = LaunchConfig.section(named: entry.key) else {
        return reportUnknownSection(entry, in: entries)
      }
      readSection(entry, section.schema)
    }
  }

  private mutating func readSchemaVersion(_ node: Node) {
    guard node.plainValue != .int(LaunchConfig.schemaVersion) else { return }
    report(
      .schemaVersion, node.range, path: "schema_version",
      "`schema_version` is \(file.text(in: node.range)); this program reads version \(LaunchConfig.schemaVersion)")
  }

  /// Which codes they are is not asked here.
  private mutating func readIgnoredCodes(_ node: Node) {
    guard let items = node.items, items.allSatisfy({ $0.scalar?.style == .quoted }) else {
      return report(
        .wrongType, node.range, path: LaunchConfig.ignoreKey,
        "`\(LaunchConfig.ignoreKey)` is a list of codes, as in [\"BATCH-01\"]")
    }
  }

  // MARK: Sections

  private mutating func readSection(_ entry: Node.Entry, _ schema: SectionSchema) {
    let whole = FieldPath(schema.name, "")
    let origin = Origin.file(value: SourceLocation(file, entry.value.range), key: entry.keyRange)
    if let scalar = entry.value.scalar, scalar.value(in: .v1_2) == .null {
      // A section with nothing under it keeps what lower layers say, unless null means something for it.
      if schema.isNullable { layer.assign(whole, .null, origin) }
      return
    }
    if schema.name == MixedPrecisionFields.schema.name, let scalar = entry.value.scalar {
      return readPrecisionName(scalar, entry.value, origin)
    }
    guard let fields = entry.value.entries else {
      report(
        .wrongType, entry.value.range, path: spelling.name(of: whole),
        "`\(schema.name)` is a section with fields\(schema.isNullable ? ", or null" : "")")
      return
    }
    layer.assign(whole, .mapping(ConfigMapping()), origin)
    for field in fields { readField(field, schema, siblings: fields) }
  }

  private mutating func readPrecisionName(_ scalar: Scalar, _ node: Node, _ origin: Origin) {
    guard let assignments = PrecisionRecipe.assignments(named: scalar.text, origin) else {
      report(
        .unknownChoice, node.range, path: spelling.name(of: Path.mixedPrecision.whole),
        "`\(scalar.text)` is no mixed precision recipe", help: PrecisionRecipe.help(for: scalar.text))
      return
    }
    layer.assignments += assignments
  }

  private mutating func readField(_ entry: Node.Entry, _ schema: SectionSchema, siblings: [Node.Entry]) {
    let name = schema.identity(of: entry.key)
    let path = FieldPath(schema.name, name)
    guard !name.isEmpty else {
      return report(
        .unknownField, entry.keyRange, path: spelling.name(of: path), "a field of `\(schema.name)` has an empty name")
    }
    guard let known = known(name, schema) else { return reportUnknownField(entry, schema, siblings: siblings) }
    if schema.rename(of: entry.key) != nil,
      let other = siblings.first(where: { $0.key != entry.key && schema.identity(of: $0.key) == name })
    {
      // Said where the second one stands.
      guard other.keyRange.start < entry.keyRange.start else { return }
      return report(
        .unknownField, entry.keyRange, path: spelling.name(of: path),
        "`\(other.key)` and `\(entry.key)` are one field, which got another name",
        help: "remove one of the two; Megatron-Bridge \(release.megatronBridge) calls it "
          + "`\(schema.name(of: name, in: release))`")
    }
    var reader = ValueReader(file: file, format: format, name: .field(path, spelling), field: known.field)
    let value = reader.read(entry.value, as: known.type, in: known.bounds)
    if !reader.diagnostics.isEmpty {
      // No fix makes it a config for another release.
      diagnostics += path == Path.software.megatronBridge ? reader.diagnostics.map(\.withoutFix) : reader.diagnostics
    }
    guard let value else { return }
    layer.assign(path, value, .file(value: SourceLocation(file, entry.value.range), key: entry.keyRange))
  }

  /// What the release takes for a field of a section; `nil` where it has none of the name.
  ///
  /// - Parameter name: its identity.
  private func known(
    _ name: String, _ schema: SectionSchema
  ) -> (field: FieldDeclaration?, type: FieldType, bounds: Bounds)? {
    if let field = schema.field(named: name) {
      if schema.isOpen || declared.has(field.name, in: schema.name) {
        return (field, field.type(in: release), field.bounds)
      }
      return nil
    }
    if schema.isOpen { return (nil, .string, .finite) }
    return CarriedFields.field(name, of: schema.name, in: release).map { (nil, $0.type, $0.bounds) }
  }

  // MARK: Unknown names

  private mutating func reportUnknownField(_ entry: Node.Entry, _ schema: SectionSchema, siblings: [Node.Entry]) {
    if let absence = FieldPath(schema.name, entry.key).absence(in: release) {
      let path = spelling.name(of: FieldPath(schema.name, entry.key))
      return report(.unknownField, entry.keyRange, path: path, absence.message, help: absence.help)
    }
    let meant = FieldNames.meant(by: entry.key, in: schema, of: release)
    var help: String?
    var fix: Fix?
    switch meant {
    case .sameSection(let name, let certainty):
      help = certainty == .alias ? "`\(name)` is its name here" : "did you mean `\(name)`?"
      let isFree = !siblings.contains { $0.key == name }
      if isFree {
        fix = Fix(
          "rename it to `\(name)`", certainty.isSafe ? .safe : .unsafe, in: file,
          edits: [TextEdit(entry.keyRange, format.text(of: name))])
      } else {
        help = "`\(name)` is already set; remove one of the two"
      }
    case .otherSection(let path): help = "`\(path.field)` belongs in `\(path.section)`"
    case nil: help = "`moonlight schema --fields \(schema.name)` lists the fields of this section"
    }
    report(
      .unknownField, entry.keyRange, path: spelling.name(of: FieldPath(schema.name, entry.key)),
      "unknown field `\(entry.key)` in `\(schema.name)`", help: help, fix: fix)
  }

  private mutating func reportUnknownSection(_ entry: Node.Entry, in entries: [Node.Entry]) {
    var help: String?
    var fix: Fix?
    if let (name, certainty) = FieldNames.sectionMeant(by: entry.key) {
      help = "did you mean `\(name)`?"
      if !entries.contains(where: { $0.key == name }) {
        fix = Fix(
          "rename it to `\(name)`", certainty.isSafe ? .safe : .unsafe, in: file,
          edits: [TextEdit(entry.keyRange, format.text(of: name))])
      }
    } else if entry.key == LaunchConfig.ignoreKey {
      help = "only JSON, which has no comments, takes it; here `# moonlight: ignore CODE` stands at the end of a line"
    } else if let path = FieldNames.fieldAnywhere(entry.key, in: release) {
      help = "`\(path.field)` is a field of `\(path.section)`"
    } else {
      help = "sections: \(LaunchConfig.sections.map(\.schema.name).joined(separator: ", "))"
    }
    report(.unknownSection, entry.keyRange, path: entry.key, "unknown section `\(entry.key)`", help: help, fix: fix)
  }

  private mutating func report(
    _ rule: FieldRule, _ range: SourceRange, path: String = "", _ message: String, help: String? = nil, fix: Fix? = nil
  ) {
    diagnostics.append(
      Diagnostic(rule.code, .error, message, help: help, path: path, at: SourceLocation(file, range), fix: fix))
  }
}
