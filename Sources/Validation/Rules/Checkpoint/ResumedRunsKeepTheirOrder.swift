import Diagnostics
import LaunchModel

/// # CKPT-14: a resumed run keeps the order of its data
///
/// ## What
/// Where the checkpoint in `load` is at hand and the tokens of its indexed data can be counted, a run that goes through
/// them more than once must have the samples (`train_iters` times `global_batch_size`, or `train_samples`) of the run
/// that it resumes.
///
/// ## Why
/// Megatron draws the order of all epochs of a run together. Of another number of epochs it is another order from the
/// first sample on, and a resumed run goes on in the middle of it: some samples return early, others are left out. Within
/// a single epoch the order does not change. The CPU engine shuffles each epoch by itself.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 20000}   # of data that 8000 steps go through once
/// checkpoint: {load: ck}        # of a run with train_iters: 10000
/// ```
///
/// ## Fix
/// The checkpoint's length. Who may want to go on plans the longer run and stops it with `exit_interval`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/gpt_dataset.py`, `_build_document_sample_shuffle_indices`,
///   `_build_document_index`; megatron-bridge 0.3.1 `data/utils.py`, `get_train_valid_test_num_samples`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum ResumedRunsKeepTheirOrder: Rule {
  static let code: DiagnosticCode = "CKPT-14"
  static let title = "a resumed run keeps the order of its data"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let saved = run.resumed, saved.writer == .megatron, let now = run.passes, let then = saved.passes,
      now.samples != then.samples, max(now.epochs, then.epochs) > 1
    else { return }
    let train = run.config.train
    report.warning(
      at: train.trainSamples == nil ? Path.train.trainIters : Path.train.trainSamples,
      """
      the run that is resumed goes through its data \(times(then.epochs)) times in \(then.samples) samples, this one \
      \(times(now.epochs)) times in \(now.samples), and Megatron shuffles all epochs together: it goes on in another order, \
      in which samples return early or are left out
      """,
      help: """
        keep the length of the checkpoint's run; who may want more plans it at first and stops by \
        \(Path.train.exitInterval)
        """,
      related: [(saved.path, "the checkpoint")])
  }

  private static func times(_ epochs: Double) -> String { String((epochs * 100).rounded() / 100) }
}
