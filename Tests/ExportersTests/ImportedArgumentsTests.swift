import ConfigDocument
import Exporters
import Importers
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

/// Import after export is the identity on everything that Megatron-LM's arguments can say.
@Suite("Arguments of Megatron-LM, written and read back")
struct ImportedArgumentsTests {
  private static let examples = ExportCase.all.filter(\.fitsMegatronLM)

  private func imported(_ example: ExportCase, as format: ArgumentsFormat) -> (config: LaunchConfig, found: [String]) {
    let text = MegatronLMArguments.text(of: example.config, as: format).value
    let name = format == .shell ? "arguments.sh" : format == .yaml ? "arguments.yaml" : "arguments.txt"
    let source = DocumentReader.read(text: text, name: name)
    let imported = ImportedConfig(source, for: example.release)
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }
    let cluster = Overrides([
      "cluster.num_nodes=\(example.config.cluster.numNodes)",
      "cluster.gpus_per_node=\(example.config.cluster.gpusPerNode)",
    ])
    let loaded = loader.load(imported.document, path: name, overrides: cluster)
    return (
      loaded.resolution.config,
      loaded.resolution.diagnostics.map { "\($0.code) \($0.message)" }
    )
  }

  @Test("The arguments of what was read are the arguments", arguments: examples)
  func identity(_ example: ExportCase) {
    let (config, found) = imported(example, as: .lines)
    #expect(found == [])
    let written = MegatronLMArguments.arguments(of: example.config)
    let again = MegatronLMArguments.arguments(of: config.withCanonicalLayout())
    #expect(again.problems.map(\.description) == [])
    #expect(
      ArgumentSettings(again.value, example.release).values == ArgumentSettings(written.value, example.release).values)
  }

  @Test("The three forms are read alike", arguments: examples.prefix(4))
  func forms(_ example: ExportCase) {
    let lines = imported(example, as: .lines)
    for format in [ArgumentsFormat.shell, .yaml] {
      let other = imported(example, as: format)
      #expect(other.found == [])
      #expect(other.config.tree == lines.config.tree)
    }
  }
}

/// What arguments set, by option; an option with its default sets nothing.
struct ArgumentSettings {
  let values: [String: [String]]

  init(_ arguments: [String], _ release: Release) {
    var settings: [String: [String]] = [:]
    var option = ""
    for argument in arguments {
      if argument.hasPrefix("--") {
        option = argument
        settings[option] = []
      } else {
        settings[option, default: []].append(argument)
      }
    }
    values = settings.filter { option, values in
      guard !values.isEmpty, let known = release.options[option], let fallback = ConfigValue(json: known.defaultText)
      else { return true }
      let defaults = if case .list(let items) = fallback { items } else { [fallback] }
      return defaults.map { String($0) ?? FlowText.yaml($0) } != values
    }
  }
}
