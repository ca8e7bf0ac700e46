import Diagnostics
import Testing

@testable import ConfigDocument

@Suite struct YAMLReaderTests {
  /// The value at a path is what stands between the marks.
  @Test(arguments: [
    ("plain", "a: «1» # c\n", "a"),
    ("quoted, with its quotes", "a: «'x y'» # c\n", "a"),
    ("behind characters of several bytes", "é: ü # 😀\nb: «\"中»\"\n".replacing("»\"", with: "\"»"), "b"),
    ("behind line breaks of Unicode", "a: \"x\u{2028}\u{2029}\u{85}y\"\nb: «1»\n", "b"),
    ("behind a byte order mark", "\u{FEFF}a: «1»\n", "a"),
    ("behind carriage returns", "a: 1\r\nb:\r\n  c: «2»\r\n", "b.c"),
    ("with carriage returns alone", "a: 1\rb: «2»\r", "b"),
    ("plain over lines", "a: «x\n  y» # c\nb: 1\n", "a"),
    ("a block mapping ends with its last value", "s:\n  «a: 1\n  b: 2» # c\n\n# d\nt: 3\n", "s"),
    ("a block list ends with its last item", "s:\n«- 1\n- 2» # c\n\nt: 3\n", "s"),
    ("a list inside a list", "- - 1\n  - 2\n- 3\n", ""),
    ("the inner list", "- «- 1\n  - 2»\n- 3\n", "0"),
    ("a mapping in a list", "- «a: 1\n  b: 2»\n- 3\n", "0"),
    ("a text block ends with its last line", "a: «|\n  x\n\n  y»\n\n\nb: 1\n", "a"),
    ("a folded block", "a: «>-\n  x\n  y»\n# c\nb: 1\n", "a"),
    ("brackets, with them", "a: «[1, [2]]» # c\n", "a"),
    ("braces over lines", "a: «{\n  b: 1,\n}» # c\n", "a"),
    ("a pair without braces", "a: [«b: 1», 2]\n", "a.0"),
    ("nothing: behind the colon", "a:«» # c\nb: 1\n", "a"),
    ("nothing: behind the last colon", "a:\n  b:«»\n\n\nc: 1\n", "a.b"),
    ("nothing: behind the dash", "-«»\n- 1\n", "0"),
    ("nothing in braces", "{a:«» , b: 1}", "a"),
    ("no colon in braces", "{a«» , b: 1}", "a"),
    ("a mapping whose last value is empty", "s:\n  «a: 1\n  b:»\n\nt: 1\n", "s"),
    ("behind an anchor", "a: &x «1»\n", "a"),
    ("behind an anchor and a tag, on another line", "a: &x !!map # c\n  «b: 1»\n", "a"),
    ("behind a tag", "a: !!str «1»\n", "a"),
    ("an alias: the value of its anchor", "a: &x «1»\nb: *x\n", "b"),
    ("a mapping that ends with an alias", "a: &x 1\ns:\n  «b: *x» # c\nt: 1\n", "s"),
    ("a merged value", "a: &x {k: «1»}\nb: {<<: *x}\n", "b.k"),
    ("an explicit key", "? a\n: «1»\n", "a"),
    ("an explicit key without a value", "? a«»\n? b\n", "a"),
  ])
  func knowsWhereAValueStands(what: String, marked: String, path: String) throws {
    let marked = MarkedText(marked)
    let document = DocumentReader.read(text: marked.text, name: "f.yaml")
    #expect(document.diagnostics.isEmpty)
    let root = try #require(document.root)
    let node = try #require(root.place(of: path.split(separator: ".").map(String.init)))
    guard !path.isEmpty else { return }
    #expect(MarkedText.mark(marked.text, node.range) == MarkedText.mark(marked.text, marked.range))
  }

  @Test(arguments: [
    ("«a»: 1\n", "a"), ("«\"a\"» : 1\n", "a"), ("{x: 1, «'a'»: 2}\n", "a"), ("é: ü\n«a»: 1\n", "a"),
    ("? «a»\n: 1\n", "a"),
    ("x: 1\n&n «a»: 1\n", "a"), ("x: &n a\n«*n» : 1\n", "a"),
  ])
  func knowsWhereAKeyStands(marked: String, key: String) throws {
    let marked = MarkedText(marked)
    let root = try #require(DocumentReader.read(text: marked.text, name: "f.yaml").root)
    let entry = try #require(root.entries?.first { $0.key == key })
    #expect(entry.keyRange == marked.range)
  }

  @Test(
    arguments: [
      ("a: 1\nb:\n  c: [x, 'y']\n  d:\n", ["a": 1, "b": ["c": ["x", "y"], "d": nil]]),
      ("{\"a\": {\"b\": [1, 2.5, true, null, \"\\u00e9\"]}}", ["a": ["b": [1, 2.5, true, nil, "é"]]]),
      ("--- # c\na: 1\n...\n# end\n", ["a": 1]),
      ("%YAML 1.2\n---\na: 1\n", ["a": 1]),
      ("- [a, b]\n- {c: d}\n", [["a", "b"], ["c": "d"]]),
      ("a: |+\n  x\n\nb: >-\n  y\n  z\n", ["a": "x\n\n", "b": "y z"]),
      ("a: \"\\x41\\u00e9\\U0001F600\\n\"\n", ["a": "Aé😀\n"]),
      ("a: &x [1]\nb: *x\n", ["a": [1], "b": [1]]),
      ("just text\n", "just text"),
      ("base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n", ["base": ["x": 1, "y": 2], "c": ["y": 3, "x": 1]]),
      ("<<: [{a: 1}, {a: 2, b: 3}]\nc: 4\n", ["c": 4, "a": 1, "b": 3]),
      (
        "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
        ["a": ["x": 1], "b": ["y": 2, "x": 1], "c": ["y": 2, "x": 1]]
      ),
      ("\"<<\": 1\n", ["<<": 1]),
      ("a: !!float 3\nb: !!str 4\nc: !!int \"5\"\nd: !!seq [1]\n", ["a": 3.0, "b": "4", "c": 5, "d": [1]]),
      ("a: &x 1\nb: &x 2\nc: *x\n", ["a": 1, "b": 2, "c": 2]),
    ] as [(String, ConfigValue)])
  func readsValues(text: String, value: ConfigValue) throws {
    let document = DocumentReader.read(text: text, name: "f.yaml")
    #expect(document.diagnostics.isEmpty)
    #expect(try #require(document.root).value(in: .v1_1) == value)
    #expect(!document.isUnreadable)
  }

  /// An error that leaves a tree to go on with.
  @Test(
    arguments: [
      ("a: 1\n«a»: 2\n", "DOC-03", ["a": 1]),
      ("s:\n  a: 1\n  b: 2\n  «'a'»: 3\n", "DOC-03", ["s": ["a": 1, "b": 2]]),
      ("{a: 1, «a»: 2}\n", "DOC-03", ["a": 1]),
      ("a: &x {k: 1}\nb: {<<: *x, «<<»: *x}\n", "DOC-03", ["a": ["k": 1], "b": ["k": 1]]),
      ("a: 1\n«---»\nb: 2\n", "DOC-04", ["a": 1]),
      ("a: «*x»\nb: 1\n", "DOC-08", ["b": 1]),
      ("a: &x [«*x», 1]\n", "DOC-08", ["a": [1]]),
      ("<<: «1»\na: 2\n", "DOC-09", ["a": 2]),
      ("<<: «[{b: 1}, 2]»\na: 2\n", "DOC-09", ["a": 2]),
      ("«[a]»: 1\nb: 2\n", "DOC-10", ["b": 2]),
      ("«{a: 1}»: 1\nb: 2\n", "DOC-10", ["b": 2]),
      ("?«»\n: 1\nb: 2\n", "DOC-10", ["b": 2]),
      ("a: «!!python/object x»\nb: 2\n", "DOC-13", ["b": 2]),
      ("a: «!!int x»\nb: 2\n", "DOC-13", ["b": 2]),
      ("a: «!!map» [1]\nb: 2\n", "DOC-13", ["b": 2]),
      ("a: «!foo» [1]\nb: 2\n", "DOC-13", ["b": 2]),
    ] as [(String, String, ConfigValue)])
  func goesOnBehindWhatIsWrong(marked: String, code: String, value: ConfigValue) throws {
    let marked = MarkedText(marked)
    let document = DocumentReader.read(text: marked.text, name: "f.yaml")
    let diagnostic = try #require(document.diagnostics.first)
    #expect(document.diagnostics.count == 1)
    #expect(diagnostic.code.rawValue == code)
    #expect(diagnostic.severity == .error)
    let range = try #require(diagnostic.location?.range)
    #expect(MarkedText.mark(marked.text, range) == MarkedText.mark(marked.text, marked.range))
    #expect(try #require(document.root).value(in: .v1_1) == value)
    #expect(!document.isUnreadable)
  }

  @Test func aDuplicateKeyPointsAtTheFirst() throws {
    let document = DocumentReader.read(text: "s:\n  lr: 1\n  x: 2\n  lr: 3\n", name: "f.yaml")
    let diagnostic = try #require(document.diagnostics.first)
    #expect(diagnostic.message == "the key `lr` stands twice")
    #expect(diagnostic.path == "s.lr")
    #expect(diagnostic.location?.description == "f.yaml:4:3")
    #expect(diagnostic.related.map { $0.location?.description } == ["f.yaml:2:3"])
  }

  @Test func duplicatesAreFoundAmongManyKeys() {
    let text = (0..<300).map { "k\($0): 1\n" }.joined() + "k7: 2\nk299: 3\n"
    let document = DocumentReader.read(text: text, name: "f.yaml")
    #expect(document.diagnostics.map(\.path) == ["k7", "k299"])
    #expect(document.root?.entries?.count == 300)
  }

  @Test(arguments: ["1", "on", "No", "null", "~", "1e-5", "2024-01-01", "0x1F"])
  func keysThatReadAsSomethingElseAreMendedByQuotes(key: String) throws {
    let document = DocumentReader.read(text: "s:\n  \(key): x\n", name: "f.yaml")
    let diagnostic = try #require(document.diagnostics.first)
    #expect(diagnostic.code == DocumentRule.badKey.code)
    #expect(diagnostic.severity == .warning)
    #expect(diagnostic.path == "s.\(key)")
    #expect(document.root?["s"]?[key]?.scalar?.text == "x")
    let fixed = document.file.applying([try #require(diagnostic.fix)]).text
    #expect(fixed == "s:\n  \"\(key)\": x\n")
    #expect(DocumentReader.read(text: fixed, name: "f.yaml").diagnostics.isEmpty)
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "--- # c\n...\n", "\u{FEFF}", "   "])
  func anEmptyTextIsYAMLWithoutARoot(text: String) {
    let document = DocumentReader.read(text: text, name: "f.yaml")
    #expect(document.root == nil)
    #expect(document.diagnostics.map(\.code) == [DocumentRule.emptyDocument.code])
    #expect(!document.isUnreadable)
  }

  @Test(arguments: [
    ("x.yaml", "{\"a\": 1e-5}", TextFormat.yaml), ("x.yml", "{}", .yaml), ("x.JSON", "{}", .json),
    ("x.json", "a: 1", .json),
    ("<stdin>", "{\"a\": 1}", .json), ("<stdin>", " \n{a: 1}", .yaml), ("<stdin>", "a: 1", .yaml),
    ("config", "{\"a\": 1,}", .yaml),
  ])
  func theNameOrTheTextTellsTheFormat(name: String, text: String, format: TextFormat) {
    #expect(DocumentReader.read(text: text, name: name).format == format)
  }
}
