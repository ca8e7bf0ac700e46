import Testing

@testable import ConfigDocument

@Suite struct ScalarTests {
  @Test(arguments: [
    ("1e-5", "the string `1e-5` in YAML 1.1 (PyYAML), the number 1.0e-05 in YAML 1.2"),
    ("on", "the boolean true in YAML 1.1 (PyYAML), the string `on` in YAML 1.2"),
    ("No", "the boolean false in YAML 1.1 (PyYAML), the string `No` in YAML 1.2"),
    ("017", "the integer 15 in YAML 1.1 (PyYAML), the integer 17 in YAML 1.2"),
    ("0o17", "the string `0o17` in YAML 1.1 (PyYAML), the integer 15 in YAML 1.2"),
    ("08", "the string `08` in YAML 1.1 (PyYAML), the integer 8 in YAML 1.2"),
    ("1_000", "the integer 1000 in YAML 1.1 (PyYAML), the string `1_000` in YAML 1.2"),
    ("1:30", "the integer 90 in YAML 1.1 (PyYAML), the string `1:30` in YAML 1.2"),
    ("0b11", "the integer 3 in YAML 1.1 (PyYAML), the string `0b11` in YAML 1.2"),
    ("-.5", "the string `-.5` in YAML 1.1 (PyYAML), the number -0.5 in YAML 1.2"),
    ("2024-01-01", "a date in YAML 1.1 (PyYAML), the string `2024-01-01` in YAML 1.2"),
    ("=", "an error in YAML 1.1 (PyYAML), the string `=` in YAML 1.2"),
    ("<<", "an error in YAML 1.1 (PyYAML), the string `<<` in YAML 1.2"),
  ])
  func tellsTheTwoReadings(text: String, description: String) {
    #expect(Scalar(text, .plain).ambiguity?.description == description)
    #expect(Scalar(text, .quoted).ambiguity == nil)
  }

  @Test(arguments: [
    "0x1F", ".5", "+.inf", ".nan", "~", "", "null", "true", "1", "-1", "1.0e-05", "0.0003", "cosine", "y", "8+7+7+6",
    "Et*14|t*13L", "/data/on", "1.2.3",
  ])
  func allReadTheSame(text: String) {
    #expect(Scalar(text, .plain).ambiguity == nil)
  }

  @Test(
    arguments: [
      ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .float(9_223_372_036_854_775_808)), ("0xFFFFFFFFFFFFFFFF", .float(0x1p64)),
      ("-123456789012345678901234567890", .float(-1.2345678901234568e29)),
    ] as [(String, ConfigValue)])
  func integersBeyond64BitsBecomeFloats(text: String, value: ConfigValue) {
    for version in YAMLVersion.allCases { #expect(Scalar(text, .plain).value(in: version) == value) }
  }

  @Test(
    arguments: [
      ("!!str", "1", "1", "1"), ("!!int", "0o17", 15, 15), ("!!int", "017", 15, 17), ("!!float", "1e-5", 1e-5, 1e-5),
      ("!!float", "3", 3.0, 3.0), ("!!float", "1_000", 1000.0, 1000.0), ("!!bool", "yes", true, true),
      ("!!null", "", nil, nil), ("!", "12", 12, "12"), ("tag:yaml.org,2002:str", "on", "on", "on"),
    ] as [(String, String, ConfigValue, ConfigValue)])
  func tagsFixTheType(tag: String, text: String, older: ConfigValue, newer: ConfigValue) {
    let scalar = Scalar(text, .tagged(tag))
    #expect(scalar.value(in: .v1_1) == older)
    #expect(scalar.value(in: .v1_2) == newer)
    #expect(scalar.fitsItsTag)
  }

  @Test(arguments: [
    ("!!int", "x"), ("!!int", "1.5"), ("!!float", "0x1F"), ("!!bool", "1"), ("!!null", "x"), ("!foo", "1"),
  ])
  func tagsThatDoNotFit(tag: String, text: String) {
    #expect(!Scalar(text, .tagged(tag)).fitsItsTag)
  }

  @Test func jsonTokensHaveOneMeaning() {
    #expect(Scalar("1e-5", .json).value(in: .v1_1) == 1e-5)
    #expect(Scalar("1e-5", .json).ambiguity == nil)
    #expect(Scalar("null", .json).value(in: .v1_1) == nil)
  }
}

@Suite struct DocumentRuleTests {
  @Test func codesAreNumberedWithoutAGap() {
    let codes = DocumentRule.all.map(\.code.rawValue)
    #expect(codes == (1...codes.count).map { "DOC-" + ($0 < 10 ? "0" : "") + "\($0)" })
  }

  @Test func everyRuleIsExplained() {
    for rule in DocumentRule.all {
      #expect(!rule.title.isEmpty)
      #expect(rule.explanation.hasSuffix("."), "\(rule.code)")
    }
  }
}
