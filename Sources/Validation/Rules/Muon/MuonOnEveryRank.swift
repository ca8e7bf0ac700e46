import Diagnostics
import LaunchModel

/// # MUON-12: Muon finds a matrix on every pipeline rank
///
/// ## What
/// With Muon, every pipeline rank must hold at least one decoder or MTP layer.
///
/// ## Why
/// Muon takes the matrices of layers and leaves embedding and head to Adam. A rank with the embedding or the head alone
/// gives it an empty list, which its constructor refuses.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon}
/// parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: Et*27|L}
/// ```
///
/// ## Fix
/// Give every rank a layer.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
enum MuonOnEveryRank: Rule {
  static let code: DiagnosticCode = "MUON-12"
  static let title = "Muon finds a matrix on every pipeline rank"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer.isMuon, run.sizes.pipeline > 1, let map = run.stages else { return }
    let busy = Set(map.stages.lazy.filter { $0.numLayers > 0 || $0.mtp > 0 }.map(\.pp))
    guard let idle = (0..<map.pipeline).first(where: { !busy.contains($0) }) else { return }
    report.error(
      at: Path.optimizer.optimizer,
      "\(run.config.optimizer.optimizer.rawValue) needs a layer on every pipeline rank, but rank \(idle) of PP \(map.pipeline) holds none",
      help: "give every rank a layer, or use adam",
      related: [run.pipelineRelated, run.layersRelated] + (run.layout == nil ? [] : [run.layoutRelated]))
  }
}
