import Diagnostics
import LaunchModel

/// # VOCAB-03: the vocabulary divides by the tensor size
///
/// ## What
/// `model.vocab_size`, where it is written, must be a multiple of `tensor_model_parallel_size`: it is not padded. With
/// `tokenizer.use_tokenizer_vocab_size` (0.6.2) it is passed over.
///
/// ## Why
/// Embedding and head are cut into equal numbers of rows. `make_vocab_size_divisible_by` has no effect on a vocabulary
/// that is written, so 163842 is refused with TP 4.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: 163842}
/// parallelism: {tensor_model_parallel_size: 4}
/// ```
///
/// ## Fix
/// Round it up to a multiple of TP.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`, `VocabParallelEmbedding`; megatron-bridge 0.3.1
///   `training/setup.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `_validate_and_set_vocab_size`.
enum VocabularyDividesByTensorSize: Rule {
  static let code: DiagnosticCode = "VOCAB-03"
  static let title = "the vocabulary divides by the tensor size"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let tensor = run.sizes.tensor
    guard let rows = run.config.model.vocabSize, rows % tensor != 0,
      !run.config.tokenizer.isOn("use_tokenizer_vocab_size")
    else { return }
    // Too small for the tokenizer is VOCAB-01's, which offers a number that divides as well.
    if let entries = run.config.tokenizer.vocabSize, rows < entries { return }
    let above = Help.neighbours(of: rows, multipleOf: tensor).above
    report.error(
      at: Path.model.vocabSize,
      """
      vocab_size \(rows) / TP \(tensor) = \(Help.quotient(rows, tensor)), but embedding and head are cut into equal \
      numbers of rows, and a vocab_size that is written is not padded
      """,
      help: "the next multiple is \(above)",
      related: [(Path.parallelism.tensorModelParallelSize, "TP \(tensor)")],
      fix: .unsafe("make it \(above)", (Path.model.vocabSize, .int(above))))
  }
}
