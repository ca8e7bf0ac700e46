package import ConfigDocument
public import Releases

/// Fields of Megatron's config classes that no rule, estimate, engine or recipe here uses: they are accepted in their
/// section, checked for type, and carried through to the exporters.
public struct CarriedField: Sendable {
  public let name: String
  public let type: FieldType
  /// The class's default, as JSON.
  public let defaultText: String

  /// The numbers that have a meaning: infinity only where it is the default, as for a threshold that is never reached.
  var bounds: Bounds { defaultText.hasSuffix(#".inf""#) ? Bounds(includesInfinity: true) : .finite }

  /// Whether a value is the class's default.
  package func isDefault(_ value: ConfigValue) -> Bool {
    guard let fallback = ConfigValue(json: defaultText) else { return false }
    if let number = Double(fallback), let other = Double(value) { return number == other }
    return fallback == value
  }
}

/// Which fields of a release's classes a section carries: those that have no property here and that a file can hold.
public struct CarriedFields: Sendable {
  /// By the name that the release has for them.
  private var fields: [String: CarriedField] = [:]
  private var withoutPlace: Set<String> = []

  private static let byRelease = PerRelease { release in
    Dictionary(
      release.classes.attributes.map { ($0.sections[0], CarriedFields(of: $0, in: release)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// - Parameter attribute: of whose sections the first one carries.
  private init(of attribute: ContainerAttribute, in release: Release) {
    let declared = attribute.declaredNames
    let classFields = attribute.fieldClasses.flatMap { release.fields.fields(of: $0) }
    for field in classFields where !declared.contains(field.name) {
      if let notation = field.type, fields[field.name] == nil {
        fields[field.name] = CarriedField(
          name: field.name, type: Self.parse(Substring(notation)), defaultText: field.defaultText)
      } else if field.type == nil {
        withoutPlace.insert(field.name)
      }
    }
    withoutPlace.subtract(fields.keys)
  }

  /// - Parameters:
  ///   - name: any name that the field has in some release.
  ///   - section: the name of its section.
  ///   - release: the one whose field it is.
  public static func field(_ name: String, of section: String, in release: Release) -> CarriedField? {
    byRelease[release][section]?.fields[FieldRename.of(name, in: section)?.name(in: release) ?? name]
  }

  /// The names of all fields that a section carries, sorted.
  public static func names(of section: String, in release: Release) -> [String] {
    byRelease[release][section]?.fields.keys.sorted() ?? []
  }

  /// The fields of a section's classes that a launch config has no place for: functions, and what the classes compute
  /// themselves. In a ConfigContainer they are passed over without a word.
  static func namesWithoutPlace(of section: String, in release: Release) -> [String] {
    byRelease[release][section]?.withoutPlace.sorted() ?? []
  }

  static func hasNoPlace(for name: String, of section: String, in release: Release) -> Bool {
    byRelease[release][section]?.withoutPlace.contains(name) == true
  }

  /// The notation of ``ClassField/type``.
  private static func parse(_ text: Substring) -> FieldType {
    if text.hasSuffix("?") { return .optional(parse(text.dropLast())) }
    if text.hasPrefix("["), text.hasSuffix("]") { return .list(parse(text.dropFirst().dropLast())) }
    switch text {
    case "int": return .int
    case "float": return .float
    case "bool": return .bool
    case "string": return .string
    case "any": return .any
    default: return .choice(text.split(separator: "|").map(String.init))
    }
  }
}

extension ContainerAttribute {
  /// The fields that one of its sections has a property for, under every name that they ever had.
  fileprivate var declaredNames: Set<String> {
    var names: Set<String> = []
    for schema in sections.compactMap({ LaunchConfig.section(named: $0)?.schema }) {
      for field in schema.fields {
        names.insert(field.name)
        guard let rename = FieldRename.of(field.name, in: schema.name) else { continue }
        names.formUnion([rename.oldName, rename.newName])
      }
    }
    return names
  }
}
