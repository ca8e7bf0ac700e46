import Diagnostics
import LaunchModel
import Releases

/// # GPU-16: weights are cut into a multiple of the tensor-parallel size
///
/// ## What
/// `tensor_parallel_num_weight_shards` is a multiple of `tensor_model_parallel_size`, and
/// `expert_tensor_parallel_num_weight_shards` one of the experts' tensor-parallel size.
///
/// ## Why
/// Each rank's piece of a weight is cut on, and put together again where it is used.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2}
/// model: {tensor_parallel_num_weight_shards: 3}
/// ```
///
/// ## Fix
/// Remove it, or take a multiple.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `model_parallel_config.py`, `resolve_tensor_parallel_weight_shards`.
enum WeightShards: Rule {
  static let code: DiagnosticCode = "GPU-16"
  static let title = "weights are cut into a multiple of the tensor-parallel size"
  static let errorsDependOn: PlanAspects = [.tensor, .expertTensor]
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty else { return }
    let kinds = [
      ("tensor_parallel_num_weight_shards", run.sizes.tensor, "TP", Path.parallelism.tensorModelParallelSize),
      (
        "expert_tensor_parallel_num_weight_shards", run.sizes.expertTensor, "ETP",
        Path.parallelism.expertTensorParallelSize
      ),
    ]
    for (field, size, name, sizePath) in kinds {
      guard let shards = model.integer(field), size > 0, shards < size || shards % size != 0 else { continue }
      let path = FieldPath("model", field)
      report.error(
        at: path, "\(shards) pieces of a weight are no multiple of \(name) \(size)",
        help: "\(Help.multiples(of: size, near: shards)), or null",
        related: [(sizePath, "\(name) \(size)")], fix: .unsafe("remove it", (path, nil)))
    }
  }
}
