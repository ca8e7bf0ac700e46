import Diagnostics
import LaunchModel

/// # MOE-04: the pattern of MoE layers
///
/// ## What
/// `moe_layer_freq` is a number n of at least 1 (layers 0, n, 2n, … are MoE) or a list with a 1 (MoE) or a 0 (dense)
/// for each of `num_layers` layers. The form `"[0]*1+[1]*26"` belongs to Megatron-LM's command line.
///
/// ## Why
/// Megatron notices when it builds the model; 0 divides by zero. A list is checked for a dense model, too.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27, moe_layer_freq: [0, 1, 1]}
/// ```
///
/// ## Fix
/// Write one entry for each layer.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_layer_specs.py`, `get_gpt_decoder_layer_specs`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayerPattern: Rule {
  static let code: DiagnosticCode = "MOE-04"
  static let title = "the pattern of MoE layers"
  static let errorsDependOn: PlanAspects = []

  /// A longer list is a slip in `num_layers`: trying it out in the file would take a second for nothing.
  private static let mostEntriesWritten = 4096

  static func check(_ run: RunFacts, _ report: inout Report) {
    let layers = run.architecture.numLayers
    // A pattern that Megatron can read has been read; a dense model's is checked all the same.
    guard run.architecture.moeLayers == nil || run.config.model.numMoEExperts == nil else { return }
    let path = Path.model.moeLayerFrequency
    switch run.config.model.moeLayerFrequency {
    case .one(let every):
      guard every < 1 else { return }
      report.error(
        at: path,
        "moe_layer_freq \(every) divides by zero: it is how many layers there are from one MoE layer to the next",
        help: "1 makes every layer MoE; a list of 0 and 1 chooses them")
    case .many(let pattern):
      if pattern.count != layers {
        // A long pattern that starts with dense layers most likely means the same for the new depth.
        let dense = pattern.prefix { $0 == 0 }.count
        let regular =
          !pattern.isEmpty && pattern.dropFirst(dense).allSatisfy { $0 == 1 } && dense <= layers && layers <= 1 << 20
        let meant = Array(repeating: 0, count: dense) + Array(repeating: 1, count: max(0, layers - dense))
        report.error(
          at: path, "moe_layer_freq lists \(Help.count(pattern.count, "layer")), but num_layers is \(layers)",
          help: "write \(layers) entries" + (regular ? ": \(dense) dense, then \(layers - dense) MoE" : ""),
          related: [run.layersRelated],
          fix: regular && layers <= mostEntriesWritten
            ? .unsafe("write \(layers) entries", (path, meant.configValue)) : nil)
      } else if let index = pattern.firstIndex(where: { $0 != 0 && $0 != 1 }) {
        report.error(
          at: path, "moe_layer_freq has \(pattern[index]) for layer \(index), but a layer is MoE (1) or dense (0)",
          help: "write 0 and 1 only")
      }
    }
  }
}
