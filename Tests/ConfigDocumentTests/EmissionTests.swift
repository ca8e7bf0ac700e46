import Testing

@testable import ConfigDocument

@Suite struct EmissionTests {
  @Test(
    arguments: [
      (1e-5, "1.0e-05"), (3e-4, "0.0003"), (1e-4, "0.0001"), (9.99e-5, "9.99e-05"), (1, "1.0"), (0.1, "0.1"),
      (-2.5, "-2.5"), (0, "0.0"), (-0.0, "-0.0"), (1e15, "1000000000000000.0"), (1e16, "1.0e+16"), (1.5e16, "1.5e+16"),
      (123456.789, "123456.789"), (1e100, "1.0e+100"), (.leastNonzeroMagnitude, "5.0e-324"), (4096, "4096.0"),
      (1e22, "1.0e+22"),
      (9_007_199_254_740_992, "9007199254740992.0"), (.infinity, ".inf"), (-.infinity, "-.inf"), (.nan, ".nan"),
      (1.7976931348623157e308, "1.7976931348623157e+308"), (0.30000000000000004, "0.30000000000000004"),
    ] as [(Double, String)])
  func floatsAlwaysLookLikeFloats(value: Double, text: String) {
    #expect(floatText(value) == text)
  }

  @Test(arguments: [
    "cosine", "inverse-square-root", "moonshotai/Moonlight-16B-A3B", "/data/pile.jsonl", "Et*14|t*13L", "linear_proj",
    "Pretrains the model on 16 GPUs", "none", "a=b", "/home/$USER/x", "yesterday", "only",
  ])
  func wordsNamesAndPathsStayBare(text: String) {
    #expect(yamlString(text) == text)
  }

  @Test(arguments: [
    ("", #""""#), ("yes", #""yes""#), ("N", #""N""#), ("oFF", #""oFF""#), ("null", #""null""#), ("Inf", #""Inf""#),
    ("8+7+7+6", #""8+7+7+6""#), ("1e5", #""1e5""#), ("-x", #""-x""#), (".5", #"".5""#), ("./x", #""./x""#),
    ("a: b", #""a: b""#), ("a:b", #""a:b""#), ("a, b", #""a, b""#), ("a #b", #""a #b""#), ("[", #""[""#),
    ("it's", #""it's""#), ("a\"b\\", #""a\"b\\""#), ("a\nb\t", #""a\nb\t""#), ("a ", #""a ""#), ("é", "\"é\""),
    ("\u{85}\u{2028}\u{FEFF}\u{7F}\u{0}", #""\u0085\u2028\ufeff\u007f\u0000""#), ("😀", "\"😀\""),
    ("2024-01-01", #""2024-01-01""#), ("---", #""---""#), ("<<", #""<<""#), ("~", #""~""#),
  ])
  func allElseIsQuoted(text: String, written: String) {
    #expect(yamlString(text) == written)
  }

  @Test func layoutOfYAML() {
    let value: ConfigValue = [
      "schema_version": 1,
      "recipe": ["name": "x", "note": nil, "empty": [:], "none": []],
      "train": ["lr": 1e-5, "on": true],
      "seed": 1234,
      "stages": [["embedding", "decoder"], ["decoder", "loss"]],
      "data_paths": [["path": "/a", "weight": 0.5], "b", [["c": [1, 2]]]],
      "modules": .list((0..<30).map { .string("module\($0)") }),
    ]
    var emitter = YAMLEmitter(header: ["Made by a test", "", "two\nlines"])
    emitter.comments = [["train"]: "how long", ["train", "lr"]: "peak\nrate", ["stages"]: "per rank", ["seed"]: "any"]
    let modules = (0..<30).map { "  - module\($0)\n" }.joined()
    #expect(
      emitter.emit(value) == """
        # Made by a test
        #
        # two
        # lines

        schema_version: 1

        recipe:
          name: x
          note: null
          empty: {}
          none: []

        train:  # how long
          lr: 1.0e-05  # peak rate
          "on": true

        seed: 1234  # any
        stages:  # per rank
          - [embedding, decoder]
          - [decoder, loss]
        data_paths:
          - path: /a
            weight: 0.5
          - b
          - - c: [1, 2]
        modules:

        """ + modules)
  }

  @Test func layoutOfJSON() throws {
    let value: ConfigValue = ["a": 1, "b": ["c": [1.0, "é\n"], "d": [:], "e": []], "f": nil]
    #expect(
      try JSONEmitter().emit(value) == """
        {
          "a": 1,
          "b": {
            "c": [
              1.0,
              "é\\n"
            ],
            "d": {},
            "e": []
          },
          "f": null
        }

        """)
  }

  @Test func listsStayOnOneLineWithinAHundredColumns() {
    func line(_ count: Int) -> String { YAMLEmitter().emit(["k": [.string(String(repeating: "x", count: count))]]) }
    #expect(line(95) == "k: [" + String(repeating: "x", count: 95) + "]\n")
    #expect(line(96) == "k:\n  - " + String(repeating: "x", count: 96) + "\n")
  }

  @Test func jsonRefusesWhatItCannotHold() {
    #expect(throws: EmissionError(number: ".inf", path: ["a", "1", "b"])) {
      try JSONEmitter().emit(["a": [1, ["b": .float(.infinity)]]])
    }
  }

  @Test func rootsOtherThanMappings() {
    #expect(YAMLEmitter().emit("a") == "a\n")
    #expect(YAMLEmitter().emit([:]) == "{}\n")
    #expect(YAMLEmitter().emit([["a": 1, "b": 2], [["c": 1]]]) == "- a: 1\n  b: 2\n- - c: 1\n")
  }

  @Test(arguments: 0..<150)
  func whatIsEmittedReadsBackTheSame(seed: Int) throws {
    var random = RandomValues(seed: UInt64(seed))
    let value = random.mapping(depth: 4)
    let yaml = YAMLEmitter(header: ["seed \(seed)"]).emit(value)
    let json = try JSONEmitter().emit(value)
    for (text, name) in [(yaml, "f.yaml"), (json, "f.json"), (json, "f.yml")] {
      let document = DocumentReader.read(text: text, name: name)
      try #require(document.diagnostics.isEmpty, "\(document.diagnostics.map(\.message)) in\n\(text)")
      let root = try #require(document.root)
      #expect(root.value(in: .v1_1).isSame(as: value), "1.1: \(text)")
      #expect(root.value(in: .v1_2).isSame(as: value), "1.2: \(text)")
    }
    let again = try #require(DocumentReader.read(text: yaml, name: "f.yaml").root).value(in: .v1_2)
    #expect(YAMLEmitter(header: ["seed \(seed)"]).emit(again) == yaml)
    #expect(try JSONEmitter().emit(again) == json)
  }

  @Test func keysThatAreTooLongForAColonAreExplicit() throws {
    let key = String(repeating: "k", count: 1500)
    var mapping = ConfigMapping()
    mapping[key] = ["b": [["c": 1]]]
    mapping["flow"] = [.mapping(ConfigMapping([.init(key, 1)]))]
    let text = YAMLEmitter().emit(.mapping(mapping))
    let root = try #require(DocumentReader.read(text: text, name: "f.yaml").root)
    #expect(root.value(in: .v1_1) == .mapping(mapping))
  }
}

extension ConfigValue {
  /// Equality by bytes: Swift's own takes canonically equivalent strings, and 0.0 and -0.0, for the same.
  func isSame(as other: ConfigValue) -> Bool {
    switch (self, other) {
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.float(let left), .float(let right)):
      left.bitPattern == right.bitPattern || left.isNaN && right.isNaN
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
    case (.mapping(let left), .mapping(let right)):
      left.entries.count == right.entries.count
        && zip(left.entries, right.entries).allSatisfy {
          $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.isSame(as: $1.value)
        }
    default: self == other
    }
  }
}
