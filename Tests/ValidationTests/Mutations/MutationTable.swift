import ConfigDocument
import LaunchModel
import TestSupport

/// Every kind of mistake, and how to make it at a field of a file.
enum MutationTable {
  struct Kind: Sendable {
    let name: String
    let codes: [String]
    /// `nil` where the field is no place for such a mistake.
    let make:
      @Sendable (GoodFile, GoodFile.FieldLine, inout SeededGenerator) -> (
        text: String, line: Int, columns: ClosedRange<Int>
      )?
  }

  /// Several mistakes of every kind in every file, drawn with a seed.
  static func mutations(of files: [GoodFile], perKind count: Int, seed: UInt64) -> [Mutation] {
    var generator = SeededGenerator(seed: seed)
    var result: [Mutation] = []
    for file in files {
      for kind in file.isJSON ? json : yaml {
        var made = 0
        for field in file.fields.shuffled(using: &generator) where made < count {
          guard let mistake = kind.make(file, field, &generator) else { continue }
          made += 1
          result.append(
            Mutation(
              name: "\(kind.name): \(field.section).\(field.key) of \(file.name)", file: file.name, text: mistake.text,
              line: mistake.line, columns: mistake.columns, codes: kind.codes))
        }
      }
    }
    return result
  }

  // MARK: Mistakes in both formats

  /// A line with another key or another value, in the file's own form.
  private static func line(
    _ file: GoodFile, _ field: GoodFile.FieldLine, key: String? = nil, value: String? = nil
  ) -> String {
    let (key, value) = (key ?? field.key, value ?? field.value)
    guard file.isJSON else { return "  \(key): \(value)" }
    return "    \"\(key)\": \(value)" + (file.lines[field.index].hasSuffix(",") ? "," : "")
  }

  private static func wrongKey(
    _ name: String, _ codes: [String],
    key: @escaping @Sendable (GoodFile.FieldLine, inout SeededGenerator) -> String?
  ) -> Kind {
    Kind(name: name, codes: codes) { file, field, generator in
      guard let new = key(field, &generator), new != field.key, !isKnown(new, in: field.section) else { return nil }
      return (
        file.replacing(field.index, with: line(file, field, key: new)), field.index + 1,
        field.keyColumn...field.keyColumn
      )
    }
  }

  private static func wrongValue(
    _ name: String, _ codes: [String], value: @escaping @Sendable (FieldDeclaration, GoodFile.FieldLine) -> String?
  ) -> Kind {
    Kind(name: name, codes: codes) { file, field, _ in
      guard let declaration = declaration(of: field), let new = value(declaration, field) else { return nil }
      return (
        file.replacing(field.index, with: line(file, field, value: new)), field.index + 1,
        field.valueColumn...field.valueColumn
      )
    }
  }

  private static func declaration(of field: GoodFile.FieldLine) -> FieldDeclaration? {
    LaunchConfig.section(named: field.section)?.schema.field(named: field.key)
  }

  private static func isKnown(_ name: String, in section: String) -> Bool {
    LaunchConfig.section(named: section)?.schema.field(named: name) != nil
      || CarriedFields.field(name, of: section, in: .current) != nil
  }

  private static let inBoth: [Kind] = [
    wrongKey("letter left out of a key", ["FIELD-01"]) { field, generator in
      guard field.key.count > 4 else { return nil }
      var key = field.key
      key.remove(at: key.index(key.startIndex, offsetBy: .random(in: 1..<key.count, using: &generator)))
      return key
    },
    wrongKey("two letters of a key swapped", ["FIELD-01"]) { field, generator in
      guard field.key.count > 4 else { return nil }
      var letters = Array(field.key)
      letters.swapAt(1, 2)
      return String(letters)
    },
    wrongKey("wrong case of a key", ["FIELD-01"]) { field, _ in field.key.uppercased() },
    wrongKey("dashes in a key", ["FIELD-01"]) { field, _ in
      field.key.contains("_") ? String(field.key.map { $0 == "_" ? "-" : $0 }) : nil
    },
    wrongValue("number below its range", ["FIELD-04"]) { declaration, field in
      guard isNumber(field.value), declaration.type.isNumber, let lower = declaration.bounds.lower, lower > -1000 else {
        return nil
      }
      return declaration.type.wrapped == .int ? "\(Int(lower) - 1)" : "\(lower - 1.0)"
    },
    wrongValue("number far above its range", ["FIELD-04"]) { declaration, field in
      guard declaration.type.wrapped == .int, declaration.bounds.upper != nil, isNumber(field.value) else { return nil }
      return "9007199254740993000"
    },
    wrongValue("list for a scalar", ["FIELD-02"]) { declaration, field in
      switch declaration.type.wrapped {
      case .int, .float, .bool: "[\(field.value)]"
      default: nil
      }
    },
    wrongValue("number in quotes", ["FIELD-02"]) { declaration, field in
      isNumber(field.value) && declaration.type.isNumber ? "\"\(field.value)\"" : nil
    },
    wrongValue("boolean in quotes", ["FIELD-02"]) { declaration, field in
      declaration.type.wrapped == .bool ? "\"\(field.value)\"" : nil
    },
    wrongValue("fraction for an integer", ["FIELD-02"]) { declaration, field in
      declaration.type.wrapped == .int && isNumber(field.value) ? "\(field.value).5" : nil
    },
    wrongValue("unit in quotes", ["FIELD-02"]) { declaration, field in
      declaration.type.isNumber && isNumber(field.value) ? "\"\(field.value) GiB\"" : nil
    },
    wrongValue("word in the wrong case", ["FIELD-03"]) { declaration, field in
      guard case .choice = declaration.type.wrapped, field.value != "null", field.value.contains(where: \.isLetter)
      else {
        return nil
      }
      let word = field.value.filter { $0 != "\"" }
      let other = word.uppercased() == word ? word.lowercased() : word.uppercased()
      return field.value.hasPrefix("\"") ? "\"\(other)\"" : other
    },
    wrongValue("null for a value", ["FIELD-02"]) { declaration, field in
      switch declaration.type {
      case .int, .float, .bool: "null"
      default: nil
      }
    },
    wrongValue("mapping for a scalar", ["FIELD-02"]) { declaration, field in
      declaration.type.wrapped == .bool || declaration.type.isNumber ? "{\"value\": 1}" : nil
    },
  ]

  private static func isNumber(_ text: String) -> Bool { Double(text) != nil }

  /// The key stands twice.
  private static let duplicate = Kind(name: "duplicate key", codes: ["DOC-03"]) { file, field, _ in
    let line = file.lines[field.index]
    guard !file.isJSON || line.hasSuffix(",") else { return nil }
    return (file.replacing(field.index, with: line, line), field.index + 2, field.keyColumn...field.keyColumn)
  }

  /// A field among those of another section.
  private static let wrongSection = Kind(name: "field in another section", codes: ["FIELD-01"]) {
    file, field, generator in
    let others = file.sections.filter {
      $0.name != field.section && !["env_vars", "recipe"].contains($0.name) && !isKnown(field.key, in: $0.name)
    }
    guard let home = others.randomElement(using: &generator), !file.isJSON || file.lines[field.index].hasSuffix(",")
    else { return nil }
    return (
      file.replacing(home.index, with: file.lines[home.index], file.lines[field.index]), home.index + 2,
      field.keyColumn...field.keyColumn
    )
  }

  // MARK: YAML

  static let yaml: [Kind] =
    inBoth + [duplicate, wrongSection] + [
      Kind(name: "missing colon", codes: ["DOC-02"]) { file, field, _ in
        (file.replacing(field.index, with: "  \(field.key) \(field.value)"), field.index + 1, Mutation.wholeLine)
      },
      Kind(name: "no blank behind the colon", codes: ["DOC-02"]) { file, field, _ in
        (file.replacing(field.index, with: "  \(field.key):\(field.value)"), field.index + 1, Mutation.wholeLine)
      },
      Kind(name: "one blank too many before a key", codes: ["DOC-02"]) { file, field, _ in
        // Behind a list or at the head of a section the line means something else.
        guard file.fields.contains(where: { $0.index == field.index - 1 }) else { return nil }
        return (file.replacing(field.index, with: " " + file.lines[field.index]), field.index + 1, Mutation.wholeLine)
      },
      Kind(name: "one blank too few before a key", codes: ["DOC-02"]) { file, field, _ in
        guard file.fields.contains(where: { $0.index == field.index - 1 }) else { return nil }
        return (
          file.replacing(field.index, with: String(file.lines[field.index].dropFirst())), field.index + 1,
          Mutation.wholeLine
        )
      },
      Kind(name: "tab for indentation", codes: ["DOC-12"]) { file, field, _ in
        (
          file.replacing(field.index, with: "\t" + file.lines[field.index].drop { $0 == " " }), field.index + 1, 1...1
        )
      },
      Kind(name: "quote that is never closed", codes: ["DOC-02"]) { file, field, _ in
        (
          file.replacing(field.index, with: "  \(field.key): \"\(field.value)"), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "bracket that is never closed", codes: ["DOC-02"]) { file, field, _ in
        (
          file.replacing(field.index, with: "  \(field.key): [\(field.value)"), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "brace that is never opened", codes: ["FIELD-02"]) { file, field, _ in
        guard let type = declaration(of: field)?.type, type.isNumber, isNumber(field.value) else { return nil }
        return (
          file.replacing(field.index, with: "  \(field.key): \(field.value)}"), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "character that no value begins with", codes: ["DOC-02"]) { file, field, generator in
        let stray = ["@", "`", "%"].randomElement(using: &generator) ?? "@"
        return (
          file.replacing(field.index, with: "  \(field.key): \(stray)\(field.value)"), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "two colons", codes: ["DOC-02", "FIELD-02"]) { file, field, _ in
        guard let type = declaration(of: field)?.type, type.isNumber else { return nil }
        return (
          file.replacing(field.index, with: "  \(field.key): : \(field.value)"), field.index + 1, Mutation.wholeLine
        )
      },
      Kind(name: "missing value", codes: ["FIELD-02"]) { file, field, _ in
        switch declaration(of: field)?.type {
        case .int, .float, .bool:
          let column = field.keyColumn + field.key.count + 1
          return (file.replacing(field.index, with: "  \(field.key):"), field.index + 1, column...column)
        default: return nil
        }
      },
      Kind(name: "letter left out of a section", codes: ["FIELD-07"]) { file, field, _ in
        guard let section = file.sections.first(where: { $0.name == field.section }), section.name.count > 4 else {
          return nil
        }
        var name = section.name
        name.remove(at: name.index(name.startIndex, offsetBy: 2))
        return (file.replacing(section.index, with: "\(name):"), section.index + 1, 1...1)
      },
      wrongValue("unit behind a number", ["FIELD-02"]) { declaration, field in
        declaration.type.isNumber && isNumber(field.value) ? "\(field.value)k" : nil
      },
      wrongValue("per cent", ["FIELD-02"]) { declaration, field in
        declaration.type.wrapped == .float ? "\(field.value)%" : nil
      },
      wrongValue("memory for a number", ["FIELD-02"]) { declaration, field in
        declaration.type.isNumber && isNumber(field.value) ? "\(field.value) GiB" : nil
      },
      wrongValue("exponent that PyYAML does not read", ["FIELD-06"]) { declaration, field in
        declaration.type.wrapped == .float && declaration.bounds.contains(1e-5) ? "1e-5" : nil
      },
      wrongValue("yes for true", ["FIELD-06"]) { declaration, field in
        declaration.type.wrapped == .bool ? (field.value == "true" ? "yes" : "no") : nil
      },
      wrongValue("not a number", ["FIELD-04"]) { declaration, field in declaration.type.wrapped == .float ? ".nan" : nil
      },
      wrongValue("alias without an anchor", ["DOC-08"]) { _, field in "*\(field.key)" },
      wrongValue("unknown tag", ["DOC-13"]) { _, field in "!size \(field.value)" },
    ]

  // MARK: JSON

  static let json: [Kind] =
    inBoth + [duplicate, wrongSection] + [
      Kind(name: "missing colon", codes: ["DOC-02"]) { file, field, _ in
        let end = field.keyColumn + field.key.count + 2
        return (
          file.replacing(field.index, with: file.lines[field.index].replacingFirst(":", with: "")), field.index + 1,
          end...(end + 1)
        )
      },
      Kind(name: "missing comma", codes: ["DOC-02"]) { file, field, _ in
        guard file.lines[field.index].hasSuffix(",") else { return nil }
        let end = field.valueColumn + field.value.count
        return (
          file.replacing(field.index, with: String(file.lines[field.index].dropLast())), field.index + 1,
          (end - 1)...end
        )
      },
      Kind(name: "comma behind the last field", codes: ["DOC-02"]) { file, field, _ in
        guard !file.lines[field.index].hasSuffix(","), !field.value.isEmpty else { return nil }
        let column = file.lines[field.index].count + 1
        return (file.replacing(field.index, with: file.lines[field.index] + ","), field.index + 1, column...column)
      },
      Kind(name: "key without quotes", codes: ["DOC-02"]) { file, field, _ in
        (
          file.replacing(field.index, with: "    \(field.key): \(field.value),"), field.index + 1,
          field.keyColumn...field.keyColumn
        )
      },
      Kind(name: "quote that is never closed", codes: ["DOC-02"]) { file, field, _ in
        (
          file.replacing(field.index, with: "    \"\(field.key): \(field.value),"), field.index + 1, Mutation.wholeLine
        )
      },
      Kind(name: "single quotes", codes: ["DOC-02"]) { file, field, _ in
        (
          file.replacing(field.index, with: "    \"\(field.key)\": 'x',"), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "comment", codes: ["DOC-02"]) { file, field, _ in
        (file.replacing(field.index, with: "    // old", file.lines[field.index]), field.index + 1, 5...5)
      },
      Kind(name: "Python's True", codes: ["DOC-02"]) { file, field, _ in
        guard declaration(of: field)?.type.wrapped == .bool else { return nil }
        return (
          file.replacing(field.index, with: line(file, field, value: "True")), field.index + 1,
          field.valueColumn...field.valueColumn
        )
      },
      Kind(name: "unit behind a number", codes: ["DOC-02"]) { file, field, _ in
        guard isNumber(field.value) else { return nil }
        return (
          file.replacing(field.index, with: line(file, field, value: field.value + "k")), field.index + 1,
          field.valueColumn...(field.valueColumn + field.value.count)
        )
      },
      Kind(name: "missing value", codes: ["DOC-02"]) { file, field, _ in
        guard file.lines[field.index].hasSuffix(",") else { return nil }
        return (
          file.replacing(field.index, with: line(file, field, value: "")), field.index + 1,
          (field.valueColumn - 1)...field.valueColumn
        )
      },
    ]
}

extension FieldType {
  var isNumber: Bool { wrapped == .int || wrapped == .float }
}

extension String {
  fileprivate func replacingFirst(_ part: Character, with other: String) -> String {
    guard let index = firstIndex(of: part) else { return self }
    return self[..<index] + other + self[self.index(after: index)...]
  }
}
