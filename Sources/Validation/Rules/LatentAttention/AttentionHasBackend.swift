import Diagnostics
import LaunchModel

/// # MLA-14: some attention backend can run
///
/// ## What
/// `attention_backend` other than `auto` switches Transformer Engine's other backends off. What is left must be able to run:
/// FlashAttention 2 does not take values of another width than the keys (MLA), nor softmax other than the plain one;
/// neither it nor the fused backend computes in fp32; the unfused one has no context parallelism; and `local` leaves none
/// to Transformer Engine's layers.
///
/// ## Why
/// The first step ends with "No dot product attention backend is available for the provided inputs". FlashAttention 3,
/// where it is installed on a Hopper GPU, takes MLA's widths.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, attention_backend: flash}
/// ```
///
/// ## Fix
/// `attention_backend: auto`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/common/language_module/language_module.py`, `_set_attention_backend`; Transformer
///   Engine 2.9 `pytorch/attention/dot_product_attention/utils.py`, `get_attention_backend`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same; Transformer Engine 2.17.
enum AttentionHasBackend: Rule {
  static let code: DiagnosticCode = "MLA-14"
  static let title = "some attention backend can run"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard let backend = model.attentionBackend, backend != .auto, run.start == nil,
      model.transformerImplementation == .transformerEngine
    else { return }
    guard let (reason, related) = reason(backend, run) else { return }
    report.warning(
      at: Path.model.attentionBackend,
      "`\(backend.rawValue)` switches the other attention backends off, and \(reason)",
      help: "`auto` takes what can run", related: related,
      fix: .unsafe("leave the choice to Transformer Engine", (Path.model.attentionBackend, "auto")))
  }

  private static func reason(_ backend: AttentionBackend, _ run: RunFacts) -> (Message, [RelatedField])? {
    let model = run.config.model
    if backend == .local {
      return (
        "Transformer Engine's layers have no `local` one: the first step finds none",
        [(Path.model.transformerImplementation, "transformer_engine")]
      )
    }
    let isHalf = run.precision.bf16 || run.precision.fp16
    if !isHalf, backend != .unfused {
      return ("it does not compute in fp32: the first step finds none", [(run.precision.bf16Path, "fp32")])
    }
    switch backend {
    case .unfused where run.sizes.context > 1:
      return (
        "it has no context parallelism: with CP \(run.sizes.context) the first step finds none",
        [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")]
      )
    case .flash where model.multiLatentAttention:
      let keys = model.qkHeadDim + model.qkPosEmbHeadDim
      guard keys != model.vHeadDim else { return nil }
      return (
        """
        FlashAttention 2 does not take MLA's keys of \(model.qkHeadDim) + \(model.qkPosEmbHeadDim) = \(keys) beside \
        values of \(model.vHeadDim): without FlashAttention 3 (Hopper) the first step finds none
        """, [(Path.model.vHeadDim, "values"), (Path.model.multiLatentAttention, "multi-latent attention")]
      )
    case .flash:
      guard case .string(let kind)? = model.carried("softmax_type"), kind != "vanilla" else { return nil }
      return (
        "FlashAttention has no `softmax_type: \(kind)`: the first step finds none",
        [(FieldPath("model", "softmax_type"), "\(kind)")]
      )
    default: return nil
    }
  }
}
