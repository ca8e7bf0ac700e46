package import ConfigDocument
package import Releases

/// How one kind of file spells the fields of a launch config. A field has one identity, its ``FieldPath``, and any
/// number of spellings.
///
/// Readers ask inward, by ``path(ofKeys:)``; emitters, fixes and messages outward. Both ways agree: what stands under
/// the keys of a field is that field.
package protocol Spelling: Sendable {
  /// The keys that lead to a field, or to a section where the path names one; `nil` where such files have no place
  /// for it.
  func keys(of path: FieldPath) -> [String]?

  /// The dotted keys of a field; its name in a launch config where such files have no place for it.
  func name(of path: FieldPath) -> String

  /// The field that stands under keys, or the section under a single one; of several sections that share a place, the
  /// first. `nil` for what no launch config has.
  func path(ofKeys keys: [String]) -> FieldPath?

  /// A value as such files hold it.
  func value(_ value: ConfigValue, of path: FieldPath) -> ConfigValue

  /// Whether layouts may be written as launch configs write them, in counts or as `auto`, and not in Megatron's own
  /// notation alone.
  var hasLayoutNotations: Bool { get }
}

extension Spelling {
  package func name(of path: FieldPath) -> String { keys(of: path)?.joined(separator: ".") ?? path.description }

  /// The field of dotted keys.
  package func path(ofName name: String) -> FieldPath? {
    path(ofKeys: name.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
  }
}

/// The spelling of launch configs: a section, and a field in it, by the name that the release has for it.
package struct NativeSpelling: Spelling {
  private let release: Release

  package init(_ release: Release) { self.release = release }

  package func keys(of path: FieldPath) -> [String]? {
    path.field.isEmpty ? [path.section] : [path.section, key(of: path)]
  }

  package func name(of path: FieldPath) -> String {
    path.field.isEmpty ? path.section : path.section + "." + key(of: path)
  }

  private func key(of path: FieldPath) -> String {
    LaunchConfig.section(named: path.section)?.schema.name(of: path.field, in: release) ?? path.field
  }

  package func path(ofKeys keys: [String]) -> FieldPath? {
    guard let name = keys.first, let schema = LaunchConfig.section(named: name)?.schema else { return nil }
    switch keys.count {
    case 1: return FieldPath(name, "")
    case 2:
      guard schema.isOpen || schema.hasField(named: keys[1], in: release) else { return nil }
      return FieldPath(name, schema.identity(of: keys[1]))
    default: return nil
    }
  }

  package func value(_ value: ConfigValue, of path: FieldPath) -> ConfigValue { value }

  package var hasLayoutNotations: Bool { true }
}

extension Spelling where Self == NativeSpelling {
  package static func native(_ release: Release) -> NativeSpelling { NativeSpelling(release) }
}
