import Diagnostics
import Testing

@testable import ConfigDocument

@Suite struct EditTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let what: String
    let before: String
    let change: DocumentChange
    let after: String
    var format = TextFormat.yaml

    init(_ what: String, _ before: String, _ change: DocumentChange, _ after: String, _ format: TextFormat = .yaml) {
      (self.what, self.before, self.change, self.after, self.format) = (what, before, change, after, format)
    }

    var testDescription: String { what }
  }

  static func apply(_ change: DocumentChange, to text: String, _ format: TextFormat) throws -> String {
    let document = DocumentReader.read(text: text, name: "f", format: format)
    let editor = DocumentEditor(document)
    let edits =
      switch change {
      case .replace(let path, let value): try editor.replace(path, with: value)
      case .rename(let path, let key): try editor.rename(path, to: key)
      case .insert(let path, let value): try editor.insert(path, value)
      case .remove(let path): try editor.remove(path)
      }
    return document.file.applying([Fix("", .safe, in: document.file, edits: edits)]).text
  }

  static let replacements = [
    Case("keeps the comment", "a: 1  # one\nb: 2\n", .replace(["a"], 10), "a: 10  # one\nb: 2\n"),
    Case("inside a section", "s:\n  lr: 1e-5 # x\n", .replace(["s", "lr"], 1e-5), "s:\n  lr: 1.0e-05 # x\n"),
    Case("quotes what needs it", "a: x\n", .replace(["a"], "8+7+7+6"), "a: \"8+7+7+6\"\n"),
    Case("an empty value", "a:\nb: 2\n", .replace(["a"], 1), "a: 1\nb: 2\n"),
    Case("an empty value with a comment", "a: # none\n", .replace(["a"], 1), "a: 1 # none\n"),
    Case("an empty value in brackets", "{a, b: }\n", .replace(["a"], 1), "{a: 1, b: }\n"),
    Case("an empty value behind a colon in brackets", "{a, b: }\n", .replace(["b"], 1), "{a, b: 1 }\n"),
    Case("a section", "s: # c\n  a: 1\n  b: 2 # d\nt: 3\n", .replace(["s"], ["x": 1]), "s: # c\n  {x: 1} # d\nt: 3\n"),
    Case("a list below its key", "a:\n- 1\n- 2\nb: 3\n", .replace(["a"], nil), "a: null\nb: 3\n"),
    Case("a text block", "a: |\n  x\n\n  y\nb: 3\n", .replace(["a"], "z"), "a: z\nb: 3\n"),
    Case("a quoted text over lines", "a: \"x\n  y\" # c\nb: 3\n", .replace(["a"], "z"), "a: z # c\nb: 3\n"),
    Case("in a list", "a:\n  - 1\n  -\n", .replace(["a", "1"], 2), "a:\n  - 1\n  - 2\n"),
    Case("an alias", "a: &x 1\nb: *x # c\n", .replace(["b"], 2), "a: &x 1\nb: 2 # c\n"),
    Case(
      "beside a merge key", "a: &x {k: 1}\nb:\n  <<: *x\n  l: 2\n", .replace(["b", "k"], 3),
      "a: &x {k: 1}\nb:\n  <<: *x\n  l: 2\n  k: 3\n"),
    Case("a tagged value", "a: !!str 1\n", .replace(["a"], 2), "a: 2\n"),
    Case("behind an unused anchor", "a: &x 1\n", .replace(["a"], 2), "a: &x 2\n"),
    Case("beyond ASCII", "é: \"ü\" # ö\n", .replace(["é"], "ß"), "é: \"ß\" # ö\n"),
    Case("with carriage returns", "a: 1\r\nb: 2\r\n", .replace(["a"], 3), "a: 3\r\nb: 2\r\n"),
    Case("behind a byte order mark", "\u{FEFF}a: 1\n", .replace(["a"], 3), "\u{FEFF}a: 3\n"),
    Case("in JSON", "{\"a\":1, \"b\": [1, 2]}", .replace(["b", "0"], "x"), "{\"a\":1, \"b\": [\"x\", 2]}", .json),
    Case("by an object in JSON", "{\"a\": 1}", .replace(["a"], ["b": [nil]]), "{\"a\": {\"b\": [null]}}", .json),
  ]

  static let renamings = [
    Case("a key", "a: 1 # c\n", .rename(["a"], "b"), "b: 1 # c\n"),
    Case("a quoted key", "s:\n  \"a\" : 1\n", .rename(["s", "a"], "b"), "s:\n  b : 1\n"),
    Case("to one that needs quotes", "a: 1\n", .rename(["a"], "on"), "\"on\": 1\n"),
    Case("in brackets", "{a: 1, c}\n", .rename(["c"], "d"), "{a: 1, d}\n"),
    Case("in JSON", "{\"a\": {\"b\": 1}}", .rename(["a", "b"], "c"), "{\"a\": {\"c\": 1}}", .json),
    Case("a key whose value is an alias", "a: &x 1\nb: *x\n", .rename(["b"], "c"), "a: &x 1\nc: *x\n"),
  ]

  static let insertions = [
    Case(
      "at the end of a section", "s:\n  a: 1 # c\n\n# t\nt: 2\n", .insert(["s", "b"], 2),
      "s:\n  a: 1 # c\n  b: 2\n\n# t\nt: 2\n"),
    Case("at the end of the root", "a: 1", .insert(["b"], [1, 2]), "a: 1\nb: [1, 2]"),
    Case("with four spaces", "s:\n    a: 1\n", .insert(["s", "b"], 2), "s:\n    a: 1\n    b: 2\n"),
    Case("behind a nested section", "s:\n  a:\n    b: 1\n", .insert(["s", "c"], 2), "s:\n  a:\n    b: 1\n  c: 2\n"),
    Case(
      "in a list item", "l:\n  - a: 1\n  - b: 2\n", .insert(["l", "0", "c"], 3), "l:\n  - a: 1\n    c: 3\n  - b: 2\n"),
    Case(
      "behind a text block", "s:\n  a: |\n    x\n\nt: 1\n", .insert(["s", "b"], 2),
      "s:\n  a: |\n    x\n  b: 2\n\nt: 1\n"),
    Case(
      "behind a text block that keeps", "s:\n  a: |+\n    x\n\nt: 1\n", .insert(["s", "b"], 2),
      "s:\n  a: |+\n    x\n\n  b: 2\nt: 1\n"),
    Case("behind an empty value", "s:\n  a: # c\nt: 1\n", .insert(["s", "b"], 2), "s:\n  a: # c\n  b: 2\nt: 1\n"),
    Case("into an empty section", "s: # c\nt: 1\n", .insert(["s", "b"], 2), "s: # c\n  b: 2\nt: 1\n"),
    Case("into null", "s: null # c\nt: 1\n", .insert(["s", "b"], 2), "s: # c\n  b: 2\nt: 1\n"),
    Case("into null at the end of a line", "s: ~\nt: 1\n", .insert(["s", "b"], 2), "s:\n  b: 2\nt: 1\n"),
    Case("into {}", "s: {} # c\n", .insert(["s", "b"], 2), "s: {b: 2} # c\n"),
    Case("into braces", "s: {a: 1} # c\n", .insert(["s", "b"], 2), "s: {a: 1, b: 2} # c\n"),
    Case("into braces with a trailing comma", "s: {a: 1,}\n", .insert(["s", "b"], 2), "s: {a: 1, b: 2,}\n"),
    Case(
      "into braces over lines", "s: {\n  a: 1, # c\n  b: 2 # d\n}\n", .insert(["s", "x"], 3),
      "s: {\n  a: 1, # c\n  b: 2, # d\n  x: 3\n}\n"),
    Case("a missing section", "a: 1\n", .insert(["s", "t", "b"], 2), "a: 1\n\ns:\n  t:\n    b: 2\n"),
    Case("into an empty value in braces", "{a: , b: 1}\n", .insert(["a", "x"], 2), "{a: {x: 2} , b: 1}\n"),
    Case(
      "with carriage returns", "s:\r\n  a: 1\r\nt: 2\r\n", .insert(["s", "b"], 2), "s:\r\n  a: 1\r\n  b: 2\r\nt: 2\r\n"),
    Case("before the end mark", "a: 1\n...\n", .insert(["b"], 2), "a: 1\nb: 2\n...\n"),
    Case("into {} as the root", "{}\n", .insert(["s", "b"], 2), "{s: {b: 2}}\n"),
    Case(
      "in JSON over lines", "{\n  \"a\": 1\n}\n", .insert(["b", "c"], 2), "{\n  \"a\": 1,\n  \"b\": {\"c\": 2}\n}\n",
      .json),
    Case(
      "in JSON on a line", "{\"s\": {\"a\": 1}}", .insert(["s", "b"], true), "{\"s\": {\"a\": 1, \"b\": true}}", .json),
    Case("into {} in JSON", "{\"s\": { }}", .insert(["s", "b"], "x"), "{\"s\": {\"b\": \"x\" }}", .json),
    Case("into null in JSON", "{\"s\": null}", .insert(["s", "b"], 1), "{\"s\": {\"b\": 1}}", .json),
  ]

  static let removals = [
    Case("with its line", "a: 1\nb: 2 # c\nd: 3\n", .remove(["b"]), "a: 1\nd: 3\n"),
    Case("the last one", "a: 1\nb: 2", .remove(["b"]), "a: 1\n"),
    Case("the first one", "# top\na: 1\nb: 2\n", .remove(["a"]), "# top\nb: 2\n"),
    Case("a section", "a: 1\ns:\n  b: 1\n  # in\n  c: 2 # end\n\nt: 3\n", .remove(["s"]), "a: 1\n\nt: 3\n"),
    Case("the only one of a section", "s: # c\n  a: 1\nt: 2\n", .remove(["s", "a"]), "s: {} # c\nt: 2\n"),
    Case("the only one", "a: 1 # c\n", .remove(["a"]), "{} # c\n"),
    Case("the first of a list item", "- a: 1\n  b: 2\n", .remove(["0", "a"]), "- b: 2\n"),
    Case("the second of a list item", "- a: 1\n  b: 2\n", .remove(["0", "b"]), "- a: 1\n"),
    Case("the only one of a list item", "- a: 1\n- 2\n", .remove(["0", "a"]), "- {}\n- 2\n"),
    Case("an alias", "a: &x 1\nb: *x\nc: 2\n", .remove(["b"]), "a: &x 1\nc: 2\n"),
    Case("the first in braces", "{a: 1, b: 2}\n", .remove(["a"]), "{b: 2}\n"),
    Case("the last in braces", "{a: 1, b: 2}\n", .remove(["b"]), "{a: 1}\n"),
    Case("the only one in braces", "s: { a: 1 }\n", .remove(["s", "a"]), "s: {}\n"),
    Case("a line in braces", "{\n  a: 1, # c\n  b: 2\n}\n", .remove(["a"]), "{\n  b: 2\n}\n"),
    Case("the last line in braces", "{\n  a: 1, # c\n  b: 2 # d\n}\n", .remove(["b"]), "{\n  a: 1 # c\n}\n"),
    Case("with carriage returns", "a: 1\r\nb: 2\r\n", .remove(["a"]), "b: 2\r\n"),
    Case("the last line in JSON", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", .remove(["b"]), "{\n  \"a\": 1\n}\n", .json),
    Case("the first in JSON", "{\"a\": 1, \"b\": 2}", .remove(["a"]), "{\"b\": 2}", .json),
    Case("the only one in JSON", "{\"s\": {\n  \"a\": 1\n}}", .remove(["s", "a"]), "{\"s\": {}}", .json),
    Case("a text block", "a: |\n  x\n\n  y\n\nb: 1\n", .remove(["a"]), "\nb: 1\n"),
  ]

  @Test(arguments: replacements) func replacesAValue(_ example: Case) throws {
    #expect(try Self.apply(example.change, to: example.before, example.format) == example.after)
  }

  @Test(arguments: renamings) func renamesAKey(_ example: Case) throws {
    #expect(try Self.apply(example.change, to: example.before, example.format) == example.after)
  }

  @Test(arguments: insertions) func insertsAKey(_ example: Case) throws {
    #expect(try Self.apply(example.change, to: example.before, example.format) == example.after)
  }

  @Test(arguments: removals) func removesAKey(_ example: Case) throws {
    #expect(try Self.apply(example.change, to: example.before, example.format) == example.after)
  }

  static let refusals: [(String, DocumentChange, EditError)] = [
    ("a: &x 1\nb: *x\n", .replace(["a"], 2), .shared),
    ("a: &x {k: 1}\nb: *x\n", .replace(["b", "k"], 2), .shared),
    ("a: &x {k: 1}\nb: {<<: *x}\n", .remove(["b", "k"]), .shared),
    ("a: &x {k: 1}\nb: {<<: *x}\n", .rename(["b", "k"], "l"), .shared),
    ("a: &x 1\nb: *x\n", .remove(["a"]), .unsupported),
    ("a: 1\n", .replace(["b"], 2), .noSuchPath),
    ("a: 1\n", .remove(["b"]), .noSuchPath),
    ("a: 1\n", .insert(["a"], 2), .alreadyExists),
    ("a: 1\n", .insert(["a", "b"], 2), .notAMapping),
    ("a: 1\nb: 2\n", .rename(["a"], "b"), .alreadyExists),
    ("# nothing\n", .insert(["a"], 1), .noTree),
    ("a: [1]\n", .remove(["a", "0"]), .noSuchPath),
  ]

  @Test(arguments: refusals) func refusesWhatItCannotDoAlone(text: String, change: DocumentChange, error: EditError) {
    #expect(throws: error) { try Self.apply(change, to: text, .yaml) }
  }

  @Test func refusesNumbersThatJSONDoesNotHave() {
    #expect(throws: EditError.notWritable(EmissionError(number: ".nan", path: []))) {
      try Self.apply(.replace(["a"], .float(.nan)), to: "{\"a\": 1}", .json)
    }
  }

  static let documents: [(String, TextFormat)] = [
    (
      """
      # top
      a: 1 # one

      s: # section
        b: [1, 'x', "y"]
        # between
        c: {d: 1, e: [2], "f": null}
        text: |
          lines

          more
        folded: >-
            deep
        empty:
        last: "é" # end
      # behind
      list:
      - p: 1
        q: 2
      - - nested
        - {r: 1}
      -
      flow: {
        g: 1, # g
        h: {},
        i: [] # i
      }
      "quoted key" : plain text
      ? explicit
      : value
      end: 0
      """, .yaml
    ),
    (
      """
      {
        "a": 1, "b": {"c": [1, {"d": null}], "e": {}},
        "f": [
          {"g": "x", "h": "y"}
        ],
        "i": {
          "j": true,
          "k": -1.5e3
        }
      }
      """, .json
    ),
  ]

  /// Every path of the documents, of emitted texts and of their variants with carriage returns.
  @Test(arguments: documents.indices) func noEditIsRefusedInAnOrdinaryText(_ index: Int) throws {
    let (text, format) = Self.documents[index]
    for text in [
      text, text + "\n", text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"),
    ] {
      try Self.tryEverything(text, format)
    }
  }

  @Test(arguments: 0..<6) func noEditIsRefusedInAnEmittedText(seed: Int) throws {
    var random = RandomValues(seed: UInt64(seed) + 1000)
    var value = random.mapping(depth: 3)
    if case .mapping(let mapping) = value, mapping.entries.isEmpty { value = ["a": ["b": 1]] }
    try Self.tryEverything(YAMLEmitter(header: ["top"]).emit(value), .yaml)
    try Self.tryEverything(JSONEmitter().emit(value), .json)
  }

  static func tryEverything(_ text: String, _ format: TextFormat) throws {
    let document = DocumentReader.read(text: text, name: "f", format: format)
    let root = try #require(document.root, "\(document.diagnostics.map(\.message))")
    let values: [ConfigValue] = [7, "a: b", ["new": [1, ["x": nil]]], nil, 1e-5]
    for (number, path) in root.allPaths.enumerated() {
      let value = values[number % values.count]
      let isEntry = root.place(of: Array(path.dropLast()))?.entries != nil
      var changes: [DocumentChange] = [.replace(path, value)]
      if isEntry { changes += [.rename(path, "renamed key"), .remove(path)] }
      if root.place(of: path)?.entries != nil { changes.append(.insert(path + ["new key"], value)) }
      for change in changes {
        let after: String
        do {
          after = try Self.apply(change, to: text, format)
        } catch {
          Issue.record("\(change) is refused as \(error) in:\n\(text)")
          continue
        }
        // A line with a comment of its own stays, whatever happens elsewhere.
        if format == .yaml, text.hasPrefix("# top") { #expect(after.hasPrefix("# top")) }
      }
    }
  }
}

extension Node {
  var allPaths: [[String]] {
    switch content {
    case .scalar: []
    case .mapping(let entries):
      entries.flatMap { entry in [[entry.key]] + entry.value.allPaths.map { [entry.key] + $0 } }
    case .sequence(let items):
      items.enumerated().flatMap { index, item in [["\(index)"]] + item.allPaths.map { ["\(index)"] + $0 } }
    }
  }

  func place(of path: [String]) -> Node? {
    var node: Node? = self
    for step in path {
      node =
        node?[step]
        ?? node?.items.flatMap { items in Int(step).flatMap { items.indices.contains($0) ? items[$0] : nil } }
    }
    return node
  }
}
