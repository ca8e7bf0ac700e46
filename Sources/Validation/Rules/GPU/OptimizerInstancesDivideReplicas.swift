import Diagnostics
import LaunchModel
import Topology

/// # GPU-07: optimizer instances divide the replicas
///
/// ## What
/// `ddp.num_distributed_optimizer_instances` must divide both the data-parallel size times CP and the
/// expert-data-parallel size. More than one instance needs `use_distributed_optimizer`.
///
/// ## Why
/// Every instance holds the whole optimizer, spread over an equal share of the replicas.
///
/// ## Example
/// ```yaml
/// ddp: {num_distributed_optimizer_instances: 3}   # 8 replicas / 3
/// ```
///
/// ## Fix
/// Take a number that divides both.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`; `distributed_data_parallel.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OptimizerInstancesDivideReplicas: Rule {
  static let code: DiagnosticCode = "GPU-07"
  static let title = "optimizer instances divide the replicas"
  static let errorsDependOn: PlanAspects = [.pipeline, .context, .expert, .expertTensor, .replicas]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let instances = run.config.ddp.numDistributedOptimizerInstances
    guard instances > 1, let dense = run.dataParallelSize, let expert = run.expertDataParallelSize else { return }
    let path = Path.ddp.numDistributedOptimizerInstances
    let replicas = dense * run.sizes.context
    if replicas % instances != 0 || expert % instances != 0 {
      let legal = divisors(of: expert).filter { replicas % $0 == 0 }
      return report.error(
        at: path,
        """
        \(instances) optimizer instances must divide both DP \(dense) x CP \(run.sizes.context) = \(replicas) and the \
        expert-data-parallel size \(expert), but \(replicas) / \(instances) = \(Help.quotient(replicas, instances)) \
        and \
        \(expert) / \(instances) = \(Help.quotient(expert, instances))
        """,
        help: "legal here: \(Help.list(Array(legal.suffix(4))))",
        related: [
          (Path.parallelism.expertModelParallelSize, "EP \(run.sizes.expert)"),
          (Path.cluster.numNodes, "\(run.worldSize) GPUs in all"),
        ])
    }
    guard !run.config.ddp.useDistributedOptimizer, !run.config.optimizer.useDistributedOptimizer else { return }
    report.error(
      at: path, "\(instances) instances of the distributed optimizer, but use_distributed_optimizer is off",
      help: "turn the distributed optimizer on, or take one instance",
      related: [(Path.ddp.useDistributedOptimizer, "off"), (Path.optimizer.useDistributedOptimizer, "off")],
      fix: .unsafe("take one instance", (path, 1)))
  }
}
