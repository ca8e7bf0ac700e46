import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// A file of overrides that Megatron-Bridge lays over a recipe: sections of a ConfigContainer with some of their fields,
/// and no classes. Sections of a launch config may stand beside them.
///
/// Source: megatron-bridge 0.6.2 `training/utils/omegaconf_utils.py`, `process_config_with_overrides`.
struct BridgeOverrideFile {
  let document: ParsedDocument
  private(set) var comments: [[String]: String] = [:]
  let spelling: BridgeSpelling

  /// Whether a text can be nothing else: a field stands where a ConfigContainer has it, and a launch config does not.
  static func recognises(_ document: ParsedDocument) -> Bool {
    guard let entries = document.root?.entries, !document.isUnreadable, !entries.isEmpty else { return false }
    let isPlain = entries.allSatisfy { entry in
      entry.value["_target_"] == nil && Release.all.contains { $0.classes.attribute(named: entry.key) != nil }
    }
    guard isPlain else { return false }
    return entries.contains { section in
      section.value.entries?.contains { field in
        Release.all.contains { release in
          let keys = [section.key, field.key]
          return NativeSpelling(release).path(ofKeys: keys) == nil
            && BridgeSpelling(release, dataset: nil).path(ofKeys: keys) != nil
        }
      } ?? false
    }
  }

  /// Whether a text is a part of a config: a mapping that neither is a ConfigContainer nor builds on anything.
  static func canBeLaidOverRecipe(_ document: ParsedDocument) -> Bool {
    guard let root = document.root, let entries = root.entries, !document.isUnreadable else { return false }
    return root["extends"] == nil && !entries.contains { $0.key == "_target_" || $0.value["_target_"] != nil }
  }

  /// - Parameter recipe: its name is Megatron-Bridge's where nothing stands in the file that a launch config alone has.
  init(_ source: ParsedDocument, for asked: Release?, on recipe: String?, _ naming: BridgeRecipeNames) {
    let release = asked ?? .current
    spelling = BridgeSpelling(release, dataset: nil)
    var reader = Reader(source, release, spelling)
    let isBridges = source.root?.entries?.allSatisfy { release.classes.attribute(named: $0.key) != nil } ?? false
    let meant = isBridges ? recipe.flatMap { BridgeRecipeMeaning($0, in: release, naming) } : nil
    if let meant {
      reader.diagnostics.append(meant.note(at: SourceLocation(source.file, SourceRange(0, 0))))
    }
    if let recipe { reader.head("extends", meant?.name ?? recipe) }
    for entry in source.root?.entries ?? [] { reader.read(entry) }
    if recipe == nil {
      reader.diagnostics.append(
        Diagnostic(
          FieldRule.extends.code, .error,
          "this is no whole config but overrides that Megatron-Bridge lays over a recipe, and none is named",
          help: "name the recipe with --recipe; `moonlight recipes` lists them",
          at: SourceLocation(source.file, SourceRange(0, 0))))
    }
    if asked == nil {
      reader.diagnostics.append(
        Diagnostic(
          FieldRule.release.code, .note,
          "read for Megatron-Bridge \(release.megatronBridge); overrides do not say for which they are",
          help: "say another release with --megatron-bridge", path: Path.software.megatronBridge.description,
          at: SourceLocation(source.file, SourceRange(0, 0))))
    }
    comments = reader.comments
    document = source.replacing(
      root: Node(.mapping(reader.root), source.root?.range ?? SourceRange(0, 0)), diagnostics: reader.diagnostics)
  }

  /// Puts fields where a launch config has them.
  private struct Reader {
    private let file: SourceFile
    private let release: Release
    private let spelling: BridgeSpelling
    private var heads: [Node.Entry] = []
    private var sections: [Node.Entry] = []
    var diagnostics: [Diagnostic]
    var comments: [[String]: String] = [:]

    init(_ source: ParsedDocument, _ release: Release, _ spelling: BridgeSpelling) {
      (file, self.release, self.spelling) = (source.file, release, spelling)
      diagnostics = source.diagnostics
      let written = source.root?.entries?.contains { $0.key == Path.software.whole.section } ?? false
      if !written { addSoftware() }
    }

    var root: [Node.Entry] { heads + sections }

    mutating func head(_ key: String, _ text: String) {
      let place = SourceRange(0, 0)
      heads.append(Node.Entry(key: key, keyRange: place, value: Node(.scalar(Scalar(text, .quoted)), place)))
    }

    private mutating func addSoftware() {
      let (path, place) = (Path.software.megatronBridge, SourceRange(0, 0))
      let value = Node(.scalar(Scalar(release.megatronBridge, .quoted)), place)
      let field = Node.Entry(key: path.field, keyRange: place, value: value)
      sections.append(Node.Entry(key: path.section, keyRange: place, value: Node(.mapping([field]), place)))
    }

    mutating func read(_ entry: Node.Entry) {
      guard let attribute = release.classes.attribute(named: entry.key), let fields = entry.value.entries else {
        // A section of a launch config, a name for a whole section, or something that its reader refuses.
        sections.append(entry)
        return
      }
      for field in fields { read(field, of: entry, attribute) }
    }

    private mutating func read(_ field: Node.Entry, of entry: Node.Entry, _ attribute: ContainerAttribute) {
      let keys = [entry.key, field.key]
      let native = NativeSpelling(release).path(ofKeys: keys)
      if let path = spelling.path(ofKeys: keys) ?? native, !path.field.isEmpty {
        add(path, field, to: entry)
      } else if attribute.fieldClasses.contains(where: { release.fields.field(field.key, of: $0) != nil }) {
        note(field, keys, "`\(keys.joined(separator: "."))` is not checked: no launch config has it")
      } else {
        refuse(field, keys, attribute)
      }
    }

    private mutating func add(_ path: FieldPath, _ field: Node.Entry, to entry: Node.Entry) {
      let name = LaunchConfig.section(named: path.section)?.schema.name(of: path.field, in: release) ?? path.field
      let own = Node.Entry(key: name, keyRange: field.keyRange, value: field.value.readByOmegaConf)
      comments[[path.section, name]] =
        "\(entry.key).\(field.key), line \(file.position(at: field.keyRange.start).line)"
      if let index = sections.firstIndex(where: { $0.key == path.section }), let fields = sections[index].value.entries
      {
        sections[index].value.content = .mapping(fields + [own])
      } else {
        var section = entry
        (section.key, section.value.content) = (path.section, .mapping([own]))
        sections.append(section)
      }
    }

    private mutating func refuse(_ field: Node.Entry, _ keys: [String], _ attribute: ContainerAttribute) {
      let schemas = attribute.sections.compactMap { LaunchConfig.section(named: $0)?.schema }
      let absence = schemas.compactMap { FieldPath($0.name, field.key).absence(in: release) }.first
      let nearest = nearestName(to: field.key, among: schemas.flatMap { $0.names(in: release) })
      let elsewhere = FieldNames.fieldAnywhere(field.key, in: release).flatMap { spelling.keys(of: $0) }
      let help =
        absence?.help ?? nearest.map { "did you mean `\($0)`?" }
        ?? elsewhere.map { "did you mean `\($0.joined(separator: "."))`?" }
      diagnostics.append(
        Diagnostic(
          FieldRule.unknownField.code, .error,
          absence?.message
            ?? "`\(attribute.name)` of megatron-bridge \(release.megatronBridge) has no `\(field.key)`", help: help,
          path: keys.joined(separator: "."), at: SourceLocation(file, field.keyRange)))
    }

    private mutating func note(_ field: Node.Entry, _ keys: [String], _ message: String) {
      diagnostics.append(
        Diagnostic(
          FieldRule.bridgePassedOver.code, .note, message, path: keys.joined(separator: "."),
          at: SourceLocation(file, field.keyRange)))
    }
  }
}
