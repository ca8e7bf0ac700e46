import ConfigDocument
package import Releases

// Which fields a section has in a release, and what the release calls them. Everywhere else a field has one name for all
// releases, its identity: that of its declaration or, where it is carried, the newest.

extension SectionSchema {
  /// The identity of a field by any name it ever had.
  package func identity(of name: String) -> String {
    guard let rename = rename(of: name) else { return name }
    return field(named: rename.oldName) != nil ? rename.oldName : rename.newName
  }

  /// What a release calls a field.
  package func name(of identity: String, in release: Release) -> String {
    rename(of: identity)?.name(in: release) ?? identity
  }

  /// The rename that a name has part in. Asked for every field that is read or written, and few sections have any.
  func rename(of name: String) -> FieldRename? {
    renames.first { $0.oldName == name || $0.newName == name }
  }

  /// Whether a release has a declared field: it is ours, or one of the release's classes has it.
  package func declares(_ field: FieldDeclaration, in release: Release) -> Bool {
    DeclaredFields.of(release).has(field.name, in: name)
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
