import ConfigDocument
import LaunchModel

/// A command line as ArgumentParser describes it to programs.
struct ToolDescription {
  let root: Command

  struct Command {
    /// With those above it: `moonlight generate pretrain`.
    let words: [String]
    let abstract: String
    let discussion: String
    let options: [Option]
    let subcommands: [Command]

    var name: String { words.joined(separator: " ") }
    /// As manuals are named: `moonlight-generate-pretrain`.
    var page: String { words.joined(separator: "-") }
    /// This and all below it.
    var all: [Command] { [self] + subcommands.flatMap(\.all) }
  }

  struct Option {
    enum Kind: String { case positional, option, flag }

    let kind: Kind
    /// With their dashes.
    let names: [String]
    let value: String
    let help: String
    let group: String
    let defaultValue: String?
    let words: [String]
    let isOptional: Bool
    let isRepeating: Bool
  }

  /// - Parameter json: `--experimental-dump-help` of a tool.
  /// - Throws: ``RuleComments/Complaint`` where it has another form.
  init(json: String) throws {
    guard let tree = ConfigValue(json: json), let command = tree["command"] else {
      throw RuleComments.Complaint("ArgumentParser describes commands in another form")
    }
    root = Self.command(command, below: [])
  }

  private static func command(_ tree: ConfigValue, below words: [String]) -> Command {
    let words = words + [tree["commandName"]?.text ?? ""]
    let subcommands = (tree["subcommands"]?.items ?? []).filter { $0["commandName"]?.text != "help" }
    return Command(
      words: words, abstract: tree["abstract"]?.text ?? "", discussion: tree["discussion"]?.text ?? "",
      options: (tree["arguments"]?.items ?? []).filter { $0["shouldDisplay"] == .bool(true) }.compactMap(option),
      subcommands: subcommands.map { command($0, below: words) })
  }

  private static func option(_ tree: ConfigValue) -> Option? {
    guard let kind = tree["kind"]?.text.flatMap(Option.Kind.init) else { return nil }
    let names = (tree["names"]?.items ?? []).compactMap { name in
      name["name"]?.text.map { (name["kind"]?.text == "long" ? "--" : "-") + $0 }
    }
    return Option(
      kind: kind, names: names, value: tree["valueName"]?.text ?? "", help: tree["abstract"]?.text ?? "",
      group: tree["sectionTitle"]?.text ?? "", defaultValue: tree["defaultValue"]?.text,
      words: (tree["allValues"]?.items ?? []).compactMap(\.text), isOptional: tree["isOptional"] == .bool(true),
      isRepeating: tree["isRepeating"] == .bool(true))
  }
}

extension ConfigValue {
  fileprivate var items: [ConfigValue]? { if case .list(let items) = self { items } else { nil } }
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate subscript(_ key: String) -> ConfigValue? {
    if case .mapping(let mapping) = self { mapping[key] } else { nil }
  }
}
