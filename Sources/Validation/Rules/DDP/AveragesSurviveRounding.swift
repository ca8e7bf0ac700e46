import Diagnostics
import LaunchModel
import Releases

/// # DDP-04: averages in the collective survive rounding
///
/// ## What
/// With `average_in_collective`, (replicas of the experts / (replicas x CP)) / replicas of the experts must be
/// 1 / (replicas x CP) as 64-bit floats, bit by bit. For 11 of 33, 7 of 35 or 3 of 39 it is not; powers of two are safe.
///
/// ## Why
/// Megatron-Core compares the two with `==` when it wraps the model, whether there are experts or not. It does not with
/// `calculate_per_token_loss` or with more than one optimizer instance.
///
/// ## Example
/// ```yaml
/// ddp: {average_in_collective: true}   # 33 replicas with EP 3
/// ```
///
/// ## Fix
/// Switch it off; gradients are then scaled before they are summed.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`, `_allocate_buffers_for_parameters`.
/// - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel.py`, `__init__`.
/// - 0.6.2: megatron-core 0.19.2 `distributed/distributed_data_parallel.py`, `__init__`.
enum AveragesSurviveRounding: Rule {
  static let code: DiagnosticCode = "DDP-04"
  static let title = "averages in the collective survive rounding"
  static let errorsDependOn: PlanAspects = [.pipeline, .context, .expert, .expertTensor, .replicas]

  /// Where the averages of routed experts are compared only where there are some to train.
  private static let looksAtExperts = ReleaseSet.since(.bridge051)

  /// Where Transformer Engine's experts are averaged like the rest unless they are spread over EP.
  private static let countsWholeExpertsAsDense = ReleaseSet.only(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let ddp = run.config.ddp
    guard ddp.averageInCollective, ddp.numDistributedOptimizerInstances == 1, !run.config.usesMegatronFSDP,
      !run.config.model.calculatePerTokenLoss, let replicas = run.dataParallelSize,
      let experts = run.expertDataParallelSize
    else { return }
    if looksAtExperts.contains(run.release), !trainsExperts(run) { return }
    if countsWholeExpertsAsDense.contains(run.release), run.sizes.expert == 1 { return }
    let all = Double(replicas) * Double(run.sizes.context)
    guard Double(experts) / all / Double(experts) != 1 / all else { return }
    report.error(
      at: Path.ddp.averageInCollective,
      """
      Megatron compares (\(experts) / \(Int(all))) / \(experts) with 1 / \(Int(all)) as floats, and rounding makes them \
      differ
      """, help: "switch it off, or take replicas in powers of two",
      related: Help.replicaFields(run) + [
        (Path.parallelism.expertModelParallelSize, "EP \(run.sizes.expert)"),
        (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.expertTensor)"),
      ], fix: .unsafe("switch it off", (Path.ddp.averageInCollective, .bool(false))))
  }

  private static func trainsExperts(_ run: RunFacts) -> Bool {
    run.hasMoELayer && (!run.config.peft.isPresent || run.adapterSelection.contains { $0.module.isExpert })
  }
}
