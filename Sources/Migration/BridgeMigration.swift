import ConfigDocument
import LaunchModel
import Releases

/// The classes and fields of a ConfigContainer in another release.
struct BridgeMigration {
  var draft: MigrationDraft
  let source: BridgeSpelling
  /// What the container means in its own release.
  let config: LaunchConfig
  var destination: BridgeSpelling

  /// Attributes of a class that only added defaults and fields of its own to the one that stands there now.
  private var replaced: Set<String> = []

  static let target = "_target_"

  var target: Release { draft.target }
  /// What messages call the target release.
  var there: String { "megatron-bridge \(target.megatronBridge)" }

  init(_ draft: MigrationDraft, from source: BridgeSpelling, _ config: LaunchConfig) {
    self.draft = draft
    self.source = source
    self.config = config
    destination = BridgeSpelling(draft.target, dataset: source.dataset.map { draft.target.dataset(of: $0.source) })
  }

  mutating func run() {
    removeSet()
    migrateDataset()
    for entry in draft.document.root?.entries ?? [] where !entry.key.hasPrefix("_") { migrate(entry.key) }
  }

  /// `to_yaml` writes a set that no release can load.
  private mutating func removeSet() {
    if let removal = UnloadableSet(in: draft.document)?.removal {
      let reason = "no release loads a set; it is found out again when the adapters are made"
      draft.apply(removal, UnloadableSet.keys, reason)
    }
  }

  // MARK: Attributes

  private mutating func migrate(_ attribute: String) {
    guard let node = draft.node(at: [attribute]) else { return }
    let here = source.release.classes.attribute(named: attribute)
    let isThere = target.fields.field(attribute, of: "container") != nil
    if !isThere, let here, let other = target.classes.attribute(ofSection: here.sections[0]), other.name != attribute {
      for field in node.entries ?? [] where !field.key.hasPrefix("_") { migrate(field.key, of: attribute) }
      return draft.remove([attribute], "its fields are those of `\(other.name)` in \(there)")
    }
    guard isThere else { return dropAttribute(attribute, node) }
    guard let fields = node.entries else { return }
    migrateClass(of: attribute, here, fields.map(\.key))
    for field in fields where !field.key.hasPrefix("_") { migrate(field.key, of: attribute) }
  }

  private mutating func dropAttribute(_ attribute: String, _ node: Node) {
    guard source.release.fields.field(attribute, of: "container") != nil else { return }
    if node.isEmpty { return draft.remove([attribute], "a ConfigContainer of \(there) has no such attribute") }
    draft.lose(
      [attribute], "a ConfigContainer of \(there) has no `\(attribute)`",
      help: attribute == EnvVarsFields.schema.name ? "the launcher has to set these variables" : nil)
    if draft.dropsLosses { draft.silently([attribute]) { editor throws(EditError) in try editor.remove([attribute]) } }
  }

  private mutating func migrateClass(of attribute: String, _ here: ContainerAttribute?, _ fields: [String]) {
    let keys = [attribute, Self.target]
    guard let name = draft.node(at: keys)?.scalar?.text, name.hasPrefix("megatron."), attribute != "dataset",
      !target.fields.hasClass(name)
    else { return }
    guard let there = target.classes.attribute(named: attribute) else { return }
    if target.isOwn(name, of: there) { return }
    guard let here, source.release.isOwn(name, of: here) else {
      if source.release.fields.hasClass(name) { draft.lose(keys, "\(self.there) has no class `\(name)`") }
      return
    }
    let own = target.className(of: there)
    replaced.insert(attribute)
    draft.replace(keys, with: .string(own), "\(self.there) has no `\(name.unqualified)`")
    guard name != source.release.className(of: here) else { return }
    let unset = here.fieldClasses.flatMap { source.release.fields.fields(of: $0) }
      .filter { $0.type != nil && !fields.contains($0.name) && target.hasField($0.name, of: there) }
    if let first = unset.first {
      draft.warn(
        keys,
        """
        defaults of `\(name.unqualified)` do not hold in `\(own.unqualified)`: \(unset.count) fields are not set here, \
        `\(first.name)` among them
        """, help: "write out what the class set")
    }
  }

  // MARK: Fields

  private mutating func migrate(_ field: String, of attribute: String) {
    let keys = [attribute, field]
    let isData = attribute == Path.dataset.whole.section
    if !isData, let own = RenamedField.named(keys.joined(separator: "."))?.name(in: target) {
      return take(keys, to: own.split(separator: ".", maxSplits: 1).map(String.init))
    }
    guard let here = source.release.classes.attribute(named: attribute) else {
      return migrateUnmodelled(keys, attribute)
    }
    let path = source.path(ofKeys: keys)
    if let place = path.flatMap({ destination.keys(of: $0) }), place != keys, !destination.isObject(keys) {
      return take(keys, to: place)
    }
    if isData, destination.isObject(keys) { return migrateObject(keys) }
    let isThere =
      isData
      ? destination.dataset.map { target.declares(field, in: $0) } ?? true
      : target.classes.attribute(named: attribute).map { target.hasField(field, of: $0) } ?? false
    if isThere || path.map({ destination.keys(of: $0) == keys }) ?? false {
      return resetNull(keys, here.fieldClasses)
    }
    let isHere =
      isData
      ? source.dataset.map { source.release.declares(field, in: $0) } ?? true
      : source.release.hasField(field, of: here)
    guard isHere || replaced.contains(attribute) else { return }
    if FieldPath(attribute, field) == Path.model.maxPositionEmbeddings {
      return draft.remove(keys, "\(there) takes positions from `seq_length`")
    }
    let text = source.release.field(field, ofFirst: here.fieldClasses)?.defaultText
    draft.dropField(keys, FieldPath(attribute, field), defaultText: text, config)
  }

  /// Fields of an attribute that no section stands for.
  private mutating func migrateUnmodelled(_ keys: [String], _ attribute: String) {
    guard let field = source.release.fields.field(keys[1], of: attribute),
      target.fields.field(keys[1], of: attribute) == nil
    else { return }
    draft.dropField(keys, FieldPath(attribute, keys[1]), defaultText: field.defaultText, config)
  }

  /// Fields of an object that the target has as well.
  private mutating func migrateObject(_ keys: [String]) {
    for field in draft.node(at: keys)?.entries ?? [] where !field.key.hasPrefix("_") {
      let inner = keys + [field.key]
      guard target.field(field.key, ofFirst: Self.objectClasses) == nil else { continue }
      let text = source.release.field(field.key, ofFirst: Self.objectClasses)?.defaultText
      draft.dropField(inner, FieldPath(keys[0], field.key), defaultText: text, config)
    }
  }

  /// Keys of the ``FieldTable`` for objects of a dataset.
  private static let objectClasses = ["packed_sequence_specs", "hf_dataset_source"]

  /// `null` where it is a default of the source and no value in the target: there it is the target's default that says the
  /// same.
  private mutating func resetNull(_ keys: [String], _ classes: [String]) {
    guard draft.node(at: keys)?.scalar?.value(in: draft.version) == .null,
      let here = source.release.field(keys[1], ofFirst: classes), let there = target.field(keys[1], ofFirst: classes),
      here.defaultText == "null", let type = there.type, !type.hasSuffix("?"), type != "any"
    else { return }
    draft.remove(keys, "`null` is no value in \(self.there), where it is \(there.defaultText) unless it is set")
  }

  /// Puts a field where the target has it, in an object of the right class.
  mutating func take(_ keys: [String], to place: [String]) {
    let className = place.dropLast().isEmpty ? nil : self.className(of: Array(place.dropLast()))
    draft.take(keys, to: place) { draft in
      let parent = Array(place.dropLast())
      guard let className, draft.node(at: parent)?.isEmpty ?? true else { return }
      draft.silently(keys) { editor throws(EditError) in
        try editor.insert(parent + [Self.target], .string(className))
      }
    }
  }

  /// The class of the object at keys in the target.
  func className(of keys: [String]) -> String? {
    if keys.count == 1 { return target.classes.attribute(named: keys[0]).map { target.className(of: $0) } }
    return keys.count == 2 && keys[0] == Path.dataset.whole.section ? destination.dataset?.objects[keys[1]] : nil
  }
}

extension Release {
  /// A field of the first of some classes that has it.
  fileprivate func field(_ name: String, ofFirst classes: [String]) -> ClassField? {
    classes.lazy.compactMap { fields.field(name, of: $0) }.first
  }
}
