import Diagnostics
import LaunchModel

/// # MOE-34: the pattern of MoE layers is not the released checkpoint's
///
/// ## What
/// Where a run starts from pretrained weights and the model has the shape of a released one, `moe_layer_freq` should
/// have that model's dense layers at the front: one in Moonlight, DeepSeek-V2-Lite and Kimi K2, three in DeepSeek-V3.
///
/// ## Why
/// A layer that is MoE here and dense in the checkpoint finds no weights there.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27, hidden_size: 2048, num_moe_experts: 64, moe_layer_freq: 1}   # layer 0 is dense in Moonlight
/// checkpoint: {pretrained_checkpoint: /checkpoints/moonlight}
/// ```
///
/// ## Fix
/// Write the pattern of the checkpoint.
///
/// ## Source
/// `first_k_dense_replace` of the published configs.
enum PatternOfReleasedModel: Rule {
  static let code: DiagnosticCode = "MOE-34"
  static let title = "the pattern of MoE layers is not the released checkpoint's"
  static let errorsDependOn: PlanAspects = []

  private struct Released {
    let names: [String]
    let layers: Int
    let hidden: Int
    let experts: Int
    let dense: Int
  }

  private static let released = [
    Released(names: ["Moonlight-16B-A3B", "DeepSeek-V2-Lite"], layers: 27, hidden: 2048, experts: 64, dense: 1),
    Released(names: ["DeepSeek-V3"], layers: 61, hidden: 7168, experts: 256, dense: 3),
    Released(names: ["Kimi-K2"], layers: 61, hidden: 7168, experts: 384, dense: 1),
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.checkpoint.pretrainedCheckpoint != nil, let pattern = run.architecture.moeLayers else { return }
    let shape = run.architecture
    let model = released.first {
      $0.layers == shape.numLayers && $0.hidden == shape.hiddenSize && $0.experts == shape.numMoEExperts
    }
    guard let model, pattern.prefix(model.dense).contains(true) || pattern.dropFirst(model.dense).contains(false) else {
      return
    }
    let meant = Array(repeating: 0, count: model.dense) + Array(repeating: 1, count: model.layers - model.dense)
    let (have, their) = model.names.count == 1 ? ("has", "its") : ("have", "their")
    report.warning(
      at: Path.model.moeLayerFrequency,
      """
      \(model.names.joined(separator: " and ")) \(have) \(Help.count(model.dense, "dense layer")) at the front and \
      \(model.layers - model.dense) MoE layers; moe_layer_freq makes another model, into which \(their) weights do not fit
      """,
      help: "write \(model.dense) x 0, then \(model.layers - model.dense) x 1",
      related: [(Path.checkpoint.pretrainedCheckpoint, "the weights to start from")],
      fix: .unsafe("write the checkpoint's pattern", (Path.model.moeLayerFrequency, meant.configValue)))
  }
}
