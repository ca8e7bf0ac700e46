import Diagnostics
import LaunchModel
import Releases

/// # PACK-05: packing beforehand is switched on with all it needs
///
/// ## What
/// `dataset.enable_offline_packing` and a `packed_sequence_size` above 0 go together, exclude `enable_in_batch_packing`, and
/// `max_single_sequence_length` is in between 1 and that size. `pad_cu_seqlens` needs packs padded to one length
/// (`dataset_kwargs: {pad_to_max_length: true}`, which an export writes unless it is false), and so does a CUDA graph; one
/// that holds attention needs `pad_cu_seqlens` as well.
///
/// ## Why
/// A switch without sizes, or sizes without the switch, would leave open which of them was meant.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, enable_offline_packing: true, packed_sequence_size: 0}
/// ```
///
/// ## Fix
/// Write `packed_sequence_size` alone: the switch follows from it.
///
/// ## Source
/// - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `ConfigContainer.validate`; `data/packing/config.py`;
///   `data/builders/gpt_sft.py`.
enum PackingIsSwitchedOn: Rule {
  static let code: DiagnosticCode = "PACK-05"
  static let title = "packing beforehand is switched on with all it needs"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  private static let switchPath = FieldPath("dataset", "enable_offline_packing")
  private static let longestPath = FieldPath("dataset", "max_single_sequence_length")
  private static let paddedPath = FieldPath("dataset", "pad_cu_seqlens")
  private static let argumentsPath = FieldPath("dataset", "dataset_kwargs")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.kind == .sft else { return }
    let size = dataset.packedSequenceSize
    if !dataset.storage.carried.isEmpty { fields(run, &report) }
    guard size > 0 else { return }
    graphs(run, &report)
  }

  private static func fields(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let (size, sizePath) = (dataset.packedSequenceSize, Path.dataset.packedSequenceSize)
    let isOn = dataset.carried(switchPath.field)
    if isOn == .bool(true), size < 1 {
      report.error(
        at: sizePath, "examples are to be packed, but to \(size) tokens", help: "at least the longest example",
        related: [(switchPath, "on")], fix: .unsafe("do not pack", (switchPath, nil)))
    } else if isOn == .bool(false), size > 0 {
      report.error(
        at: switchPath, "packs have \(size) tokens, but packing is switched off", help: "remove the switch",
        related: [(sizePath, "\(size)")], fix: .unsafe("remove the switch", (switchPath, nil)))
    }
    if let longest = dataset.integer(longestPath.field), size > 0, longest < 1 || longest > size {
      report.error(
        at: longestPath, "the longest example of a pack has \(longest) tokens; a pack has \(size)",
        help: "between 1 and \(size)", related: [(sizePath, "\(size)")],
        fix: .unsafe("remove it", (longestPath, nil)))
    }
    if size > 0, dataset.packSequencesInBatch || dataset.isOn("enable_in_batch_packing") {
      report.error(
        at: sizePath, "examples are to be packed beforehand and within each batch", help: "keep one of the two",
        related: [(Path.dataset.packSequencesInBatch, "on")])
    }
    if size > 0, dataset.isOn(paddedPath.field), isPaddingOff(dataset) {
      report.error(
        at: paddedPath, "packs with padded boundaries are of one length, but `pad_to_max_length` is off",
        related: [(argumentsPath, "off")])
    }
  }

  /// Padding packs to one length is written by an export, unless the config says otherwise.
  private static func isPaddingOff(_ dataset: Section<DatasetFields>) -> Bool {
    guard case .mapping(let arguments)? = dataset.carried(argumentsPath.field) else { return false }
    return arguments["pad_to_max_length"] == .bool(false)
  }

  private static func graphs(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.cudaGraphImplementation != "none", let graph = try? CapturedGraph(run),
      graph.kind == .transformerEngine || graph.isFullIteration
    else { return }
    let path = Path.model.cudaGraphImplementation
    if isPaddingOff(run.config.dataset) {
      report.error(
        at: path, "a graph's packs are of one length, but `pad_to_max_length` is off", related: [(argumentsPath, "off")]
      )
    } else if graph.isWhole || graph.modules.contains("attn"), !run.config.dataset.isOn(paddedPath.field) {
      report.error(
        at: path, "a graph that holds attention needs packs with padded boundaries", help: "`pad_cu_seqlens: true`",
        related: [(paddedPath, "off"), (Path.dataset.packedSequenceSize, "packs")],
        fix: .unsafe("pad the boundaries", (paddedPath, true)))
    }
  }
}
