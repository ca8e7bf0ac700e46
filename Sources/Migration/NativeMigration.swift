import ConfigDocument
import LaunchModel
import Releases

/// The names of a launch config in another release: those that are called otherwise there, and those that are not there.
struct NativeMigration {
  private(set) var draft: MigrationDraft
  let source: Release
  /// What the text means in its own release.
  let config: LaunchConfig

  private var target: Release { draft.target }

  init(_ draft: MigrationDraft, from source: Release, _ config: LaunchConfig) {
    self.draft = draft
    self.source = source
    self.config = config
  }

  mutating func run() {
    for section in draft.document.root?.entries ?? [] {
      guard let schema = LaunchConfig.section(named: section.key)?.schema, !schema.isOpen,
        schema.name != SoftwareFields.schema.name
      else { continue }
      for field in section.value.entries ?? [] { migrate(field.key, schema) }
    }
    nameRelease()
  }

  private mutating func migrate(_ name: String, _ schema: SectionSchema) {
    let keys = [schema.name, name]
    let path = FieldPath(schema.name, schema.identity(of: name))
    if let own = RenamedField.named(keys.joined(separator: "."))?.name(in: target) {
      draft.take(keys, to: own.split(separator: ".", maxSplits: 1).map(String.init))
    } else if !schema.hasField(named: name, in: target), schema.hasField(named: name, in: source) {
      draft.dropField(keys, path, defaultText: defaultText(of: path, schema), config)
    }
  }

  private func defaultText(of path: FieldPath, _ schema: SectionSchema) -> String? {
    guard let attribute = source.classes.attribute(ofSection: path.section) else { return nil }
    let name = schema.name(of: path.field, in: source)
    return attribute.fieldClasses.lazy.compactMap { source.fields.field(name, of: $0)?.defaultText }.first
  }

  private mutating func nameRelease() {
    let keys = [Path.software.megatronBridge.section, Path.software.megatronBridge.field]
    let version = ConfigValue.string(target.megatronBridge)
    if draft.node(at: keys) == nil {
      draft.insert(keys, version, "a config says for which release it is")
    } else {
      draft.replace(keys, with: version, "the release that the config is for")
    }
  }
}

extension MigrationDraft {
  /// Puts a field where the target release has it.
  ///
  /// - Parameter create: makes what its new place needs.
  mutating func take(
    _ keys: [String], to place: [String], create: (inout MigrationDraft) -> Void = { _ in }
  ) {
    guard place != keys else { return }
    let release = "megatron-bridge \(target.megatronBridge)"
    if let there = node(at: place) {
      if node(at: keys)?.isEmpty == true {
        remove(keys, "`\(place.joined(separator: "."))` takes its place in \(release), and is set")
      } else if there.isEmpty, let value = value(at: keys) {
        replace(place, with: value, "as `\(keys.joined(separator: "."))` says, which \(release) does not have")
        silently(keys) { editor throws(EditError) in try editor.remove(keys) }
      } else {
        lose(
          keys, "is `\(place.joined(separator: "."))` in \(release), which is set here as well",
          help: "remove one of the two")
      }
    } else if place.count == keys.count, place.dropLast() == keys.dropLast() {
      rename(keys, to: place[place.count - 1], "its name in \(release)")
    } else {
      create(&self)
      move(keys, to: place, "its place in \(release)")
    }
  }
}
