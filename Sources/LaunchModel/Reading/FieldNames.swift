import Diagnostics
package import Releases

/// What an unknown name was meant to be: an alias, a slip of the keyboard, or a field of another section.
package enum FieldNames {
  enum Meaning {
    case sameSection(String, Certainty)
    case otherSection(FieldPath)
  }

  /// How sure it is that another name was meant.
  enum Certainty {
    /// Declared as another name of the field.
    case alias
    /// A slip of the keyboard that can have come from one name only.
    case typo
    /// The nearest of the names there are.
    case guess

    /// Whether the name may be changed without asking.
    var isSafe: Bool { self != .guess }
  }

  static func meant(by name: String, in schema: SectionSchema, of release: Release) -> Meaning? {
    if let field = schema.fields.first(where: { $0.aliases.contains(name) && schema.declares($0, in: release) }) {
      return .sameSection(schema.name(of: field.name, in: release), .alias)
    }
    if let path = field(named: name, in: release) { return .otherSection(path) }
    if let known = KnownNames.of(release).names(ofSection: schema) {
      if let typo = typo(of: name, among: known) { return .sameSection(typo, .typo) }
      if let nearest = known.nearest(to: name) { return .sameSection(nearest, .guess) }
    }
    return fieldAnywhere(name, in: release).map { .otherSection($0) }
  }

  /// The field that a slip of the keyboard made another name of. What some release has is no slip, whatever it looks like.
  static func typo(of name: String, among known: NameIndex) -> String? {
    guard let typo = known.typo(name) else { return nil }
    return Release.all.contains { $0.fields.hasField(name) } ? nil : typo
  }

  /// The field that a name or an alias stands for in any section; the nearest one where there is none.
  package static func fieldAnywhere(_ name: String, in release: Release) -> FieldPath? {
    if let path = field(named: name, in: release) { return path }
    return declaredNames.nearest(to: name).flatMap { field(named: $0, in: release) }
  }

  /// The field that a name or an alias stands for in any section.
  static func field(named name: String, in release: Release) -> FieldPath? { KnownNames.of(release).paths[name] }

  private static let declaredNames = NameIndex(LaunchConfig.sections.flatMap { $0.schema.fields.map(\.name) })

  /// The field that a command line names without its section, or by another name: `tp`, `parallelism.tp`, `train_iters`.
  ///
  /// - Returns: `nil` where no release has such a field, or more than one section does.
  package static func onlyField(named written: String) -> FieldPath? {
    let parts = written.split(separator: ".", maxSplits: 1).map(String.init)
    guard let name = parts.last else { return nil }
    let schemas = LaunchConfig.sections.map(\.schema).filter { parts.count == 1 || $0.name == parts[0] }
    for release in Release.all.reversed() {
      let paths = schemas.compactMap { schema -> FieldPath? in
        if schema.hasField(named: name, in: release) { return FieldPath(schema.name, schema.identity(of: name)) }
        return schema.fields.first { $0.aliases.contains(name) && schema.declares($0, in: release) }
          .map { FieldPath(schema.name, $0.name) }
      }
      if let only = paths.first { return paths.count == 1 ? only : nil }
    }
    return nil
  }

  /// Names of sections in other tools.
  private static let sectionAliases = [
    "training": "train", "trainer": "train", "data": "dataset", "parallel": "parallelism", "lora": "peft",
    "eval": "validation", "optim": "optimizer", "lr_scheduler": "scheduler", "logging": "logger",
    "precision": "mixed_precision", "checkpointing": "checkpoint", "env": "env_vars", "seed": "rng",
  ]

  private static let sectionNames = NameIndex(LaunchConfig.sections.map(\.schema.name))

  static func sectionMeant(by name: String) -> (name: String, certainty: Certainty)? {
    if let alias = sectionAliases[name] { return (alias, .alias) }
    if let typo = sectionNames.typo(name) { return (typo, .typo) }
    return sectionNames.nearest(to: name).map { ($0, .guess) }
  }
}

/// All names that fields go by in a release, made once: a file with one unknown name mostly has more of them.
private struct KnownNames: Sendable {
  /// The field that a name or an alias stands for: one that is declared under it comes first, then any other, then one that
  /// it is an alias of; among these the first.
  let paths: [String: FieldPath]
  private let names: [String: NameIndex]

  private static let byRelease = PerRelease { KnownNames($0) }

  static func of(_ release: Release) -> KnownNames { byRelease[release] }

  private init(_ release: Release) {
    let schemas = LaunchConfig.sections.map(\.schema)
    var paths: [String: FieldPath] = [:]
    func note(_ name: String, _ schema: SectionSchema, _ field: String) {
      if paths[name] == nil { paths[name] = FieldPath(schema.name, field) }
    }
    for schema in schemas {
      for field in schema.fields where schema.hasField(named: field.name, in: release) {
        note(field.name, schema, schema.identity(of: field.name))
      }
    }
    var names: [String: NameIndex] = [:]
    for schema in schemas {
      let own = schema.names(in: release)
      names[schema.name] = NameIndex(own)
      let renamed = schema.renames.flatMap { [$0.oldName, $0.newName] }.filter {
        schema.hasField(named: $0, in: release)
      }
      for name in own + renamed { note(name, schema, schema.identity(of: name)) }
    }
    for schema in schemas {
      for field in schema.fields where schema.declares(field, in: release) {
        for alias in field.aliases { note(alias, schema, field.name) }
      }
    }
    self.paths = paths
    self.names = names
  }

  /// Those of ``SectionSchema/names(in:)``.
  func names(ofSection schema: SectionSchema) -> NameIndex? { names[schema.name] }
}
