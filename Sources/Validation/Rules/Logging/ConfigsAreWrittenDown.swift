import Diagnostics
import LaunchModel
import Releases

/// # LOG-04: configs can be written down
///
/// ## What
/// `model.config_logger_dir` is empty where the distributed optimizer shards the model's states.
///
/// ## Why
/// Megatron-Core writes down what its classes are made of. Since 0.18 one of these things is the layout of the distributed optimizer's
/// parameters, whose keys JSON cannot take: the start ends with `unhashable type: 'dict'`.
///
/// ## Example
/// ```yaml
/// model: {config_logger_dir: /logs/configs}
/// ```
///
/// ## Fix
/// Leave it out. Megatron-Bridge saves its whole config beside each checkpoint.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel.py`, `__init__`; `config_logger.py`,
///   `log_config_to_disk`; `optimizer/distrib_optimizer.py`, `compute_full_param_layout`.
/// - 0.6.2: megatron-core 0.19.2, the same; `training/models/dist_utils.py`, `_ddp_wrap`.
enum ConfigsAreWrittenDown: Rule {
  static let code: DiagnosticCode = "LOG-04"
  static let title = "configs can be written down"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  private static let folder = FieldPath("model", "config_logger_dir")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    guard let path = config.model.text(folder.field), !path.isEmpty, run.overlap.effective.useDistributedOptimizer,
      !config.usesMegatronFSDP, !config.dist.useTorchFSDP2
    else { return }
    report.error(
      at: folder,
      "Megatron-Core \(run.release.megatronCore) cannot write down the layout of the distributed optimizer's parameters",
      help: "leave it out: Megatron-Bridge saves its config beside each checkpoint",
      related: [(Path.optimizer.useDistributedOptimizer, "shards the states")],
      fix: .unsafe("leave it out", (folder, nil)))
  }
}
