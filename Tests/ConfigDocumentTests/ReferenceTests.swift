import Testing

@testable import ConfigDocument

/// The same meaning as PyYAML, the core schema, ruamel.yaml and Python's json.
@Suite struct ReferenceTests {
  struct ScalarReadings {
    let text: String
    let pyyaml, core, ruamel, json: ReferenceReading
  }

  static func scalars() throws -> [ScalarReadings] {
    try #require(try ReferenceFixture.tree("readings.json")["scalars"]?.items).map { row in
      let row = try #require(row.items)
      return ScalarReadings(
        text: try ReferenceFixture.string(row[0]), pyyaml: try ReferenceReading(row[1]),
        core: try ReferenceReading(row[2]), ruamel: try ReferenceReading(row[3]), json: try ReferenceReading(row[4]))
    }
  }

  @Test func plainScalarsMeanWhatPyYAMLReads() throws {
    let scalars = try Self.scalars()
    #expect(scalars.count > 600)
    for scalar in scalars {
      let value = Scalar(scalar.text, .plain).value(in: .v1_1)
      #expect(scalar.pyyaml.agrees(with: value, for: scalar.text), "`\(scalar.text)`: \(value), \(scalar.pyyaml)")
    }
  }

  @Test func plainScalarsMeanWhatTheCoreSchemaSays() throws {
    for scalar in try Self.scalars() {
      let value = Scalar(scalar.text, .plain).value(in: .v1_2)
      #expect(scalar.core.agrees(with: value, for: scalar.text), "`\(scalar.text)`: \(value), \(scalar.core)")
    }
  }

  /// ruamel.yaml keeps some of YAML 1.1: underscores, binary numbers, dates, signs before `0o` and `0x`, and exponents
  /// that need a sign behind `.5`.
  @Test func ruamelDiffersOnlyInItsKnownAdditions() throws {
    for scalar in try Self.scalars() {
      let value = Scalar(scalar.text, .plain).value(in: .v1_2)
      guard !scalar.ruamel.agrees(with: value, for: scalar.text) else { continue }
      let isKnown =
        scalar.text.contains("_") || scalar.text.contains("0b") || scalar.text.hasPrefix("-0o")
        || scalar.text.hasPrefix("+0o")
        || scalar.text.hasPrefix(".") || scalar.text.hasPrefix("-.") || scalar.text.hasPrefix("+.")
        || scalar.text.hasPrefix("-0x") || scalar.text.hasPrefix("+0x")
      #expect(isKnown, "`\(scalar.text)`: \(value), \(scalar.ruamel)")
    }
  }

  @Test func ambiguousIsWhatTheTwoReadDifferently() throws {
    for scalar in try Self.scalars() {
      let plain = Scalar(scalar.text, .plain)
      let isString = if case .string = plain.value(in: .v1_2) { true } else { false }
      let differs =
        switch scalar.pyyaml {
        case .date, .error: true
        case .value, .largeInteger:
          !plain.value(in: .v1_1).isSame(as: plain.value(in: .v1_2))
            || !isString
              && !scalar.core.agrees(
                with: plain.value(in: .v1_1), for: scalar.text)
        }
      #expect((plain.ambiguity != nil) == differs, "`\(scalar.text)`: \(plain.ambiguity?.description ?? "none")")
    }
  }

  @Test func jsonTokensMeanWhatPythonReads() throws {
    var count = 0
    for scalar in try Self.scalars() {
      let document = DocumentReader.read(text: scalar.text, name: "f.json")
      switch scalar.json {
      case .error: #expect(document.root == nil, "`\(scalar.text)`")
      case .date: Issue.record("JSON has no dates")
      case .value, .largeInteger:
        count += 1
        let value = try #require(document.root, "`\(scalar.text)`").value(in: .v1_1)
        #expect(scalar.json.agrees(with: value, for: scalar.text), "`\(scalar.text)`: \(value)")
      }
    }
    #expect(count > 40)
  }

  /// Whole documents, in every style that PyYAML writes and with every trap we know.
  @Test func documentsMeanWhatPyYAMLAndRuamelRead() throws {
    let rows = try #require(try ReferenceFixture.tree("readings.json")["documents"]?.items)
    #expect(rows.count > 150)
    for row in rows {
      let row = try #require(row.items)
      let text = try ReferenceFixture.string(row[0])
      let document = DocumentReader.read(text: text, name: "f.yaml")
      // libyaml breaks lines where YAML 1.1 does, at NEL, LS and PS as well; YAML 1.2 and ruamel.yaml do not.
      let hasOldBreak = text.unicodeScalars.contains { ["\u{85}", "\u{2028}", "\u{2029}"].contains($0) }
      for (version, reading) in [(YAMLVersion.v1_1, row[1])] + (hasOldBreak ? [] : [(.v1_2, row[2])]) {
        let reading = try ReferenceReading(reading)
        switch reading {
        case .value(let expected):
          let root = try #require(document.root, "\(text.debugDescription): \(document.diagnostics.map(\.message))")
          // A document with `%YAML 1.1` is read by those rules whoever reads it.
          let version = text.hasPrefix("%YAML 1.1") ? .v1_1 : version
          let value = root.value(in: version).sorted
          #expect(value.matches(expected.sorted), "\(text.debugDescription): \(value), not \(expected)")
        case .error:
          #expect(!document.diagnostics.isEmpty, "\(text.debugDescription) is read, but should not")
        case .date, .largeInteger: break
        }
      }
    }
  }
}

extension ConfigValue {
  /// Equality, but for dates and what ruamel.yaml reads by rules of its own.
  fileprivate func matches(_ expected: ConfigValue) -> Bool {
    switch (self, expected) {
    case (_, .string("(a date)")): true
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.matches($1) }
    case (.mapping(let left), .mapping(let right)):
      left.entries.count == right.entries.count
        && zip(left.entries, right.entries).allSatisfy { $0.key == $1.key && $0.value.matches($1.value) }
    default: isSame(as: expected)
    }
  }
}
