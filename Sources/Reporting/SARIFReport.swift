import ConfigDocument
import Diagnostics
import Validation

/// Diagnostics as SARIF 2.1.0 (OASIS Standard), which code scanning services read.
package enum SARIFReport {
  /// - Parameter version: of this program.
  package static func text(of reports: [FileReport], version: String) -> String {
    let diagnostics = reports.flatMap { report in report.diagnostics.map { (diagnostic: $0, name: report.name) } }
    let codes = Set(diagnostics.map(\.diagnostic.code.rawValue)).sorted()
    let log: ConfigValue = [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "moonlight",
              "version": .string(version),
              "rules": .list(codes.map(rule)),
            ]
          ],
          // Columns count Unicode scalars, as in all other outputs.
          "columnKind": "unicodeCodePoints",
          "results": .list(
            diagnostics.map {
              result(for: $0.diagnostic, in: $0.name, ruleIndex: codes.firstIndex(of: $0.diagnostic.code.rawValue))
            }),
        ]
      ],
    ]
    return (try? JSONEmitter().emit(log)) ?? "{}\n"
  }

  private static func rule(_ code: String) -> ConfigValue {
    var rule: ConfigMapping = ["id": .string(code)]
    if let reference = RuleReference.rule(code) {
      rule["shortDescription"] = ["text": .string(reference.title)]
      rule["help"] = ["text": .string(reference.text), "markdown": .string(reference.text)]
    }
    return .mapping(rule)
  }

  private static func result(for diagnostic: Diagnostic, in name: String, ruleIndex: Int?) -> ConfigValue {
    var message = diagnostic.message
    if let help = diagnostic.help { message += "\n" + help }
    var result: ConfigMapping = ["ruleId": .string(diagnostic.code.rawValue)]
    result["ruleIndex"] = ruleIndex.map { .int($0) }
    result["level"] = .string(diagnostic.severity.rawValue)
    result["message"] = ["text": .string(message)]
    result["locations"] = .list([
      ["physicalLocation": diagnostic.location.map(physicalLocation) ?? ["artifactLocation": artifact(name)]]
    ])
    let related = diagnostic.related.filter { $0.location != nil }
    if !related.isEmpty {
      result["relatedLocations"] = .list(
        related.enumerated().map { index, place in
          [
            "id": .int(index + 1),
            "message": ["text": .string("\(place.path): \(place.message)")],
            "physicalLocation": place.location.map(physicalLocation) ?? .null,
          ]
        })
    }
    if let fix = diagnostic.fix, !fix.edits.isEmpty {
      result["fixes"] = .list([
        [
          "description": ["text": .string(fix.title)],
          "artifactChanges": [
            [
              "artifactLocation": artifact(fix.file.name),
              "replacements": .list(
                fix.edits.map {
                  [
                    "deletedRegion": region(SourceLocation(fix.file, $0.range)),
                    "insertedContent": ["text": .string($0.text)],
                  ]
                }),
            ]
          ],
        ]
      ])
    }
    return .mapping(result)
  }

  private static func physicalLocation(_ location: SourceLocation) -> ConfigValue {
    ["artifactLocation": artifact(location.file.name), "region": region(location)]
  }

  private static func region(_ location: SourceLocation) -> ConfigValue {
    let (start, end) = (location.start, location.end)
    return [
      "startLine": .int(start.line), "startColumn": .int(start.column), "endLine": .int(end.line),
      "endColumn": .int(end.column),
    ]
  }

  private static func artifact(_ name: String) -> ConfigValue { ["uri": .string(uri(name))] }

  /// A path as a relative or absolute URI reference (RFC 3986).
  private static func uri(_ path: String) -> String {
    let text = path.utf8.allSatisfy(isUnreserved) ? path : escaped(path)
    return path.hasPrefix("/") ? "file://" + text : text
  }

  private static func escaped(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = path.utf8.flatMap { byte in
      isUnreserved(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
