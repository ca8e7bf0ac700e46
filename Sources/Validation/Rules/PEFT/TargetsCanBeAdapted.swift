import ConfigDocument
import Diagnostics
import LaunchModel

/// # PEFT-11: adapters go on linears
///
/// ## What
/// No target may match a module that is no linear: a norm, an embedding, a whole layer.
///
/// ## Why
/// Megatron-Bridge wraps what is matched, and fails on the first module that it knows no adapter for. A lone `*` matches
/// everything.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: ["*"]}
/// ```
///
/// ## Fix
/// `*.linear_*` matches linears only; `target_modules: []` means all of them.
///
/// ## Source
/// megatron-bridge 0.3.1 `peft/utils.py`, `get_adapter_attributes_from_linear`.
enum AdaptersGoOnLinears: Rule {
  static let code: DiagnosticCode = "PEFT-11"
  static let title = "adapters go on linears"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.excludeModules.isEmpty else { return }
    for (target, matches) in zip(peft.targetModules, run.targetMatches) {
      guard let match = matches.first(where: { !$0.module.isLinear }), !TargetPattern(target).hasRegularExpression
      else { continue }
      let name = match.module.path.isEmpty ? "a whole layer" : "`\(match.module.path)`"
      report.error(
        at: Path.peft.targetModules, "the target `\(target)` matches \(name), which is no linear and takes no adapter",
        help: target == "*" ? "`target_modules: []` means every linear" : "`*.linear_*` matches linears only")
      return
    }
  }
}

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
/// megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter`; megatron-core 0.16.1 `tensor_parallel/layers.py`.
enum AdaptersDivideOverRanks: Rule {
  static let code: DiagnosticCode = "PEFT-07"
  static let title = "adapters divide over tensor-parallel ranks"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, run.sizes.tensor > 1 || run.sizes.resolvedExpertTensor > 1 else { return }
    let isDoRA = peft.peftScheme == .dora
    let sizes: (tensor: Int, expert: Int) = (
      run.sizes.tensor, isDoRA ? run.sizes.tensor : run.sizes.resolvedExpertTensor
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
      let byTensor = !module.isExpert || isDoRA || run.sizes.expertTensor == nil
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

/// # PEFT-13: DoRA goes on single matrices
///
/// ## What
/// `peft_scheme: dora` must not target routed experts while `moe_grouped_gemm` holds them in one module.
///
/// ## Why
/// DoRA takes the norms of a module's `weight`. Grouped experts have `weight0`, `weight1`, … instead, so building the model
/// fails with an AttributeError. The bare targets `linear_fc1` and `linear_fc2`, in the upstream default, match them too.
///
/// ## Example
/// ```yaml
/// peft: {peft_scheme: dora, target_modules: [linear_proj, linear_fc1, linear_fc2]}
/// ```
///
/// ## Fix
/// Target attention, the dense layer and the shared experts: `*.mlp.linear_fc1`, `*.shared_experts.linear_fc1`. Or LoRA.
///
/// ## Source
/// megatron-bridge 0.3.1 `peft/dora.py`, `peft/dora_layers.py`.
enum DoRAOnSingleMatrices: Rule {
  static let code: DiagnosticCode = "PEFT-13"
  static let title = "DoRA goes on single matrices"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora, run.config.model.moeGroupedGEMM, run.hasMoELayer else { return }
    guard let match = run.adapterSelection.first(where: { $0.module.isGrouped }) else { return }
    let others = peft.targetModules.filter { $0 != "linear_fc1" && $0 != "linear_fc2" }
    let narrowed = peft.targetModules.filter { $0 == "linear_fc1" || $0 == "linear_fc2" }.flatMap {
      ["*.mlp.\($0)", "*.shared_experts.\($0)"]
    }
    report.error(
      at: Path.peft.targetModules,
      "DoRA cannot adapt grouped experts: `\(match.module.path)` holds \(run.architecture.numMoEExperts) matrices, not one `weight`",
      help: "`*.mlp.linear_fc1` is the dense layer, `*.shared_experts.linear_fc1` the shared experts",
      related: [(Path.peft.peftScheme, "dora"), (Path.model.moeGroupedGEMM, "grouped")],
      fix: narrowed.isEmpty
        ? nil : .unsafe("leave the routed experts out", (Path.peft.targetModules, (others + narrowed).configValue)))
  }
}

/// # PEFT-16: DoRA goes on split matrices
///
/// ## What
/// With tensor parallelism `dora` must not target `linear_kv_down_proj`, `linear_q_down_proj` or `router`. On the router it
/// is not supported at all.
///
/// ## Why
/// These matrices are whole on every rank, while the adapter beside them is split: their sum, whose norms DoRA takes, does
/// not exist. And DoRA has no router: its output is taken for the logits.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2}
/// peft: {peft_scheme: dora, target_modules: [linear_kv_down_proj]}
/// ```
///
/// ## Fix
/// Without tensor parallelism, or without these targets, or LoRA.
///
/// ## Source
/// megatron-bridge 0.3.1 `peft/dora_layers.py`, `DoRALinear._get_weight_norm`.
enum DoRAOnSplitMatrices: Rule {
  static let code: DiagnosticCode = "PEFT-16"
  static let title = "DoRA goes on split matrices"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora else { return }
    let whole = run.adapterSelection.first { $0.module.kind == .duplicated || $0.module.kind == .router }
    guard let whole else { return }
    if run.sizes.tensor > 1 {
      let name = String(whole.module.name)
      report.error(
        at: Path.peft.targetModules,
        "`\(name)` is whole on each of the TP \(run.sizes.tensor) ranks and its adapter is split: DoRA cannot add them",
        help: "without `\(name)`, with TP 1, or with LoRA",
        related: [
          (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"), (Path.peft.peftScheme, "dora"),
        ],
        fix: peft.targetModules.contains(name) && peft.targetModules.count > 1
          ? .unsafe("leave it out", (Path.peft.targetModules, peft.targetModules.filter { $0 != name }.configValue))
          : nil)
    } else if whole.module.kind == .router {
      report.warning(
        at: Path.peft.targetModules,
        "DoRA has no form for the router: its probabilities would be taken for a linear's output",
        help: "LoRA has one", related: [(Path.peft.peftScheme, "dora")])
    }
  }
}
