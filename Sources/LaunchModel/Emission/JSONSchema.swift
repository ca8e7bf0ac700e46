public import ConfigDocument
public import Releases

/// The JSON Schema (2020-12) of launch configs, made from the same declarations that decode them.
public enum LaunchConfigSchema {
  public static let title = "Moonlight launch config"

  /// - Parameter release: whose fields and defaults it has.
  public static func tree(for release: Release) -> ConfigMapping {
    var properties: ConfigMapping = [
      "$schema": ["type": "string", "description": "Where this schema is; editors complete and check with it."],
      "$comment": ["type": "string", "description": "For people; nothing reads it."],
      TextSeal.key: ["type": "string", "description": "Tells a file that was edited; nothing else reads it."],
      LaunchConfig.ignoreKey: [
        "description": "Codes of warnings and notes that this file accepts; YAML files say it in comments.",
        "type": "array", "items": ["type": "string"],
      ],
      "schema_version": ["const": .int(LaunchConfig.schemaVersion), "description": "Version of this format."],
      "extends": [
        "description": "What this config builds on: a recipe, a path relative to this file, or several, lowest first.",
        "anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]],
      ],
    ]
    for section in LaunchConfig.sections {
      properties.entries.append(
        ConfigMapping.Entry(section.schema.name, .mapping(schema(of: section.schema, in: release))))
    }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": .string(title),
      "type": "object",
      "additionalProperties": false,
      "properties": .mapping(properties),
    ]
  }

  private static func schema(of section: SectionSchema, in release: Release) -> ConfigMapping {
    var object: ConfigMapping = ["type": "object"]
    if section.isOpen {
      object["additionalProperties"] = ["type": "string"]
    } else {
      var properties = ConfigMapping()
      for field in section.fields where section.declares(field, in: release) {
        let value = LaunchConfig(for: release).value(at: FieldPath(section.name, field.name))?.value
        properties.entries.append(
          ConfigMapping.Entry(section.name(of: field.name, in: release), schema(of: field, in: release, default: value))
        )
      }
      for name in CarriedFields.names(of: section.name, in: release) {
        guard let carried = CarriedFields.field(name, of: section.name, in: release) else { continue }
        properties.entries.append(ConfigMapping.Entry(carried.name, .mapping(carried.type.schema(.finite))))
      }
      object["additionalProperties"] = false
      object["properties"] = .mapping(properties)
    }
    var alternatives: [ConfigValue] = [.mapping(object)]
    if section.name == MixedPrecisionFields.schema.name {
      alternatives.append(["enum": .list(PrecisionRecipe.names.map { .string($0) })])
    }
    if section.isNullable { alternatives.append(["type": "null"]) }
    let description = ConfigMapping.Entry("description", .string(section.documentation))
    guard alternatives.count > 1 else { return ConfigMapping([description] + object.entries) }
    return ConfigMapping([description, ConfigMapping.Entry("anyOf", .list(alternatives))])
  }

  private static func schema(
    of field: FieldDeclaration, in release: Release, default value: ConfigValue?
  ) -> ConfigValue {
    var schema: ConfigMapping = ["description": .string(field.documentation)]
    schema.entries += field.type(in: release).schema(field.bounds).entries
    if !field.isRequired { schema["default"] = value ?? field.defaultValue }
    return .mapping(schema)
  }
}

extension FieldType {
  /// Keywords that describe this type; the bounds hold for every number in it.
  fileprivate func schema(_ bounds: Bounds) -> ConfigMapping {
    switch self {
    case .bool: return ["type": "boolean"]
    case .int: return numberSchema("integer", bounds)
    case .float: return numberSchema("number", bounds)
    case .string: return ["type": "string"]
    case .choice(let words): return ["enum": .list(words.map { .string($0) })]
    case .list(let element): return ["type": "array", "items": .mapping(element.schema(bounds))]
    case .optional(let wrapped): return ["anyOf": [.mapping(wrapped.schema(bounds)), ["type": "null"]]]
    case .union(let types): return ["anyOf": .list(types.map { .mapping($0.schema(bounds)) })]
    case .dictionary(let element): return ["type": "object", "additionalProperties": .mapping(element.schema(bounds))]
    case .record(let keys):
      let required = keys.filter { !$0.type.acceptsNull }.map { ConfigValue.string($0.name) }
      return [
        "type": "object", "additionalProperties": false, "required": .list(required),
        "properties": .mapping(
          ConfigMapping(keys.map { ConfigMapping.Entry($0.name, .mapping($0.type.schema(bounds))) })),
      ]
    case .any: return [:]
    }
  }

  private func numberSchema(_ type: String, _ bounds: Bounds) -> ConfigMapping {
    var schema: ConfigMapping = ["type": .string(type)]
    if let lower = bounds.lower { schema[bounds.excludesLower ? "exclusiveMinimum" : "minimum"] = lower.jsonNumber }
    if let upper = bounds.upper { schema[bounds.excludesUpper ? "exclusiveMaximum" : "maximum"] = upper.jsonNumber }
    return schema
  }
}

extension Double {
  fileprivate var jsonNumber: ConfigValue { Int(exactly: self).map { .int($0) } ?? .float(self) }
}
