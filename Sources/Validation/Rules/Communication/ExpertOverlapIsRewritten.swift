import Diagnostics
import LaunchModel

/// # COMM-08: `comm_overlap` decides what the model overlaps
///
/// ## What
/// Where `comm_overlap` is present, `overlap_moe_expert_parallel_comm`, `delay_wgrad_compute`,
/// `defer_embedding_wgrad_compute`, `wgrad_deferral_limit` and `tp_comm_overlap` of `model` are overwritten: by what
/// `comm_overlap` says, and off where it says nothing.
///
/// ## Why
/// What is written in `model` has no effect: the run communicates as if it were not there.
///
/// ## Example
/// ```yaml
/// model: {overlap_moe_expert_parallel_comm: true}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`. Overlapped experts exclude overlapped shared experts (MOE-31).
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ExpertOverlapIsRewritten: Rule {
  static let code: DiagnosticCode = "COMM-08"
  static let title = "`comm_overlap` decides what the model overlaps"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.overlap.isFromSection else { return }
    let (model, effective) = (run.config.model, run.overlap.effective)
    // Megatron's defaults stand in every emitted config; only a wish that is not granted is worth a word.
    let wishes = Self.wishes.filter { $0.isAsked(model) && !$0.isGranted(effective) }
    let refused = report.takesAdvice ? refusals(of: wishes, run) : []
    for wish in wishes {
      let refusal = refused.first { $0.path == wish.section }
      report.warning(
        at: wish.path, "`\(wish.path)` true has no effect: `comm_overlap` makes it false",
        help: refusal.map { "`comm_overlap` could decide it otherwise, but \($0.message)" }
          ?? "write it in `comm_overlap`",
        related: [(wish.section, "decides")] + (refusal?.related.map { ($0.path, $0.message) } ?? []),
        // What is refused there is turned off again by the next fix, and nothing is left of the wish.
        fix: refusal == nil
          ? .unsafe("write it there", (wish.section, .bool(true)), (wish.path, .bool(false))) : nil)
    }
    guard effective.deferEmbeddingWgradCompute, model.isWritten(\.wgradDeferralLimit),
      model.wgradDeferralLimit != effective.wgradDeferralLimit
    else { return }
    report.warning(
      at: Path.model.wgradDeferralLimit,
      """
      `\(Path.model.wgradDeferralLimit)` \(model.wgradDeferralLimit) has no effect: `comm_overlap` makes it \
      \(effective.wgradDeferralLimit)
      """,
      help: "write it in `comm_overlap`", related: [(Path.commOverlap.wgradDeferralLimit, "decides")])
  }

  /// A switch of the model that the section decides.
  private struct Wish: Sendable {
    let path: FieldPath
    let section: FieldPath
    let isAsked: @Sendable (Section<ModelFields>) -> Bool
    let isGranted: @Sendable (EffectiveOverlap) -> Bool
    let grant: @Sendable (inout Section<CommOverlapFields>) -> Void
  }

  // Closures, since a key path that stands for one is followed anew, type by type, at each validation.
  private static let wishes = [
    Wish(
      path: Path.model.overlapMoEExpertParallelComm, section: Path.commOverlap.overlapMoEExpertParallelComm,
      isAsked: { $0.overlapMoEExpertParallelComm }, isGranted: { $0.overlapMoEExpertParallelComm },
      grant: { $0.overlapMoEExpertParallelComm = true }),
    Wish(
      path: Path.model.delayWgradCompute, section: Path.commOverlap.delayWgradCompute,
      isAsked: { $0.delayWgradCompute }, isGranted: { $0.delayWgradCompute }, grant: { $0.delayWgradCompute = true }),
    Wish(
      path: Path.model.deferEmbeddingWgradCompute, section: Path.commOverlap.deferEmbeddingWgradCompute,
      isAsked: { $0.deferEmbeddingWgradCompute }, isGranted: { $0.deferEmbeddingWgradCompute },
      grant: { $0.deferEmbeddingWgradCompute = true }),
    Wish(
      path: Path.model.tpCommOverlap, section: Path.commOverlap.tpCommOverlap,
      isAsked: { $0.tpCommOverlap }, isGranted: { $0.tpCommOverlap }, grant: { $0.tpCommOverlap = true }),
  ]

  /// What other rules refuse where the section grants the wishes.
  private static func refusals(of wishes: [Wish], _ run: RunFacts) -> [Finding] {
    guard !wishes.isEmpty else { return [] }
    var granting = run.config
    for wish in wishes { wish.grant(&granting.commOverlap) }
    return Validator.errors(RunFacts(granting))
  }
}
