import Diagnostics
import LaunchModel

/// # DATA-12: Megatron reads indexed data
///
/// ## What
/// On a cluster, pretraining data of the kinds `jsonl` and `tokens` are text that Megatron does not read: its datasets are
/// `.bin`/`.idx` pairs.
///
/// ## Why
/// The CPU engine tokenises as it reads; Megatron wants it done before.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 2}
/// dataset: {data_paths: [corpus.jsonl]}
/// ```
///
/// ## Fix
/// `moonlight-trainer prepare` writes the pair; then name its prefix.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/indexed_dataset.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
enum MegatronReadsIndexedData: Rule {
  static let code: DiagnosticCode = "DATA-12"
  static let title = "Megatron reads indexed data"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > 1 else { return }
    let kind = run.config.dataset.kind
    guard kind == .jsonl || kind == .tokens, !run.config.dataset.dataPaths.isEmpty else { return }
    report.note(
      at: Path.dataset.dataPaths, "Megatron does not read `\(kind.rawValue)` but `.bin`/`.idx` pairs",
      help: "`moonlight-trainer prepare` writes them; the CPU engine reads both",
      related: [(Path.dataset.kind, "\(kind.rawValue)")])
  }
}
