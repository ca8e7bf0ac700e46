import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Releases
import Reporting

/// `moonlight schema`: the form of launch configs.
struct Schema: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of launch configs, or lists their sections and fields.",
    discussion: """
      Put the schema beside your configs: editors with a YAML language server complete and check with it, since every \
      generated config names it in its first lines.

      EXAMPLES
        moonlight schema -o moonlight.schema.json
        moonlight schema --sections
        moonlight schema --fields parallelism
      """)

  enum Format: String, ArgumentWord {
    case json
  }

  @Option(help: "How the schema is written: JSON Schema 2020-12.")
  var format = Format.json

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  @Flag(help: "Lists the sections.")
  var sections = false

  @Option(help: ArgumentHelp("Lists the fields of a section.", valueName: "section"), completion: Completions.section)
  var fields: String?

  @Option(
    help: ArgumentHelp("The release whose fields it has; `moonlight releases` lists them.", valueName: "release"))
  var megatronBridge: Release?

  var release: Release? { megatronBridge }

  func run(in session: Session) throws -> ExitStatus {
    let style = output == nil ? session.console.outputStyle : .plain
    let text: String
    if let fields {
      guard let section = LaunchConfig.section(named: fields)?.schema else {
        throw CommandFailure.usage(
          "there is no section `\(fields)`",
          help: suggestion(for: fields, among: LaunchConfig.sections.map(\.schema.name), "sections"))
      }
      text = Self.list(of: section, in: session.release, style: style)
    } else if sections {
      text = LaunchConfig.sections.map { section in
        style.paint(section.schema.name, .strong) + "\n"
          + wrapped(section.schema.documentation, width: style.textWidth, indent: "  ")
      }.joined()
    } else {
      text = try JSONEmitter().emit(.mapping(LaunchConfigSchema.tree(for: session.release)))
    }
    try session.write(reported: text, to: output, force: overwriting.force)
    return .success
  }

  private static func list(of section: SectionSchema, in release: Release, style: TerminalStyle) -> String {
    var text = wrapped(section.documentation, width: style.textWidth)
    let defaults = LaunchConfig(for: release)
    for field in section.fields where section.declares(field, in: release) {
      let name = section.name(of: field.name, in: release)
      let value = defaults.value(at: FieldPath(section.name, field.name))?.value ?? field.defaultValue
      var facts = field.type(in: release).description
      if !field.bounds.description.isEmpty { facts += ", " + field.bounds.description }
      facts += field.isRequired ? ", required" : ", default \(FlowText.yaml(value))"
      text += "\n" + style.paint(name, .strong) + "\n" + wrapped(facts, width: style.textWidth, indent: "  ")
      text += wrapped(field.documentation, width: style.textWidth, indent: "  ")
    }
    let carried = CarriedFields.names(of: section.name, in: release)
    if !carried.isEmpty {
      text += "\n" + style.paint("Checked for their type and passed on", .strong) + "\n"
      text += wrapped(carried.joined(separator: ", "), width: style.textWidth, indent: "  ")
    }
    return text
  }
}
