import CommandSupport
import ConfigDocument
import LaunchModel
import MoonlightRecipes
import Topology

/// What `--layout` can be: a word that stands for a layout, or the layout itself.
enum LayoutChoice: Equatable {
  case balanced
  case even
  case documented
  /// Counts or Megatron's string.
  case written(String)

  init(_ text: String) {
    switch text {
    case "balanced", "auto": self = .balanced
    case "even": self = .even
    case "documented": self = .documented
    default: self = .written(text)
    }
  }

  /// The field's value for the stages that a config asks for.
  ///
  /// - Throws: where nothing that Megatron accepts is documented for them.
  func value(for config: LaunchConfig) throws(CommandFailure) -> ConfigValue {
    switch self {
    case .balanced: PipelineLayoutText.automatic.configValue
    case .even: .null
    case .written(let text): .string(text)
    case .documented: try Self.documented(for: config)
    }
  }

  private static func documented(for config: LaunchConfig) throws(CommandFailure) -> ConfigValue {
    let pipeline = config.parallelism.pipelineModelParallelSize
    let virtualPipeline = config.parallelism.virtualPipelineModelParallelSize ?? 1
    if pipeline == 1, virtualPipeline == 1 { return .null }
    let here = "PP \(pipeline)" + (virtualPipeline > 1 ? ", VP \(virtualPipeline)" : "")
    guard config.model.numLayers == DocumentedLayouts.numLayers else {
      throw .usage(
        "the documented layouts are for \(DocumentedLayouts.numLayers) layers; "
          + "this model has \(config.model.numLayers)",
        help: "use `--layout balanced`")
    }
    switch DocumentedLayouts.lookup(pipeline: pipeline, virtualPipeline: virtualPipeline) {
    case .counts(let counts): return .string(counts)
    case .refused(let counts, let slots):
      throw .usage(
        "the documented layout for \(here) is \(counts): \(slots) slots cannot hold 27 layers, and Megatron refuses it",
        help: balancedHelp(config))
    case .undocumented: throw .usage("no layout is documented for \(here)", help: balancedHelp(config))
    }
  }

  private static func balancedHelp(_ config: LaunchConfig) -> String {
    let layout = (try? config.balancedLayout()).flatMap { $0 }?.layout.megatronString
    return "use `--layout balanced`" + (layout.map { ", which is \($0)" } ?? "")
  }
}
