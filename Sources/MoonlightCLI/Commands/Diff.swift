import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Reporting
import Validation

/// `moonlight diff`: what differs between two configs, and what follows.
struct Diff: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two configs: values with their origins, and what follows from them.",
    discussion: """
      EXAMPLES
        moonlight diff pretrain.yaml pretrain-pp4.yaml
        moonlight diff moonlight_16b_pretrain_config pretrain.yaml

      Exit status: 0, also where they differ; with --exit-code 1 where they differ.
      """)

  enum Format: String, ArgumentWord {
    case text, json
  }

  @Argument(
    help: ArgumentHelp("A config, or the name of a recipe.", valueName: "a"), completion: Completions.configOrRecipe)
  var left: String

  @Argument(help: ArgumentHelp("The one to compare it with.", valueName: "b"), completion: Completions.configOrRecipe)
  var right: String

  @Option(help: "How it is written.")
  var format = Format.text

  @Flag(help: "Ends with status 1 where they differ.")
  var exitCode = false

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    var opened: [ConfigInputs.Opened] = []
    for path in [left, right] {
      let config = try session.openOrFail(path, overrides: Overrides(cluster))
      if config.loaded.document.isUnreadable {
        session.console.complain(
          TextReport(style: session.console.errorStyle, width: session.console.width).text(of: config.diagnostics))
        return .notAConfig
      }
      if config.hasErrors {
        session.console.complain("note: `\(path)` has errors; `moonlight validate` shows them\n")
      }
      opened.append(config)
    }
    let difference = ConfigDifference(opened[0].run, opened[1].run)
    switch format {
    case .text: session.console.write(text(of: difference, style: session.console.outputStyle))
    case .json: session.console.write(document: try JSONEmitter().emit(tree(of: difference)))
    }
    return exitCode && !difference.isEmpty ? .failure : .success
  }

  private func text(of difference: ConfigDifference, style: TerminalStyle) -> String {
    var text = ""
    for change in difference.fields {
      text += style.paint(change.path.description, .strong) + "\n"
      text += style.paint("- " + shown(change.left), .removed) + "\n"
      text += style.paint("+ " + shown(change.right), .added) + "\n"
    }
    if !difference.consequences.isEmpty {
      text += "\n" + style.paint("What follows", .strong) + "\n"
      for change in difference.consequences {
        text += "  \(change.name): \(change.left.map(FlowText.yaml) ?? "undefined")"
        text += " -> \(change.right.map(FlowText.yaml) ?? "undefined")\n"
      }
    }
    return text
  }

  private func shown(_ side: ConfigDifference.Side?) -> String {
    side.map { "\(FlowText.yaml($0.value))  (\($0.origin.description))" } ?? "not set"
  }

  private func tree(of difference: ConfigDifference) -> ConfigValue {
    [
      "same": .bool(difference.isEmpty),
      "fields": .list(
        difference.fields.map { change in
          ["path": .string(change.path.description), "a": side(change.left), "b": side(change.right)]
        }),
      "derived": .list(
        difference.consequences.map { change in
          ["name": .string(change.name), "a": change.left ?? .null, "b": change.right ?? .null]
        }),
    ]
  }

  private func side(_ side: ConfigDifference.Side?) -> ConfigValue {
    side.map { ["value": $0.value, "origin": .string($0.origin.description)] } ?? .null
  }
}
