import Diagnostics
import LaunchModel

/// # PEFT-07: adapters divide over tensor-parallel ranks
///
/// ## What
/// Where `tensor_model_parallel_size` splits a target's output rows, it must divide `peft.dim`; where it splits the input
/// columns, `hidden_size`, to which the adapter's second matrix goes back. For routed experts and LoRA it is
/// `expert_tensor_parallel_size`.
///
/// ## Why
/// An adapter's matrices are split like those they stand beside.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 8}
/// peft: {dim: 4, target_modules: [linear_q_proj]}
/// ```
///
/// ## Fix
/// A rank that is a multiple.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter`; megatron-core 0.16.1
///   `tensor_parallel/layers.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum AdaptersDivideOverRanks: Rule {
  static let code: DiagnosticCode = "PEFT-07"
  static let title = "adapters divide over tensor-parallel ranks"
  static let errorsDependOn: PlanAspects = [.tensor, .expertTensor]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, run.sizes.tensor > 1 || run.sizes.expertTensor > 1 else { return }
    let isDoRA = peft.peftScheme == .dora
    let sizes: (tensor: Int, expert: Int) = (
      run.sizes.tensor, isDoRA ? run.sizes.tensor : run.sizes.expertTensor
    )
    // Most adapters divide evenly whatever they stand on.
    guard
      peft.dim % sizes.tensor != 0 || peft.dim % sizes.expert != 0 || run.config.model.hiddenSize % sizes.tensor != 0
        || run.config.model.hiddenSize % sizes.expert != 0
        || narrowOutputs(run).contains(where: { $0 % sizes.tensor != 0 })
    else { return }
    for match in run.adapterSelection {
      let module = match.module
      let size = module.isExpert ? sizes.expert : sizes.tensor
      guard size > 1, let (number, what) = undivided(module, by: size, run) else { continue }
      let byTensor = !module.isExpert || isDoRA || run.config.parallelism.expertTensorParallelSize == nil
      let sizePath = byTensor ? Path.parallelism.tensorModelParallelSize : Path.parallelism.expertTensorParallelSize
      let sizeName = module.isExpert && !isDoRA ? "ETP" : "TP"
      let isRank = what == "rank"
      let (below, above) = Help.neighbours(of: number, multipleOf: size)
      report.error(
        at: isRank ? Path.peft.dim : Path.peft.targetModules,
        "the adapter of `\(module.name)` is split over \(sizeName) \(size), but \(isRank ? "its rank" : "its output of") \(number) / \(size) = \(Help.quotient(number, size))",
        help: isRank
          ? "nearest ranks: \(Help.list([below, above].compactMap { $0 }))" : "leave `\(module.name)` out",
        related: [
          (sizePath, "\(sizeName) \(size)"),
          isRank ? (Path.peft.targetModules, "`\(module.name)`") : (Path.peft.dim, "rank \(peft.dim)"),
        ],
        fix: isRank ? .unsafe("make it \(above)", (Path.peft.dim, .int(above))) : nil)
      return
    }
  }

  /// What does not divide, and what it is.
  private static func undivided(_ module: AdapterModule, by size: Int, _ run: RunFacts) -> (Int, String)? {
    let dim = run.config.peft.dim
    switch module.kind {
    case .notLinear: return nil
    case .rowParallel:
      let hidden = run.config.model.hiddenSize
      return hidden % size == 0 ? nil : (hidden, "output")
    case .columnParallel: return dim % size == 0 ? nil : (dim, "rank")
    case .duplicated, .router:
      if dim % size != 0 { return (dim, "rank") }
      let output: Int
      if module.kind == .router {
        output = run.architecture.numMoEExperts
      } else if module.name == "linear_kv_down_proj" {
        output = run.config.model.kvLoraRank + run.config.model.qkPosEmbHeadDim
      } else {
        output = run.config.model.qLoraRank ?? 0
      }
      return output % size == 0 ? nil : (output, "output")
    }
  }

  /// Outputs of matrices that are not split themselves, but whose adapters are.
  private static func narrowOutputs(_ run: RunFacts) -> [Int] {
    [
      run.architecture.numMoEExperts, run.config.model.kvLoraRank + run.config.model.qkPosEmbHeadDim,
      run.config.model.qLoraRank ?? 0,
    ]
  }
}
