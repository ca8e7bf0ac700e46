import Diagnostics
import LaunchModel

/// # MOE-17: moe_enable_deepep goes with the flex dispatcher
///
/// ## What
/// `moe_enable_deepep`, which is deprecated, needs `moe_token_dispatcher_type: flex` and a
/// `moe_flex_dispatcher_backend` other than `hybridep`.
///
/// ## Why
/// DeepEP is one of the two backends of that dispatcher.
///
/// ## Example
/// ```yaml
/// model: {moe_enable_deepep: true, moe_token_dispatcher_type: alltoall}
/// ```
///
/// ## Fix
/// Write `moe_token_dispatcher_type: flex`, with `moe_shared_expert_overlap: false`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum DeepEPNeedsFlex: Rule {
  static let code: DiagnosticCode = "MOE-17"
  static let title = "moe_enable_deepep goes with the flex dispatcher"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeEnableDeepEP else { return }
    let path = Path.model.moeEnableDeepEP
    if model.moeTokenDispatcherType != .flex {
      report.error(
        at: path,
        "moe_enable_deepep needs moe_token_dispatcher_type flex, but it is \(model.moeTokenDispatcherType.rawValue)",
        help: "write flex, and turn moe_shared_expert_overlap off", related: [run.dispatcherRelated],
        fix: .unsafe(
          "use the flex dispatcher", (Path.model.moeTokenDispatcherType, "flex"),
          (Path.model.moeSharedExpertOverlap, false)))
    } else if model.moeFlexDispatcherBackend == .hybridep {
      report.error(
        at: path, "moe_enable_deepep asks for DeepEP, but moe_flex_dispatcher_backend is hybridep",
        help: "turn it off: the backend is chosen by moe_flex_dispatcher_backend",
        related: [(Path.model.moeFlexDispatcherBackend, "hybridep")], fix: .unsafe("turn it off", (path, false)))
    }
  }
}

/// # MOE-18: only alltoall overlaps shared experts
///
/// ## What
/// With shared experts, `moe_shared_expert_overlap` needs `moe_token_dispatcher_type: alltoall`.
///
/// ## Why
/// The shared experts run while that dispatcher's tokens travel; the others have no such place.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex, moe_shared_expert_overlap: true}
/// ```
///
/// ## Fix
/// Turn the overlap off.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum SharedExpertOverlapNeedsAllToAll: Rule {
  static let code: DiagnosticCode = "MOE-18"
  static let title = "only alltoall overlaps shared experts"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasSharedExperts, model.moeSharedExpertOverlap, model.moeTokenDispatcherType != .alltoall else { return }
    report.error(
      at: Path.model.moeSharedExpertOverlap,
      """
      moe_shared_expert_overlap works with the alltoall dispatcher only, but it is \
      \(model.moeTokenDispatcherType.rawValue)
      """,
      help: "turn it off", related: [run.dispatcherRelated, run.sharedExpertsRelated],
      fix: .safe("turn it off", (Path.model.moeSharedExpertOverlap, false)))
  }
}

/// # MOE-19: the flex dispatcher needs several GPUs
///
/// ## What
/// With `moe_token_dispatcher_type: flex`, `expert_tensor_parallel_size` times `expert_model_parallel_size` must be
/// above 1. A null `expert_tensor_parallel_size` is TP.
///
/// ## Why
/// With one GPU no token travels.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex}
/// parallelism: {expert_model_parallel_size: 1, expert_tensor_parallel_size: 1}
/// ```
///
/// ## Fix
/// Use `alltoall`, or EP above 1.
///
/// ## Source
/// megatron-core 0.16.1 `moe/token_dispatcher.py`, `MoEFlexTokenDispatcher.__init__`.
enum FlexNeedsExpertParallel: Rule {
  static let code: DiagnosticCode = "MOE-19"
  static let title = "the flex dispatcher needs several GPUs"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.hasMoELayer, run.config.model.moeTokenDispatcherType == .flex,
      run.sizes.expert == 1, run.sizes.resolvedExpertTensor == 1
    else { return }
    report.error(
      at: Path.model.moeTokenDispatcherType, "the flex dispatcher sends tokens between GPUs, but ETP 1 x EP 1 = 1",
      help: "use alltoall, or EP above 1",
      related: [
        (Path.parallelism.expertModelParallelSize, "EP 1"), (Path.parallelism.expertTensorParallelSize, "ETP 1"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      ],
      fix: .unsafe("use alltoall", (Path.model.moeTokenDispatcherType, "alltoall")))
  }
}

/// # MOE-22: DeepEP does not pad experts to their capacity
///
/// ## What
/// With the `flex` dispatcher on DeepEP, `moe_pad_expert_input_to_capacity` must be off.
///
/// ## Why
/// Its kernels send the tokens that there are. HybridEP can pad.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex, moe_pad_expert_input_to_capacity: true}
/// ```
///
/// ## Fix
/// Turn the padding off, or use `hybridep`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum DeepEPWithoutPadding: Rule {
  static let code: DiagnosticCode = "MOE-22"
  static let title = "DeepEP does not pad experts to their capacity"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeTokenDispatcherType == .flex, model.moePadExpertInputToCapacity,
      model.moeEnableDeepEP || model.moeFlexDispatcherBackend == .deepep
    else { return }
    report.error(
      at: Path.model.moePadExpertInputToCapacity,
      "the flex dispatcher on DeepEP cannot pad experts to their capacity", help: "turn it off, or use hybridep",
      related: [run.dispatcherRelated, (Path.model.moeFlexDispatcherBackend, "deepep")],
      fix: .unsafe("turn it off", (Path.model.moePadExpertInputToCapacity, false)))
  }
}

/// # MOE-30: the allgather dispatcher wants sequences of one length
///
/// ## What
/// `variable_seq_lengths` excludes `moe_token_dispatcher_type: allgather`, which is Megatron's default; also in a dense
/// model.
///
/// ## Why
/// It gathers equally many tokens from every GPU.
///
/// ## Example
/// ```yaml
/// model: {variable_seq_lengths: true, moe_token_dispatcher_type: allgather}
/// ```
///
/// ## Fix
/// Use `alltoall`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum AllGatherNeedsFixedLengths: Rule {
  static let code: DiagnosticCode = "MOE-30"
  static let title = "the allgather dispatcher wants sequences of one length"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.variableSeqLengths, model.moeTokenDispatcherType == .allgather else { return }
    report.error(
      at: Path.model.moeTokenDispatcherType,
      "the allgather dispatcher gathers equally many tokens from every GPU, but variable_seq_lengths is on",
      help: "use alltoall", related: [(Path.model.variableSeqLengths, "on")],
      fix: .unsafe("use alltoall", (Path.model.moeTokenDispatcherType, "alltoall")))
  }
}
