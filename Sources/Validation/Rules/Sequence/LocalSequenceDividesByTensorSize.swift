import Diagnostics
import LaunchModel

/// # SEQ-04: a GPU's sequence divides by the tensor size
///
/// ## What
/// With `sequence_parallel`, `seq_length / context_parallel_size` must be a multiple of `tensor_model_parallel_size`.
/// Finetuning batches (`dataloader_type: batch`) bring a length of their own, which Megatron pads.
///
/// ## Why
/// The sequence is cut into equal parts. Nothing looks at start-up; the first step asserts it.
///
/// ## Example
/// ```yaml
/// model: {seq_length: 4098}
/// parallelism: {tensor_model_parallel_size: 4, sequence_parallel: true}
/// ```
///
/// ## Fix
/// Take a multiple of TP x CP (of 2 x CP as well, with context parallelism).
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/mappings.py`, `_reduce_scatter_along_first_dim`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LocalSequenceDividesByTensorSize: Rule {
  static let code: DiagnosticCode = "SEQ-04"
  static let title = "a GPU's sequence divides by the tensor size"
  static let errorsDependOn: PlanAspects = [.tensor, .context]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (length, sizes) = (run.config.model.seqLength, run.sizes)
    // A length that CP does not cut evenly is CP-01's.
    guard run.config.parallelism.sequenceParallel, sizes.tensor > 1,
      sizes.context == 1 || length % (2 * sizes.context) == 0,
      length / sizes.context % sizes.tensor != 0, run.config.dataset.dataloaderType != .batch
    else { return }
    let local = sizes.context == 1 ? "" : "seq_length \(length) / CP \(sizes.context) = \(length / sizes.context) and "
    report.error(
      at: Path.model.seqLength,
      """
      sequence_parallel cuts a GPU's sequence into TP equal parts, but \(local)\(length / sizes.context) / TP \
      \(sizes.tensor) = \(Help.quotient(length / sizes.context, sizes.tensor))
      """,
      help: "nearest: \(Help.multiples(of: run.sequenceUnit, near: length))",
      related: [
        (Path.parallelism.tensorModelParallelSize, "TP \(sizes.tensor)"),
        (Path.parallelism.contextParallelSize, "CP \(sizes.context)"), (Path.parallelism.sequenceParallel, "on"),
      ])
  }
}

extension RunFacts {
  /// What a sequence must be a multiple of: context parallelism cuts it into two chunks a rank, and sequence parallelism
  /// cuts a rank's part into TP.
  var sequenceUnit: Int {
    let parts = config.parallelism.sequenceParallel ? sizes.tensor : 1
    if sizes.context == 1 { return parts }
    return sizes.context * (parts.isMultiple(of: 2) ? parts : 2 * parts)
  }
}
