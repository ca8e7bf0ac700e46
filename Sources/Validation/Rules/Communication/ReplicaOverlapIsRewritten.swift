import Diagnostics
import LaunchModel

/// # COMM-04: `comm_overlap` decides how replicas communicate
///
/// ## What
/// Where `comm_overlap` is present and `ddp.use_distributed_optimizer` on, the overlap settings of `ddp` are overwritten:
/// with several replicas both overlaps are on and buckets hold 134217728 parameters; with one replica all are off.
/// Values written in `comm_overlap` win.
///
/// ## Why
/// What is written in `ddp` has no effect.
///
/// ## Example
/// ```yaml
/// ddp: {use_distributed_optimizer: true, bucket_size: 40000000}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_optimizer_overlap_cfgs`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ReplicaOverlapIsRewritten: Rule {
  static let code: DiagnosticCode = "COMM-04"
  static let title = "`comm_overlap` decides how replicas communicate"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let effective = run.overlap.effective
    guard effective.replacesDDP, let replicas = run.dataParallelSize else { return }
    let ddp = run.config.ddp
    // With one replica nothing is left to overlap, whatever is written.
    if replicas > 1 {
      note(
        Path.ddp.overlapGradReduce, ddp.overlapGradReduce, effective.overlapGradReduce,
        ddp.isWritten(\.overlapGradReduce), Path.commOverlap.overlapGradReduce, &report)
      note(
        Path.ddp.overlapParamGather, ddp.overlapParamGather, effective.overlapParamGather,
        ddp.isWritten(\.overlapParamGather), Path.commOverlap.overlapParamGather, &report)
      note(
        Path.ddp.alignParamGather, ddp.alignParamGather, effective.alignParamGather,
        ddp.alignParamGather, Path.commOverlap.alignParamGather, &report)
    }
    guard let written = ddp.bucketSize, written != effective.bucketSize, effective.overlapGradReduce else { return }
    let value = effective.bucketSize
    report.note(
      at: Path.ddp.bucketSize,
      "buckets of \(written) parameters have no effect: `comm_overlap` makes them \(value.map(String.init) ?? "Megatron's choice")",
      related: [(Path.commOverlap.bucketSize, "decides")],
      fix: .unsafe("write it there", (Path.commOverlap.bucketSize, .int(written)), (Path.ddp.bucketSize, .null)))
  }

  private static func note(
    _ path: FieldPath, _ written: Bool, _ value: Bool, _ isChosen: Bool, _ section: FieldPath, _ report: inout Report
  ) {
    guard written != value, isChosen else { return }
    report.note(
      at: path, "`\(path)` \(written) has no effect: `comm_overlap` makes it \(value)",
      help: "to keep it, write it in `comm_overlap`",
      related: [(section, "decides")], fix: .safe("write \(value) here as well", (path, .bool(value))))
  }
}
