import ConfigDocument
import Diagnostics
import LaunchModel
import Releases
import Validation

/// What can be written at a place.
struct CompletionSource {
  private let analysis: Analysis
  private let workspace: Workspace
  private let place: CompletionPlace

  init(_ subject: RequestSubject, _ place: CompletionPlace) {
    analysis = subject.analysis
    workspace = subject.workspace
    self.place = place
  }

  private var spelling: any Spelling { analysis.form?.spelling ?? analysis.spelling }
  private var release: Release { analysis.form?.release ?? analysis.config.release }
  private var isJSON: Bool { analysis.document.format == .json }

  // MARK: Keys

  /// The keys of the mapping that are not written yet.
  var keys: [CompletionItem] {
    let document = analysis.document
    let isCurrent = !document.isUnreadable && document.root?.entries != nil
    let siblings = place.keys.reduce(isCurrent ? document.root : analysis.form?.root) { $0?[$1] }?.entries ?? []
    // The word at the cursor is one of them; what could last be read is older than the word.
    let others = siblings.filter { !isCurrent || !$0.keyRange.holds(place.range.end) }
    var seen = Set(others.map(\.key))
    return (place.keys.isEmpty ? topLevelKeys : fields).filter { seen.insert($0.label).inserted }
  }

  private var topLevelKeys: [CompletionItem] {
    var items = LaunchConfig.sections.compactMap { section -> CompletionItem? in
      let schema = section.schema
      guard let key = spelling.keys(of: FieldPath(schema.name, ""))?.first else { return nil }
      return CompletionItem(
        label: key, kind: .module, text: keyText(key, opensMapping: true), documentation: schema.documentation)
    }
    if spelling is NativeSpelling {
      items += ["extends", "schema_version"].map { CompletionItem(label: $0, kind: .field, text: keyText($0)) }
    }
    if isJSON {
      let key = LaunchConfig.ignoreKey
      items.append(CompletionItem(label: key, kind: .field, text: keyText(key), detail: "codes that are accepted"))
    }
    return items
  }

  private var fields: [CompletionItem] {
    LaunchConfig.sections.flatMap { section -> [CompletionItem] in
      let schema = section.schema
      let typed = schema.fields.compactMap { field in
        key(of: FieldPath(schema.name, field.name)).map { key in
          CompletionItem(
            label: key, kind: .field, text: keyText(key), detail: field.type(in: release).description,
            documentation: field.documentation)
        }
      }
      let carried = CarriedFields.names(of: schema.name, in: release).compactMap { name in
        key(of: FieldPath(schema.name, name)).map { key in
          CompletionItem(
            label: key, kind: .field, text: keyText(key),
            detail: CarriedFields.field(name, of: schema.name, in: release)?.type.description)
        }
      }
      return typed + carried
    }
  }

  /// The last key of a field that stands in the mapping at the place.
  private func key(of path: FieldPath) -> String? {
    guard let keys = spelling.keys(of: path), keys.dropLast() == place.keys[...] else { return nil }
    return keys.last
  }

  private func keyText(_ key: String, opensMapping: Bool = false) -> String {
    let name = analysis.document.format.text(of: key)
    if place.hasColon { return name }
    if isJSON { return opensMapping ? name + ": {}" : name + ": " }
    return opensMapping ? name + ":\n  " : name + ": "
  }

  // MARK: Values

  var values: [CompletionItem] {
    if isJSON, place.keys == [LaunchConfig.ignoreKey] { return codes }
    if place.keys == ["extends"] { return recipes + files(ending: [".yaml", ".yml", ".json"]) }
    guard let path = spelling.path(ofKeys: place.keys), !path.field.isEmpty,
      let field = LaunchConfig.section(named: path.section)?.schema.field(named: path.field)
    else {
      let carried = spelling.path(ofKeys: place.keys).flatMap {
        CarriedFields.field($0.field, of: $0.section, in: release)
      }
      return carried.map { words(of: $0.type, default: nil, at: FieldPath("", "")) } ?? []
    }
    let type = field.type(in: release)
    let items = words(of: type, default: LaunchConfig.defaultValue(of: path, in: release), at: path)
    return Self.paths.contains(path) ? items + files(ending: nil) : items
  }

  /// Fields whose values are paths.
  private static let paths: Set<FieldPath> = [
    Path.dataset.dataPaths, Path.dataset.validDataPaths, Path.dataset.testDataPaths, Path.tokenizer.tokenizerModel,
    Path.checkpoint.load, Path.checkpoint.save, Path.checkpoint.pretrainedCheckpoint,
  ]

  private func words(of type: FieldType, default fallback: ConfigValue?, at path: FieldPath) -> [CompletionItem] {
    var values: [ConfigValue] = []
    func add(_ type: FieldType) {
      switch type {
      case .bool: values += [true, false]
      case .choice(let words): values += words.map { .string($0) }
      case .list(let element): add(element)
      case .optional(let wrapped):
        add(wrapped)
        values.append(.null)
      case .union(let types): types.forEach(add)
      default: break
      }
    }
    add(type)
    if let fallback, fallback != .null, !values.contains(fallback), fallback != "" { values.append(fallback) }
    var seen: Set<ConfigValue> = []
    return values.filter { seen.insert($0).inserted }.map { value in
      let label = if case .string(let text) = value { text } else { FlowText.yaml(value) }
      return CompletionItem(
        label: label, kind: .word, text: text(of: spelling.value(value, of: path)),
        detail: value == fallback ? "default" : nil)
    }
  }

  private func text(of value: ConfigValue) -> String {
    isJSON ? (try? FlowText.json(value)) ?? FlowText.yaml(value) : FlowText.yaml(value)
  }

  private var recipes: [CompletionItem] {
    workspace.surroundings.recipes.recipeNames.map {
      CompletionItem(label: $0, kind: .reference, text: text(of: .string($0)), detail: "recipe")
    }
  }

  /// What lies in the folder that is written so far, which begins at that of the document.
  private func files(ending endings: [String]?) -> [CompletionItem] {
    let written = analysis.file.text(in: place.range).filter { $0 != "\"" && $0 != "'" }
    let folder = written.lastIndex(of: "/").map { String(written[...$0]) } ?? ""
    let own = analysis.address.path.lastIndex(of: "/").map { String(analysis.address.path[...$0]) } ?? ""
    return workspace.surroundings.folder(folder.hasPrefix("/") ? folder : own + folder).compactMap { entry in
      let isListed = entry.isFolder || endings?.contains(where: entry.name.hasSuffix) ?? true
      guard isListed, !entry.name.hasPrefix(".") else { return nil }
      let path = folder + entry.name + (entry.isFolder ? "/" : "")
      return CompletionItem(label: path, kind: entry.isFolder ? .folder : .file, text: text(of: .string(path)))
    }
  }

  // MARK: Codes

  /// What is found in the document first, then every rule.
  var codes: [CompletionItem] {
    let found = Set(analysis.diagnostics.filter { $0.severity < .error }.map(\.code.rawValue))
    return RuleReference.all.filter { found.contains($0.code) }.map(item)
      + RuleReference.all
      .filter { !found.contains($0.code) }.map(item)
  }

  private func item(_ rule: RuleReference) -> CompletionItem {
    CompletionItem(
      label: rule.code, kind: .value, text: text(of: .string(rule.code)), detail: rule.title,
      documentation: rule.text)
  }
}
