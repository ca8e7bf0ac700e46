import Diagnostics
import LaunchModel
import Releases

/// # MLA-19: QK clipping reaches the weights
///
/// ## What
/// `qk_clip` scales the projections of queries and keys down after a step in which a logit exceeded `qk_clip_threshold`, as MuonClip
/// does. It needs each weight's whole fp32 copy, which the distributed optimizer does not keep, a model in half precision,
/// and weights that are trained. `log_max_attention_logit` alone is read by nothing in Megatron-Bridge.
///
/// ## Why
/// Nothing looks at it before: the first step in which a logit exceeds the threshold, often thousands of steps into the run, ends with an
/// `AttributeError` or a `RuntimeError`, and in fp32 the very first step does. With adapters the base itself is scaled, which their
/// checkpoint does not hold. Before 0.6.2 a largest logit that nobody takes keeps the activations of every batch
/// that it was computed from, until the memory is full.
///
/// ## Example
/// ```yaml
/// model: {qk_clip: true}
/// optimizer: {optimizer: adam, use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Muon without the distributed optimizer, in bf16; its layers may be divided over the replicas.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/qk_clip.py`; `transformer/multi_latent_attention.py`, `clip_qk`;
///   `optimizer/distrib_optimizer.py` (`main_param` is a part of the weight, or null); `extensions/transformer_engine.py`;
///   megatron-bridge 0.3.1 `training/train.py`, `train_step`.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; the largest logit is detached.
enum ClippedLogits: Rule {
  static let code: DiagnosticCode = "MLA-19"
  static let title = "QK clipping reaches the weights"
  static let errorsDependOn: PlanAspects = []

  private static let clip = FieldPath("model", "qk_clip")
  private static let log = FieldPath("model", "log_max_attention_logit")
  /// Where the largest logit holds the graph that computed it.
  private static let keepsGraphs = ReleaseSet.until(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty, run.start == nil else { return }
    if model.isOn(clip.field) { return clipping(run, &report) }
    guard model.isOn(log.field) else { return }
    let removal = FieldFix.unsafe("leave it out", (log, .bool(false)))
    if keepsGraphs.contains(run.release) {
      report.warning(
        at: log,
        "nothing in Megatron-Bridge takes the largest logit, which holds the activations of every batch until the memory is full",
        help: "leave it out; `\(clip)` logs it as well", fix: removal)
    } else {
      report.note(
        at: log,
        "nothing in Megatron-Bridge logs the largest logit, and FlashAttention, which does not give it, is not used",
        help: "leave it out; `\(clip)` logs it", fix: removal)
    }
  }

  private static func clipping(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    let threshold = config.model.carried("qk_clip_threshold")?.short ?? "100"
    if !run.precision.bf16, !run.precision.fp16 {
      report.warning(
        at: clip, "the first step fails: Megatron-Core looks for the layers inside a model in half precision",
        help: "train in bf16, or leave it out", related: [(run.precision.bf16Path, "fp32")],
        fix: .unsafe("leave it out", (clip, .bool(false))))
    } else if run.overlap.effective.useDistributedOptimizer {
      report.warning(
        at: clip,
        """
        the first step with a logit above \(threshold) fails: a weight is scaled with its whole fp32 copy, of which the \
        distributed optimizer keeps a part on each replica
        """,
        help: "Muon without `\(Path.optimizer.useDistributedOptimizer)`, for which it is made, or leave it out",
        related: [
          (Path.optimizer.useDistributedOptimizer, "divides the copies"),
          (Path.optimizer.optimizer, "`\(config.optimizer.optimizer.rawValue)`"),
        ],
        fix: .unsafe("leave it out", (clip, .bool(false))))
    } else if config.peft.isPresent {
      report.warning(
        at: clip,
        "a logit above \(threshold) scales the base, which is not trained and which no checkpoint of adapters holds",
        help: "leave it out", related: [(Path.peft.whole, "adapters")],
        fix: .unsafe("leave it out", (clip, .bool(false))))
    }
  }
}
