import ConfigDocument
import Diagnostics

/// Reads a ConfigContainer of Megatron-Bridge in place: the same nodes, each where it stands in the file, under the
/// names of a launch config. What neither side knows is passed over.
struct BridgeReader {
  let file: SourceFile
  let format: TextFormat
  private let root: [Node.Entry]
  /// The tree in our sections, in the order of the file.
  private var sections: [(entry: Node.Entry, fields: [Node.Entry])] = []
  var diagnostics: [Diagnostic]
  var dataset: BridgeDatasetClass?
  var mode: (mode: TrainingMode, range: SourceRange)?
  private(set) var objects: BridgeObjects

  /// Whether a text is a ConfigContainer: its own class stands in it, or those of its sections do.
  static func reads(_ document: ParsedDocument) -> Bool {
    guard let entries = document.root?.entries else { return false }
    if let target = document.root?[target]?.scalar?.text { return target.hasSuffix("ConfigContainer") }
    return entries.contains { entry in
      guard let name = entry.value[target]?.scalar?.text else { return false }
      return name.hasPrefix("megatron.") && (BridgeSection.plain(entry.key) != nil || entry.key == "dataset")
    }
  }

  static let target = "_target_"

  /// The document in our names, and how to get back to its own.
  static func read(_ document: ParsedDocument) -> (document: ParsedDocument, form: BridgeForm) {
    var reader = BridgeReader(document)
    reader.readRoot()
    reader.addMode()
    let tree = reader.sections.map { section in
      var entry = section.entry
      if entry.value.entries != nil { entry.value.content = .mapping(section.fields) }
      return entry
    }
    let range = document.root?.range ?? SourceRange(0, 0)
    let translated = document.replacing(
      root: Node(.mapping(tree), range), diagnostics: reader.diagnostics + reader.objects.diagnostics)
    return (
      translated,
      BridgeForm(dataset: reader.dataset, words: reader.objects.words, strings: reader.objects.strings)
    )
  }

  private init(_ document: ParsedDocument) {
    file = document.file
    format = document.format
    root = document.root?.entries ?? []
    diagnostics = document.diagnostics.map { Self.explained($0, document) }
    objects = BridgeObjects(file: document.file, format: document.format)
  }

  /// `to_yaml` itself writes a set for `peft.params_to_save`.
  private static func explained(_ diagnostic: Diagnostic, _ document: ParsedDocument) -> Diagnostic {
    guard diagnostic.code == DocumentRule.badTag.code, diagnostic.path.hasSuffix("params_to_save"),
      let place = diagnostic.location, let line = document.file.lineRange(around: place.range)
    else { return diagnostic }
    var result = diagnostic
    result.code = FieldRule.bridgeText.code
    result.message = "`!!set` is no value that Megatron-Bridge 0.3.1 can load, though its `to_yaml` writes it here"
    result.help = "remove `params_to_save`: it is found out again when the adapters are made"
    result.fix = Fix("remove `params_to_save`", .safe, in: document.file, edits: [TextEdit(line, "")])
    return result
  }

  // MARK: The container

  private mutating func readRoot() {
    if let container = root.first(where: { $0.key == Self.target }) {
      check(container, like: BridgeSection.container, path: Self.target)
    } else {
      let fix = root.first.flatMap { insertion(of: BridgeSection.container, before: $0) }
      report(
        .bridgeClass, SourceRange(root.first?.keyRange.start ?? 0, root.first?.keyRange.start ?? 0), path: Self.target,
        "`_target_` is missing: Megatron-Bridge loads a file only by the name of its class",
        help: "write `_target_: \(BridgeSection.container)`", fix: fix)
    }
    for entry in root { readAttribute(entry) }
    for name in BridgeSection.required where !root.contains(where: { $0.key == name }) {
      report(
        .missing, SourceRange(root.first?.keyRange.start ?? 0, root.first?.keyRange.start ?? 0), path: name,
        "`\(name)` is missing: a ConfigContainer cannot be made without it")
    }
  }

  private mutating func readAttribute(_ entry: Node.Entry) {
    switch entry.key {
    case "dataset": readDataset(entry)
    case "peft": readAdapter(entry)
    case _ where entry.key.hasPrefix("_"): return
    case _ where BridgeSection.unmodelled.contains(entry.key):
      guard !entry.value.isNull, entry.key != "optimizer_config_override_provider" else { return }
      passOver(entry.keyRange, path: entry.key, "`\(entry.key)` is not checked: it has no section in a launch config")
    default:
      guard let section = BridgeSection.plain(entry.key) else { return reportUnknownAttribute(entry) }
      readPlain(entry, section)
    }
  }

  private mutating func reportUnknownAttribute(_ entry: Node.Entry) {
    let known = BridgeSection.plain.map(\.attribute) + BridgeSection.unmodelled.sorted() + ["dataset", "peft"]
    let missing = known.filter { name in !root.contains { $0.key == name } }
    if let nearest = nearestName(to: entry.key, among: missing) {
      report(
        .unknownSection, entry.keyRange, path: entry.key, "a ConfigContainer has no `\(entry.key)`",
        help: "did you mean `\(nearest)`?",
        fix: rename(entry, to: nearest, isSafe: typo(entry.key, among: known) == nearest))
    } else {
      passOver(
        entry.keyRange, path: entry.key,
        "`\(entry.key)` is not checked: a ConfigContainer of megatron-bridge 0.3.1 has no such attribute, and its loader "
          + "drops it")
    }
  }

  // MARK: Sections whose fields keep their names

  private mutating func readPlain(_ entry: Node.Entry, _ section: BridgeSection) {
    let schemas = section.sections.compactMap { LaunchConfig.section(named: $0)?.schema }
    if entry.value.isNull {
      guard schemas.contains(where: \.isNullable) else { return reportNull(entry) }
      for schema in schemas { add(schema.name, entry, []) }
      return
    }
    guard let fields = entry.value.entries else {
      // A name of a mixed precision recipe, or something that the reader of the section refuses.
      return add(section.sections[0], entry, [])
    }
    let isOwn = checkTarget(of: entry, fields, like: section.target) { section.isOwn($0) }
    var sorted = BridgeFieldSorting(fields: fields, isOwn: isOwn, sections: section.sections)
    sort(fields, &sorted)
    finish(entry, sorted)
    if section.target == BridgeSection.modelProvider { checkLayerSpec(entry) }
    for schema in schemas { add(schema.name, entry, sorted.sorted[schema.name] ?? []) }
  }

  /// A spec that gives dense layers experts; what the rest says of the layers is then not what is built.
  private mutating func checkLayerSpec(_ entry: Node.Entry) {
    guard let spec = entry.value["transformer_layer_spec"]?[Self.target],
      spec.scalar?.text.className == "default_layer_spec",
      let pattern = entry.value[ModelFields.fields.moeLayerFrequency.declaration.name],
      pattern.items?.contains(where: { $0.plainValue == .int(0) }) ?? false,
      entry.value[ModelFields.fields.numMoEExperts.declaration.name].map({ !$0.isNull }) ?? false
    else { return }
    diagnostics.append(
      Diagnostic(
        FieldRule.bridgeLayerSpec.code, .warning,
        "`default_layer_spec` ignores `moe_layer_freq`: its dense layers become MoE layers, too",
        help: "write `_target_: \(BridgeSection.blockSpec)`", path: "\(entry.key).transformer_layer_spec",
        at: SourceLocation(file, spec.range),
        related: [RelatedPlace("\(entry.key).moe_layer_freq", "the pattern", at: SourceLocation(file, pattern.range))]))
  }

  mutating func reportNull(_ entry: Node.Entry) {
    report(
      .wrongType, entry.value.range, path: entry.key,
      "`\(entry.key)` is null, but Megatron-Bridge asks for its fields at start-up")
  }

  /// What kind of run it is stands in no field: the data and the adapters tell.
  private mutating func addMode() {
    guard let mode else { return }
    let entry = Node.Entry(
      key: "recipe", keyRange: mode.range, value: Node(.mapping([]), mode.range))
    sections.append((entry, [word(mode.mode.rawValue, for: "mode", at: mode.range)]))
  }

  func word(_ text: String, for key: String, at range: SourceRange) -> Node.Entry {
    Node.Entry(key: key, keyRange: range, value: Node(.scalar(Scalar(text, .plain)), range))
  }

  mutating func add(_ section: String, _ entry: Node.Entry, _ fields: [Node.Entry]) {
    var entry = entry
    entry.key = section
    sections.append((entry, fields))
  }

  // MARK: Fields

  /// Puts every field where it belongs here.
  mutating func sort(_ fields: [Node.Entry], _ sorted: inout BridgeFieldSorting) {
    for var field in fields where !field.key.hasPrefix("_") {
      if let name = sorted.renamed[field.key] { field.key = name }
      guard let owner = sorted.owner(of: field.key) else {
        if !sorted.isBridgeOnly(field.key) { sorted.unknown.append(field) }
        continue
      }
      let type =
        LaunchConfig.section(named: owner)?.schema.field(named: field.key)?.type
        ?? CarriedFields.field(field.key, of: owner, in: .current)?.type ?? .any
      let path = FieldPath(owner, field.key)
      switch objects.read(field.value, as: type, at: path) {
      case .value(let node):
        field.value = node
        sorted.add(field, to: owner)
      case .unknownObject: sorted.unreadable.append(field)
      case .refused: continue
      }
    }
  }

  /// Reports the names that belong nowhere: slips of the keyboard one by one, the rest in one note.
  mutating func finish(_ entry: Node.Entry, _ sorted: BridgeFieldSorting) {
    var strange: [Node.Entry] = []
    let absent = sorted.knownNames.filter { name in !sorted.fields.contains { $0.key == name } }
    for field in sorted.unknown {
      let path = "\(entry.key).\(field.key)"
      let alias = sorted.alias(of: field.key, among: absent)
      if let nearest = alias ?? nearestName(to: field.key, among: absent) {
        let isSafe = alias != nil || FieldNames.typo(of: field.key, among: sorted.knownNames) == nearest
        report(
          .unknownField, field.keyRange, severity: sorted.isOwn ? .error : .warning, path: path,
          "unknown field `\(field.key)` in `\(entry.key)`: Megatron-Bridge's loader drops it",
          help: "did you mean `\(nearest)`?", fix: rename(field, to: nearest, isSafe: isSafe))
      } else if sorted.refusesUnknown {
        report(.unknownField, field.keyRange, path: path, "unknown field `\(field.key)` in `\(entry.key)`")
      } else {
        strange.append(field)
      }
    }
    let names = (strange + sorted.unreadable).sorted { $0.keyRange.start < $1.keyRange.start }
    guard let first = names.first else { return }
    let shown = names.prefix(6).map { "`\($0.key)`" }.joined(separator: ", ")
    let more = names.count > 6 ? " and \(names.count - 6) more" : ""
    passOver(
      first.keyRange, path: "\(entry.key).\(first.key)",
      "\(names.count == 1 ? "a field" : "\(names.count) fields") of `\(entry.key)` \(names.count == 1 ? "is" : "are") "
        + "passed over: \(shown)\(more)")
  }
}
