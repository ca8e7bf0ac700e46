import Diagnostics
import LaunchModel

/// # TOK-05: bytes are tokens on the CPU engine only
///
/// ## What
/// `ByteLevelTokenizer` is built into the CPU engine of this package; Megatron does not know it.
///
/// ## Why
/// A config made for a smoke run here would end on a cluster when its tokenizer is built.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 1, gpus_per_node: 8}
/// tokenizer: {tokenizer_type: ByteLevelTokenizer}
/// ```
///
/// ## Fix
/// A tokenizer of the model's, or `NullTokenizer` for data that are tokens already.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/config.py`.
enum BytesAreForOneProcess: Rule {
  static let code: DiagnosticCode = "TOK-05"
  static let title = "bytes are tokens on the CPU engine only"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > 1, run.config.tokenizer.tokenizerType == .byteLevel else { return }
    report.warning(
      at: Path.tokenizer.tokenizerType,
      "Megatron has no `ByteLevelTokenizer`; this config asks for \(run.worldSize) GPUs, but can only run on the CPU engine",
      related: [(Path.cluster.gpusPerNode, "\(run.worldSize) GPUs")])
  }
}
