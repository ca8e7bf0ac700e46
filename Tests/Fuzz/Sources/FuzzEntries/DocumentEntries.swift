import ConfigDocument
import Diagnostics
import Reporting

extension FuzzEntry {
  /// YAML and JSON by themselves.
  static let documents: [FuzzEntry] = [
    FuzzEntry("yaml", seeds: yamlSeeds, tokens: yamlTokens) { try checkDocument($0, .yaml) },
    FuzzEntry("json", seeds: SeedFiles.all(in: "Examples", endings: ["pretrain.json"]) + jsonTexts, tokens: yamlTokens)
    {
      try checkDocument($0, .json)
    },
    FuzzEntry("edits", seeds: yamlTexts + jsonTexts, tokens: yamlTokens) { try checkEdits($0) },
  ]

  static let yamlSeeds = SeedFiles.all(in: "Examples", endings: [".yaml"]) + yamlTexts

  private static let yamlTexts: [[UInt8]] = [
    "a: &x {k: 1}\nb: &y [*x, *x]\nc:\n  <<: [*x, {l: 2}]\n  m: !!float 3\n? z\n: |+\n  text\n\n'q': \"\\u00e9\\x41\"\n",
    "\u{FEFF}%YAML 1.1\n---\né: ü\u{85}\u{2028}\n- 😀\n...\n--- {a: b}\n",
    "model: # one\n  num_layers: 27\n\n  moe: [1, 2,\n    3]\n# end\n", "- - - a\n    - b\n",
  ].map { Array($0.utf8) }

  private static let jsonTexts: [[UInt8]] = [
    "{\"a\": [1, -2.5e3, \"\\ud83d\\ude00\", {\"b\": null}], \"c\": true}",
    "{\r\n  \"model\": {\"num_layers\": 27}\r\n}\r\n",
  ].map { Array($0.utf8) }

  static let yamlTokens = [
    "[", "]", "{", "}", ":", ": ", "- ", "? ", "#", " #", "&a", "*a", "!!int ", "!x ", "|", ">", "'", "\"", "%", "@",
    "`",
    "\t", "\n", "\n\n", "\r\n", "\r", "  ", ",", "<<: ", "---\n", "...\n", "\\", "\u{85}", "\u{2028}", "\u{FEFF}", "é",
    "😀",
    "\0", "%TAG ! x\n", "1e5", "~", "=", "\\u12", "\\x", "//", "/*", "null", "true", "\u{1B}[31m", "\u{202E}",
  ]

  private static func checkDocument(_ bytes: [UInt8], _ format: TextFormat) throws {
    let document = DocumentReader.read(bytes: bytes, name: "f", format: format)
    try promise(document.root != nil || !document.diagnostics.isEmpty, "no root and no reason")
    try checkReports(document.diagnostics, document.file)
    guard let value = document.root?.plainValueOrNil else { return }
    let again = DocumentReader.read(text: YAMLEmitter().emit(value), name: "f.yaml")
    try promise(again.root != nil, "what was read cannot be written and read again")
  }

  private static func checkEdits(_ bytes: [UInt8]) throws {
    let document = DocumentReader.read(bytes: bytes, name: "f")
    guard let entries = document.root?.entries else { return }
    // Each edit is checked by the editor itself; here it only must not trap.
    let editor = DocumentEditor(document)
    for entry in entries.prefix(4) {
      _ = try? editor.remove([entry.key])
      _ = try? editor.replace([entry.key], with: "x: y")
      _ = try? editor.rename([entry.key], to: "other")
      _ = try? editor.insert([entry.key, "new"], 1)
    }
  }

  /// Every place lies in its text, and every format can show it.
  static func checkReports(_ diagnostics: [Diagnostic], _ file: SourceFile) throws {
    for diagnostic in diagnostics {
      for location in [diagnostic.location] + diagnostic.related.map(\.location) {
        guard let location else { continue }
        let length = location.file.text.utf8.count
        // Where bytes that are no UTF-8 stood, the range is that of their replacement.
        try promise(
          location.range.start >= 0 && location.range.end <= length + 3, "\(diagnostic.code) lies outside its text")
      }
      try promise(!diagnostic.message.isEmpty, "\(diagnostic.code) says nothing")
    }
    // Showing takes longer than finding: of many findings some are shown, and to programs only now and then.
    let text = TextReport(width: 40).text(of: Array(diagnostics.prefix(8)))
    try promise(ShownText.of(text) == text || text.unicodeScalars.contains("\u{1B}") == false, "an escape in a report")
    guard file.text.utf8.count % 8 == 0 else { return }
    let report = FileReport(name: file.name, diagnostics: diagnostics, derived: nil)
    _ = JSONReport.text(of: [report])
    _ = SARIFReport.text(of: [report], version: "0")
    _ = GitHubReport.text(of: [report])
  }
}

extension Node {
  fileprivate var plainValueOrNil: ConfigValue? {
    switch content {
    case .scalar(let scalar): return scalar.value(in: .v1_2)
    case .sequence(let items): return .list(items.compactMap(\.plainValueOrNil))
    case .mapping(let entries):
      return .mapping(
        ConfigMapping(
          entries.compactMap { entry in
            entry.value.plainValueOrNil.map { ConfigMapping.Entry(entry.key, $0) }
          }))
    }
  }
}
