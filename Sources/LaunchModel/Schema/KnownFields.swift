import ConfigDocument
package import Releases

// Which fields a section has in a release, and what the release calls them. Everywhere else a field has one name for all
// releases, its identity: that of its declaration or, where it is carried, the newest.

extension SectionSchema {
  /// The identity of a field by any name it ever had.
  package func identity(of name: String) -> String {
    guard let rename = FieldRename.of(name, in: self.name) else { return name }
    return field(named: rename.oldName) != nil ? rename.oldName : rename.newName
  }

  /// What a release calls a field.
  package func name(of identity: String, in release: Release) -> String {
    FieldRename.of(identity, in: name)?.name(in: release) ?? identity
  }

  /// Whether a release has a declared field: it is ours, or one of the release's classes has it.
  package func declares(_ field: FieldDeclaration, in release: Release) -> Bool {
    if field.isOwn { return true }
    guard let attribute = release.classes.attribute(ofSection: name) else { return true }
    let own = name(of: field.name, in: release)
    return attribute.fieldClasses.contains { release.fields.field(own, of: $0) != nil }
  }

  /// Whether a release has a field, by any of its names: declared, carried, or free where the section is open.
  package func hasField(named name: String, in release: Release) -> Bool {
    let identity = identity(of: name)
    if let field = field(named: identity) { return declares(field, in: release) }
    return CarriedFields.field(identity, of: self.name, in: release) != nil
  }

  /// The names of all fields that a release has here, the declared ones first.
  package func names(in release: Release) -> [String] {
    fields.filter { declares($0, in: release) }.map { name(of: $0.name, in: release) }
      + CarriedFields.names(of: name, in: release)
  }

  /// The default of the release's class, where it is another one than in the release that declarations have theirs from.
  func defaultValue(of field: FieldDeclaration, in release: Release) -> ConfigValue? {
    guard release != .beforeNaming, !field.isOwn, let here = classField(of: field, in: release), !here.isRequired,
      let first = classField(of: field, in: .beforeNaming), here.defaultText != first.defaultText
    else { return nil }
    return ConfigValue(json: here.defaultText).flatMap(field.normalized)
  }

  private func classField(of field: FieldDeclaration, in release: Release) -> ClassField? {
    let own = name(of: field.name, in: release)
    return release.classes.attribute(ofSection: name)?.fieldClasses.lazy
      .compactMap { release.fields.field(own, of: $0) }.first
  }

  /// The releases that have a field.
  package func releases(of name: String) -> [Release] { Release.all.filter { hasField(named: name, in: $0) } }
}

extension FieldPath {
  /// Why a release does not have a field that others have: since when there is it, or until when; `nil` for what none has.
  package func absence(in release: Release) -> (message: String, help: String?)? {
    guard let schema = LaunchConfig.section(named: section)?.schema else { return nil }
    let having = schema.releases(of: field)
    guard let first = having.first, let last = having.last, !having.contains(release) else { return nil }
    let span: String
    if release < first {
      span = "came with Megatron-Bridge \(first.megatronBridge)"
    } else if release > last {
      span = "went after Megatron-Bridge \(last.megatronBridge)"
    } else {
      span = "is in Megatron-Bridge " + having.map { $0.megatronBridge }.joined(separator: ", ")
    }
    let message = "`\(field)` \(span); this config is for \(release.megatronBridge)"
    if release > last { return (message, Release.successor(of: field, in: section) ?? "remove it") }
    let next = having.first { $0 > release } ?? last
    return (message, "remove it, or `moonlight migrate` the config to \(next.megatronBridge)")
  }
}
