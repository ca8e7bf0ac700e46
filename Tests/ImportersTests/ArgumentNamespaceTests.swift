import ConfigDocument
import Diagnostics
import Foundation
import LaunchModel
import Releases
import Testing

@testable import Importers

/// Argument lists that nobody wrote, with what the real parser of each release makes of them
/// (`Tests/Reference/argument_namespaces.py`).
@Suite("Megatron-LM's parser and ours")
struct ArgumentNamespaceTests {
  struct Recorded: Decodable {
    let words: [String]
    let refused: Bool?
    let set: [String: Value]?
  }

  /// A value of JSON.
  enum Value: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let flag = try? container.decode(Bool.self) {
        self = .bool(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .list(try container.decode([Value].self))
      }
    }

    init(_ value: ConfigValue) {
      switch value {
      case .null: self = .null
      case .bool(let flag): self = .bool(flag)
      case .int(let number): self = .number(Double(number))
      case .float(let number): self = .number(number)
      case .string(let text): self = .text(text)
      case .list(let items): self = .list(items.map(Value.init))
      case .mapping: self = .null
      }
    }
  }

  private static func lists(of release: Release) throws -> [Recorded] {
    let environment = ProcessInfo.processInfo.environment
    var file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/arguments/\(release.megatronBridge).jsonl")
    if let other = environment["MOONLIGHT_ARGUMENT_LISTS"] {
      file = URL(filePath: other)
      guard file.lastPathComponent.hasPrefix(release.megatronBridge) else { return [] }
    }
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Recorded.self, from: Data($0.utf8))
    }
  }

  @Test("Every list has the same values, or is refused by both", arguments: Release.all)
  func namespaces(release: Release) throws {
    // Of several options with one destination, the parser takes the default of the first.
    let defaults = Dictionary(grouping: release.options.names.compactMap { release.options[$0] }, by: \.destination)
      .mapValues { $0.compactMap(Self.defaultValue) }
    for (number, list) in try Self.lists(of: release).enumerated() {
      let (set, errors) = read(list.words, release)
      let label = "\(release.megatronBridge), list \(number + 1): \(list.words)"
      if list.refused == true {
        #expect(!errors.isEmpty, "accepted: \(label)")
      } else {
        #expect(errors == [], "refused: \(label)")
        // Of options that are given the parser keeps notes for itself, in attributes with an underscore.
        let attributes = Swift.Set(list.set?.keys.map(\.self) ?? []).union(set.keys).filter { !$0.hasPrefix("_") }
        for name in attributes.sorted() {
          let (real, ours) = (list.set?[name], set[name])
          let isDefault = real == nil && ours.map { defaults[name]?.contains($0) ?? false } ?? true
          #expect(isDefault || real == ours, "\(name) of \(label)")
        }
      }
    }
  }

  /// The attributes that a list sets.
  private func read(_ words: [String], _ release: Release) -> (set: [String: Value], errors: [String]) {
    let node = Node(
      .sequence(words.enumerated().map { Node(.scalar(Scalar($1, .quoted)), SourceRange($0, $0 + 1)) }),
      SourceRange(0, words.count))
    let text = SourceFile(name: "list.yaml", text: String(repeating: " ", count: words.count))
    let reader = OptionReader(
      ArgumentFile(ParsedDocument(file: text, root: node, diagnostics: []), sourcing: { _ in nil }), for: release)
    var set: [String: Value] = [:]
    for given in reader.given.values.sorted(by: { $0.name.range.start < $1.name.range.start }) {
      let value = Self.value(of: given)
      set[given.option.destination] = value
    }
    return (set, reader.diagnostics.filter { $0.severity == .error }.map(\.message))
  }

  private static func value(of given: GivenOption) -> Value {
    let option = given.option
    if let flag = given.flag { return .bool(flag) }
    let values = given.values.map { ImportedFields.value(of: $0.text, option.takes.kind) }
    if option.isLayerPattern, let pattern = values.first.flatMap(ImportedFields.pattern) { return Value(pattern) }
    if option.isTuple, let tuple = values.first.flatMap(ImportedFields.tuple) { return Value(tuple) }
    return option.takes.count == 1...1 ? Value(values[0]) : .list(values.map(Value.init))
  }

  private static func defaultValue(of option: CommandLineOption) -> Value? {
    ConfigValue(json: option.defaultText).map(Value.init)
  }
}
