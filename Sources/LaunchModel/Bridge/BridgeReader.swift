import ConfigDocument
import Diagnostics
import Releases

/// Reads a ConfigContainer of Megatron-Bridge in place: the same nodes, each where it stands in the file, under the
/// names of a launch config. What neither side knows is passed over.
struct BridgeReader {
  let file: SourceFile
  let format: TextFormat
  private let root: [Node.Entry]
  /// The tree in our sections, in the order of the file.
  private var sections: [(entry: Node.Entry, fields: [Node.Entry])] = []
  /// Fields that win over those of their sections.
  private var winning: [(entry: Node.Entry, fields: [Node.Entry])] = []
  var diagnostics: [Diagnostic]
  let release: Release
  let spelling: BridgeSpelling
  var mode: (mode: TrainingMode, range: SourceRange)?
  private(set) var objects: BridgeObjects

  /// Whether a text is a ConfigContainer: its own class stands in it, or those of its sections do.
  static func reads(_ document: ParsedDocument) -> Bool {
    guard let entries = document.root?.entries else { return false }
    if let target = document.root?[target]?.scalar?.text {
      let name = "ConfigContainer"
      return target.hasSuffix(name) || typo(target.unqualified, among: [name]) != nil
    }
    return entries.contains { entry in
      guard let name = entry.value[target]?.scalar?.text else { return false }
      return name.hasPrefix("megatron.") && entry.key != "peft"
        && Release.all.contains { $0.classes.attribute(named: entry.key) != nil }
    }
  }

  static let target = "_target_"

  /// What was read of a container.
  struct Reading {
    /// The document in our names.
    let document: ParsedDocument
    let spelling: BridgeSpelling
    let objects: BridgeObjects
  }

  static func read(_ document: ParsedDocument, _ release: Release) -> Reading {
    var reader = BridgeReader(document, release)
    reader.readRoot()
    reader.addMode()
    let tree = (reader.sections + reader.winning).map { section in
      var entry = section.entry
      if entry.value.entries != nil { entry.value.content = .mapping(section.fields) }
      return entry
    }
    let range = document.root?.range ?? SourceRange(0, 0)
    let translated = document.replacing(
      root: Node(.mapping(tree), range), diagnostics: reader.diagnostics + reader.objects.diagnostics)
    return Reading(document: translated, spelling: reader.spelling, objects: reader.objects)
  }

  private init(_ document: ParsedDocument, _ release: Release) {
    self.release = release
    file = document.file
    format = document.format
    root = document.root?.entries ?? []
    diagnostics = document.diagnostics.map { Self.explained($0, document, release) }
    let dataset = document.root?["dataset"]?[Self.target]?.scalar?.text ?? ""
    spelling = BridgeSpelling(release, dataset: release.dataset(named: dataset))
    objects = BridgeObjects(file: document.file, format: document.format, spelling: spelling)
  }

  /// What PyYAML refuses is no matter of taste here. `to_yaml` itself writes a set for `peft.params_to_save`.
  private static func explained(_ diagnostic: Diagnostic, _ document: ParsedDocument, _ release: Release) -> Diagnostic
  {
    if DocumentRule.refusedByPyYAML.contains(where: { $0.code == diagnostic.code }) {
      var result = diagnostic
      result.severity = .error
      return result
    }
    guard let set = UnloadableSet(diagnostic, in: document) else { return diagnostic }
    var result = diagnostic
    result.code = FieldRule.bridgeText.code
    result.message =
      "`!!set` is no value that Megatron-Bridge \(release.megatronBridge) can load, though its `to_yaml` writes it here"
    result.help = "remove `params_to_save`: it is found out again when the adapters are made"
    result.fix = set.removal
    return result
  }

  // MARK: The container

  private mutating func readRoot() {
    if let container = root.first(where: { $0.key == Self.target }) {
      meaning(of: container, like: release.classes.container, path: Self.target)
    } else {
      let fix = root.first.flatMap { insertion(of: release.classes.container, before: $0) }
      report(
        .bridgeClass, SourceRange(root.first?.keyRange.start ?? 0, root.first?.keyRange.start ?? 0), path: Self.target,
        "`_target_` is missing: Megatron-Bridge loads a file only by the name of its class",
        help: "write `_target_: \(release.classes.container)`", fix: fix)
    }
    for entry in root { readAttribute(entry) }
    checkObjects(of: root)
    for name in release.requiredAttributes where !root.contains(where: { $0.key == name }) {
      report(
        .missing, SourceRange(root.first?.keyRange.start ?? 0, root.first?.keyRange.start ?? 0), path: name,
        "`\(name)` is missing: a ConfigContainer cannot be made without it")
    }
  }

  private mutating func readAttribute(_ entry: Node.Entry) {
    if entry.key.hasPrefix("_") || format == .json && entry.key == LaunchConfig.ignoreKey { return }
    if entry.key == EnvVarsFields.schema.name, release.unmodelledAttributes.contains(entry.key) {
      readVariables(entry)
    } else if let attribute = release.classes.attribute(named: entry.key) {
      switch entry.key {
      case "dataset": readDataset(entry, attribute)
      case "peft": readAdapter(entry, attribute)
      default: readPlain(entry, attribute)
      }
    } else if release.unmodelledAttributes.contains(entry.key) {
      if let expected = release.fields.className(of: entry.key),
        let target = entry.value.entries?.first(where: { $0.key == Self.target })
      {
        meaning(of: target, like: expected, in: entry.key, path: "\(entry.key).\(Self.target)")
      }
      guard !entry.value.isNull, entry.key != "optimizer_config_override_provider" else { return }
      passOver(entry.keyRange, path: entry.key, "`\(entry.key)` is not checked: it has no section in a launch config")
    } else {
      reportUnknownAttribute(entry)
    }
  }

  private mutating func reportUnknownAttribute(_ entry: Node.Entry) {
    let known = release.classes.attributes.map(\.name) + release.unmodelledAttributes
    let missing = known.filter { name in !root.contains { $0.key == name } }
    let holders = Release.all.filter { $0.fields.field(entry.key, of: "container") != nil }
    if !holders.isEmpty {
      reportOtherRelease(
        .unknownSection, entry.keyRange, path: entry.key,
        "a ConfigContainer of megatron-bridge \(release.megatronBridge) has no `\(entry.key)`", holders)
    } else if let nearest = nearestName(to: entry.key, among: missing) {
      report(
        .unknownSection, entry.keyRange, path: entry.key, "a ConfigContainer has no `\(entry.key)`",
        help: "did you mean `\(nearest)`?",
        fix: rename(entry, to: nearest, isSafe: typo(entry.key, among: known) == nearest))
    } else {
      passOver(
        entry.keyRange, path: entry.key,
        """
        `\(entry.key)` is not checked: a ConfigContainer of megatron-bridge \(release.megatronBridge) has no such \
        attribute, and its loader drops it
        """)
    }
  }

  // MARK: Sections whose fields keep their names

  private mutating func readPlain(_ entry: Node.Entry, _ attribute: ContainerAttribute) {
    let schemas = attribute.sections.compactMap { LaunchConfig.section(named: $0)?.schema }
    if entry.value.isNull {
      guard schemas.contains(where: \.isNullable) else { return reportNull(entry) }
      for schema in schemas { add(schema.name, entry, []) }
      return
    }
    guard let written = entry.value.entries else {
      // A name of a mixed precision recipe, or something that the reader of the section refuses.
      return add(attribute.sections[0], entry, [])
    }
    let release = release
    let fields = attribute.name == ModelFields.schema.name ? withoutOthersNulls(written, entry) : written
    let isOwn = checkTarget(of: entry, fields, like: release.className(of: attribute)) {
      release.isOwn($0, of: attribute)
    }
    var sorted = BridgeFieldSorting(attribute, fields, isOwn: isOwn, spelling)
    sort(fields, &sorted)
    readInOldPlace(&sorted, entry)
    finish(entry, sorted)
    if attribute.name == "model" { checkLayerSpec(entry) }
    for schema in schemas { add(schema.name, entry, sorted.sorted[schema.name] ?? []) }
  }

  /// Models without multi-latent attention keep null in numbers that it alone reads; one note tells of them.
  private mutating func withoutOthersNulls(_ fields: [Node.Entry], _ entry: Node.Entry) -> [Node.Entry] {
    let latent = ModelFields.declaration(of: \.multiLatentAttention).name
    guard fields.first(where: { $0.key == latent })?.value.plainValue != .bool(true) else { return fields }
    let schema = ModelFields.schema
    let nulls = fields.filter { field in
      guard field.value.isNull, let known = schema.field(named: schema.identity(of: field.key)) else { return false }
      return !known.type(in: release).acceptsNull && known.name.hasPrefix("rotary_")
    }
    guard let first = nulls.first else { return fields }
    passOver(
      first.keyRange, path: "\(entry.key).\(first.key)",
      "a model of another family: it has no multi-latent attention, and what is about that is not checked")
    return fields.filter { field in !nulls.contains { $0.key == field.key } }
  }

  /// Values of variables are texts to a process, whatever they are to YAML.
  private mutating func readVariables(_ entry: Node.Entry) {
    let variables = (entry.value.entries ?? []).map { variable -> Node.Entry in
      guard let scalar = variable.value.scalar else { return variable }
      let text = if case .bool(let flag) = scalar.value(in: .v1_1) { flag ? "True" : "False" } else { scalar.text }
      var variable = variable
      variable.value = Node(.scalar(Scalar(text, .quoted)), variable.value.range)
      return variable
    }
    add(entry.key, entry, variables)
  }

  /// Fields that a release still reads in their old place, where they win over the new one.
  private mutating func readInOldPlace(_ sorted: inout BridgeFieldSorting, _ entry: Node.Entry) {
    let validation = ValidationFields.schema.name
    guard sorted.attribute.name == TrainFields.schema.name, release.fields.isClass(validation) else { return }
    let moved = sorted.take(from: TrainFields.schema.name) { field in
      !field.value.isNull && release.fields.field(field.key, of: validation) != nil
    }
    guard !moved.isEmpty else { return }
    var section = entry
    section.key = validation
    winning.append((section, moved))
  }

  /// A spec that gives dense layers experts; what the rest says of the layers is then not what is built.
  private mutating func checkLayerSpec(_ entry: Node.Entry) {
    guard let spec = entry.value["transformer_layer_spec"]?[Self.target],
      spec.scalar?.text.unqualified == "default_layer_spec",
      let pattern = entry.value[ModelFields.declaration(of: \.moeLayerFrequency).name],
      pattern.items?.contains(where: { $0.plainValue == .int(0) }) ?? false,
      entry.value[ModelFields.declaration(of: \.numMoEExperts).name].map({ !$0.isNull }) ?? false
    else { return }
    diagnostics.append(
      Diagnostic(
        FieldRule.bridgeLayerSpec.code, .warning,
        "`default_layer_spec` ignores `moe_layer_freq`: its dense layers become MoE layers, too",
        help: "write `_target_: \(release.classes.blockSpec)`", path: "\(entry.key).transformer_layer_spec",
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
  ///
  /// - Parameter parent: the keys of an object within the attribute whose fields these are; else those of the attribute.
  mutating func sort(
    _ fields: [Node.Entry], below parent: [String]? = nil, _ sorted: inout BridgeFieldSorting
  ) {
    let parent = parent ?? [sorted.attribute.name]
    var keys = parent + [""]
    for field in fields where !field.key.hasPrefix("_") {
      keys[parent.count] = field.key
      if spelling.isHolder(keys) {
        let isObject = spelling.isObject(keys)
        let inner = (field.value.entries ?? []).filter { isObject || spelling.path(ofKeys: keys + [$0.key]) != nil }
        sort(inner, below: keys, &sorted)
        // The rest of other mappings is carried.
        if isObject || field.value.isNull { continue }
      }
      if let path = spelling.path(ofKeys: keys) {
        place(field, at: path, &sorted)
      } else if parent.count > 1 {
        // The reader of the section knows no such name either, and says so.
        sorted.add(field, to: sorted.sections[0])
      } else if !sorted.isBridgeOnly(field.key) {
        sorted.unknown.append(field)
      }
    }
  }

  private mutating func place(_ written: Node.Entry, at path: FieldPath, _ sorted: inout BridgeFieldSorting) {
    var (field, path) = (written, path)
    if path == Path.dataset.dataPaths {
      if let paths = Self.dataPaths(field) { return sorted.add(paths, to: path.section) }
      if let paths = field.value.items.flatMap(DataPath.weighted) { return reportWeightsInTurn(field, paths) }
      // Of another form than ours, so carried as it is.
      path = FieldPath(path.section, field.key)
    }
    field.key = path.field
    let type =
      LaunchConfig.section(named: path.section)?.schema.field(named: path.field)?.type
      ?? CarriedFields.field(path.field, of: path.section, in: release)?.type ?? .any
    switch objects.read(field.value, as: type, at: path) {
    case .value(let node):
      field.value = node
      sorted.add(field, to: path.section)
    case .unknownObject: sorted.unreadable.append(written)
    case .refused: return
    }
  }

  /// Reports the names that belong nowhere: slips of the keyboard one by one, the rest in one note.
  mutating func finish(_ entry: Node.Entry, _ sorted: BridgeFieldSorting) {
    var strange: [Node.Entry] = []
    // Most files hold none, and all names of a section take longer to make than the section to read.
    let known = sorted.unknown.isEmpty ? [] : sorted.knownNames
    let absent = known.filter { name in !sorted.fields.contains { $0.key == name } }
    let (knownNames, absentNames) = (NameIndex(known), NameIndex(absent))
    for field in sorted.unknown {
      let path = "\(entry.key).\(field.key)"
      if sorted.isOwn, reportNameOfOtherRelease(field, of: sorted, path: path) { continue }
      let alias = sorted.alias(of: field.key, among: absent)
      let typo = FieldNames.typo(of: field.key, among: knownNames)
      // Of a class of its own every name may be right that is no slip.
      if let nearest = alias ?? (sorted.isOwn ? absentNames.nearest(to: field.key) : typo) {
        let isSafe = alias != nil || typo == nearest
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
