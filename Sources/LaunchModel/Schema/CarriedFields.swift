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
public enum CarriedFields {
  /// - Parameter name: any name that the field has in some release.
  public static func field(_ name: String, of section: String, in release: Release) -> CarriedField? {
    guard let attribute = carryingAttribute(of: section, in: release), !attribute.declares(name) else { return nil }
    let own = FieldRename.of(name, in: section)?.name(in: release) ?? name
    for key in attribute.fieldClasses {
      guard let field = release.fields.field(own, of: key), let notation = field.type else { continue }
      return CarriedField(name: own, type: parse(Substring(notation)), defaultText: field.defaultText)
    }
    return nil
  }

  /// The names of all fields that a section carries, sorted.
  public static func names(of section: String, in release: Release) -> [String] {
    classFields(of: section, in: release).filter { field($0, of: section, in: release) != nil }
  }

  /// The fields of a section's classes that a launch config has no place for: functions, and what the classes compute
  /// themselves. In a ConfigContainer they are passed over without a word.
  static func namesWithoutPlace(of section: String, in release: Release) -> [String] {
    classFields(of: section, in: release).filter { field($0, of: section, in: release) == nil }
  }

  static func hasNoPlace(for name: String, of section: String, in release: Release) -> Bool {
    guard let attribute = carryingAttribute(of: section, in: release), !attribute.declares(name) else { return false }
    return attribute.fieldClasses.contains { release.fields.field(name, of: $0) != nil }
      && field(name, of: section, in: release) == nil
  }

  /// Those of the fields without a property here, sorted.
  private static func classFields(of section: String, in release: Release) -> [String] {
    guard let attribute = carryingAttribute(of: section, in: release) else { return [] }
    let names = Set(attribute.fieldClasses.flatMap { release.fields.fields(of: $0) }.map(\.name))
    return names.filter { !attribute.declares($0) }.sorted()
  }

  /// Where several sections share a class, the first one carries.
  private static func carryingAttribute(of section: String, in release: Release) -> ContainerAttribute? {
    release.classes.attributes.first { $0.sections.first == section }
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
  /// Whether one of its sections has a property for a field, under whichever of its names.
  fileprivate func declares(_ name: String) -> Bool {
    sections.contains { section in
      guard let schema = LaunchConfig.section(named: section)?.schema else { return false }
      return schema.field(named: schema.identity(of: name)) != nil
    }
  }
}
