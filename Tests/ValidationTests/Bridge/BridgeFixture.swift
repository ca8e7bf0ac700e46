import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing

@testable import Validation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that Megatron-Bridge wrote, and what it said of them when it read them again.
enum BridgeFixture {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Fixtures/bridge/"

  static func text(_ name: String) throws -> String {
    let file = try #require(fopen(folder + name, "r"), "\(name) cannot be read")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  static func diagnostics(_ text: String, overrides: [String] = [], name: String = "dump.yaml") -> [Diagnostic] {
    let (loaded, run) = load(text, overrides: overrides, name: name)
    return Validator.diagnostics(loaded, run)
  }

  static func config(_ text: String) -> LaunchConfig {
    load(text, overrides: [], name: "dump.yaml").0.resolution.config
  }

  private static func load(_ text: String, overrides: [String], name: String) -> (ConfigLoader.LoadedConfig, RunFacts) {
    load(DocumentReader.read(text: text, name: name), overrides: overrides)
  }

  private static func load(
    _ document: ParsedDocument, overrides: [String]
  ) -> (ConfigLoader.LoadedConfig, RunFacts) {
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }
    return Validator.onLikelyGPUs(
      loader.load(document, path: document.file.name, overrides: Overrides(overrides)))
  }

  /// What this package says of a case.
  struct Outcome: Sendable {
    let item: Case
    /// On the machines that the case names.
    let errors: [Diagnostic]
    /// Where the file alone says everything; `nil` for what starts nowhere, or has no meaning where it starts.
    let errorsWithoutMachines: [Diagnostic]?

    fileprivate init(_ item: Case) {
      self.item = item
      let document = DocumentReader.read(text: item.text, name: "dump.yaml")
      errors = BridgeFixture.errors(document, overrides: item.machines)
      errorsWithoutMachines = item.isAccepted && !item.isHole ? BridgeFixture.errors(document, overrides: []) : nil
    }
  }

  /// Worked out once for all tests.
  static let outcomes = Result { try cases().concurrentMap { Outcome($0) } }

  private static func errors(_ document: ParsedDocument, overrides: [String]) -> [Diagnostic] {
    let (loaded, run) = load(document, overrides: overrides)
    return Validator.errors(loaded, run, withFixes: false)
  }

  /// One dump with the verdict of the real start-up, as `Tests/Reference/bridge_cases.py` recorded it.
  struct Case: Sendable {
    let id: String
    let base: String
    let machines: [String]
    let edits: [Edit]
    /// The base's lines with the edits. A line that never loads is left out of both.
    let text: String
    let isAccepted: Bool
    let isHole: Bool
    let rule: String?
    let refusal: String

    struct Edit: Sendable {
      let line: Int
      let removed: Int
      let inserted: [String]
    }
  }

  private static func cases() throws -> [Case] {
    var bases: [String: [String]] = [:]
    return try text("cases.jsonl").split(separator: "\n").map { line in
      let value = DocumentReader.read(text: String(line), name: "case", format: .json).root?.plainValue
      return try #require(
        Case(value) { base in
          if let lines = bases[base] { return lines }
          let lines = try text("base_\(base).yaml").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init).filter { !$0.hasPrefix("  params_to_save:") }
          bases[base] = lines
          return lines
        })
    }
  }
}

extension BridgeFixture.Case {
  /// - Parameter lines: those of a base.
  fileprivate init?(_ value: ConfigValue?, lines: (String) throws -> [String]) rethrows {
    guard case .mapping(let fields)? = value, let id = fields["id"].flatMap(String.init),
      let base = fields["base"].flatMap(String.init), let nodes = fields["num_nodes"].flatMap(Int.init),
      let gpus = fields["gpus_per_node"].flatMap(Int.init), case .list(let edits)? = fields["edits"]
    else { return nil }
    self.id = id
    self.base = base
    machines = ["cluster.num_nodes=\(nodes)", "cluster.gpus_per_node=\(gpus)"]
    self.edits = edits.compactMap { edit in
      guard case .list(let parts) = edit, parts.count == 3, let line = Int(parts[0]), let removed = Int(parts[1]),
        let inserted = [String](parts[2])
      else { return nil }
      return Edit(line: line, removed: removed, inserted: inserted)
    }
    var text = try lines(base)
    for edit in self.edits.reversed() {
      text.replaceSubrange(edit.line..<(edit.line + edit.removed), with: edit.inserted.map { String($0.dropLast()) })
    }
    self.text = text.joined(separator: "\n")
    isAccepted = fields["ok"] == .bool(true)
    isHole = fields["hole"] != nil
    rule = fields["rule"].flatMap(String.init)
    refusal = ["rule", "phase", "error"].compactMap { fields[$0].flatMap(String.init) }.joined(separator: " ")
  }
}
