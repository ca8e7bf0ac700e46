import Diagnostics
import LaunchModel
import Releases

/// # DDP-05: buckets are counted or sized, not both
///
/// ## What
/// `ddp.num_buckets` is above 0, and excludes `bucket_size`. Where `comm_overlap` is given and `ddp.use_distributed_optimizer` on,
/// Megatron-Bridge sets a bucket size of its own on more than one replica, which counts.
///
/// ## Why
/// The size of a bucket follows from their number, or the number from the size.
///
/// ## Example
/// ```yaml
/// ddp: {num_buckets: 8, bucket_size: 40000000}
/// ```
///
/// ## Fix
/// Remove one of the two; with `comm_overlap`, `num_buckets`.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel_config.py`, `__post_init__`; megatron-bridge 0.5.1
///   `training/comm_overlap.py`.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum BucketsAreSizedOnce: Rule {
  static let code: DiagnosticCode = "DDP-05"
  static let title = "buckets are counted or sized, not both"
  static let errorsDependOn: PlanAspects = .replicas
  static let releases = ReleaseSet.since(.bridge051)

  private static let path = FieldPath("ddp", "num_buckets")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let ddp = run.config.ddp
    guard !ddp.storage.carried.isEmpty, let count = ddp.integer(path.field) else { return }
    let remove = FieldFix.unsafe("remove it", (path, nil))
    if let size = run.overlap.effective.bucketSize {
      let isBridges = run.overlap.effective.replacesDDP
      report.error(
        at: path,
        isBridges
          ? "`comm_overlap` gives buckets a size, \(size), so that their number cannot be given as well"
          : "buckets have a size, \(size), and a number, \(count); Megatron takes one of the two",
        help: "remove it", related: [(isBridges ? Path.commOverlap.bucketSize : Path.ddp.bucketSize, "\(size)")],
        fix: remove)
    } else if count < 1 {
      report.error(at: path, "the number of buckets is \(count); it must be above 0", help: "remove it", fix: remove)
    }
  }
}
