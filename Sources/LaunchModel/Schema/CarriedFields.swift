package import ConfigDocument

/// Fields of Megatron's config classes that no rule, estimate, engine or recipe here uses: they are accepted in their
/// section, checked for type, and carried through to the exporters.
public struct CarriedField: Sendable {
  public let name: String
  public let type: FieldType
  /// The class's default, as JSON.
  public let defaultText: String

  /// Whether a value is the class's default.
  package func isDefault(_ value: ConfigValue) -> Bool {
    guard let fallback = DocumentReader.read(text: defaultText, name: name, format: .json).root?.plainValue else {
      return false
    }
    if let number = Double(fallback), let other = Double(value) { return number == other }
    return fallback == value
  }
}

public enum CarriedFields {
  /// The fields of a section by name.
  public static func fields(of section: String) -> [String: CarriedField] { bySection[section] ?? [:] }

  /// Parsed when the first unknown key turns up, which for most files is never.
  private static let bySection: [String: [String: CarriedField]] = {
    var result: [String: [String: CarriedField]] = [:]
    for line in carriedFieldTable.split(separator: "\n") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard columns.count == 4, let type = parse(columns[2]) else { continue }
      let name = String(columns[1])
      result[String(columns[0]), default: [:]][name] = CarriedField(
        name: name, type: type, defaultText: String(columns[3]))
    }
    return result
  }()

  /// The table's notation: `int`, `bool?`, `[float]`, `a|b`, `any`.
  private static func parse(_ text: Substring) -> FieldType? {
    if text.hasSuffix("?") { return parse(text.dropLast()).map { .optional($0) } }
    if text.hasPrefix("["), text.hasSuffix("]") { return parse(text.dropFirst().dropLast()).map { .list($0) } }
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
