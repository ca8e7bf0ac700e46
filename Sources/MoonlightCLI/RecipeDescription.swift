import ConfigDocument
import LaunchModel
import RecipeKit
import Releases
import Reporting

/// What a recipe or a preset is and sets, line by line.
struct RecipeDescription {
  /// Beside the settings, in the order shown.
  let summaryTree: ConfigMapping
  private let name: String
  private let remarks: [String]
  /// The last value of each field, sections in the order of emission, fields in the order set.
  private let settings: [Layer.Assignment]

  init(_ recipe: Recipe, for release: Release) {
    name = recipe.name
    var tree: ConfigMapping = [
      "name": .string(recipe.name), "summary": .string(recipe.summary), "mode": recipe.mode.configValue,
      "aliases": .list(recipe.aliases.map { .string($0) }),
      "releases": .list(recipe.releases.releases.map { .string($0.megatronBridge) }),
      "model": .string(recipe.defaults.model.name),
    ]
    tree["peft"] = recipe.defaults.peft?.configValue ?? .null
    summaryTree = tree
    var remarks = [recipe.summary, "model: \(recipe.defaults.model.name)"]
    if let peft = recipe.defaults.peft { remarks.append("peft: \(peft.rawValue); `generate --peft` chooses another") }
    if recipe.releases != .all { remarks.append("for Megatron-Bridge \(recipe.releases.versions)") }
    self.remarks = remarks
    var choices = recipe.defaults
    if recipe.releases.contains(release) { choices.release = release }
    settings = Self.winners(recipe.layer(choices).assignments)
  }

  init(_ model: ModelPreset) {
    name = model.name
    summaryTree = ["name": .string(model.name), "summary": .string(model.summary), "source": .string(model.source)]
    remarks = [model.summary, "from: \(model.source)"]
    settings = Self.winners(
      model.settings.map {
        Layer.Assignment($0.path, $0.value, .recipe(name: model.name, fileID: $0.fileID, line: $0.line))
      })
  }

  private static func winners(_ assignments: [Layer.Assignment]) -> [Layer.Assignment] {
    var last: [FieldPath: Int] = [:]
    for (index, assignment) in assignments.enumerated() { last[assignment.path] = index }
    let order = LaunchConfig.sections.map(\.schema.name)
    return assignments.enumerated()
      .filter { last[$0.element.path] == $0.offset && !$0.element.path.field.isEmpty }
      .map { (section: order.firstIndex(of: $0.element.path.section) ?? order.count, offset: $0.offset, $0.element) }
      .sorted { ($0.section, $0.offset) < ($1.section, $1.offset) }
      .map(\.2)
  }

  func text(style: TerminalStyle) -> String {
    var text =
      style.paint(name, .strong) + "\n" + remarks.map { wrapped($0, width: style.textWidth, indent: "  ") }.joined()
    var section = ""
    for setting in settings {
      if setting.path.section != section {
        section = setting.path.section
        text += "\n" + style.paint(section, .strong) + "\n"
      }
      let assignment = "  \(setting.path.field): \(FlowText.yaml(setting.value))"
      let padding = String(repeating: " ", count: max(2, 52 - assignment.unicodeScalars.count))
      text += assignment + padding + style.paint(Self.place(setting.origin), .frame) + "\n"
    }
    return text
  }

  var tree: ConfigValue {
    var tree = summaryTree
    tree["settings"] = .list(
      settings.map { setting in
        [
          "path": .string(setting.path.description), "value": setting.value,
          "source": .string(Self.place(setting.origin)),
        ]
      })
    return .mapping(tree)
  }

  /// `MoonlightRecipes/MoonlightDefaults.swift:15`.
  private static func place(_ origin: Origin) -> String {
    if case .recipe(_, let fileID, let line) = origin { "\(fileID):\(line)" } else { origin.description }
  }
}
