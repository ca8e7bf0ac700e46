import Diagnostics
import LaunchModel

/// # DIM-04: the width of dense layers divides by the tensor size
///
/// ## What
/// Where the model has a dense layer, `ffn_hidden_size` (null: `4 * hidden_size`) must be a multiple of
/// `tensor_model_parallel_size`.
///
/// ## Why
/// The MLP's matrices are cut into equal columns and rows.
///
/// ## Example
/// ```yaml
/// model: {ffn_hidden_size: 11265}
/// parallelism: {tensor_model_parallel_size: 2}
/// ```
///
/// ## Fix
/// Take a TP that divides the width, or another width.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`; Transformer Engine's linear layers.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DenseWidthDividesByTensorSize: Rule {
  static let code: DiagnosticCode = "DIM-04"
  static let title = "the width of dense layers divides by the tensor size"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (width, tensor) = (run.architecture.ffnHiddenSize, run.sizes.tensor)
    guard run.hasDenseLayer, width % tensor != 0 else { return }
    report.error(
      at: Path.model.ffnHiddenSize,
      """
      ffn_hidden_size \(width) / TP \(tensor) = \(Help.quotient(width, tensor)), but the dense layers' matrices are \
      cut \
      into equal parts
      """,
      help:
        """
        \(ParallelSize.tensor.divisorHelp(of: width, "it", run)); nearest widths: \
        \(Help.multiples(of: tensor, near: width))
        """,
      related: [(Path.parallelism.tensorModelParallelSize, "TP \(tensor)")])
  }
}
