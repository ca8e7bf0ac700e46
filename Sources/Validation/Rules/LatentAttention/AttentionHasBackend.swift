import Diagnostics
import LaunchModel
import Releases

/// # MLA-14: some attention backend can run
///
/// ## What
/// `attention_backend` other than `auto` switches Transformer Engine's other backends off. What is left must be able to run:
/// before Transformer Engine 2.17 FlashAttention 2 does not take values of another width than the keys (MLA), and none takes
/// softmax other than the plain one; neither it nor the fused backend computes in fp32; the unfused one has no context
/// parallelism; neither it nor FlashAttention trains in fp8 (`fp8_dot_product_attention`), or takes packed examples with padding between them
/// (`pad_seq_to_mult` above 1, from Transformer Engine 2.17 on); FlashAttention does not give the largest logit, which `qk_clip` and
/// `log_max_attention_logit` ask for; and `local` leaves none to Transformer Engine's layers.
///
/// Some settings leave none whatever is chosen: the largest logit of attention in fp8; `softmax_type` other than `vanilla` under
/// context parallelism, but by `cp_comm_type: a2a`; fp8 attention with current scaling (`fp8_recipe: tensorwise`) before
/// Blackwell, and, until Transformer Engine 2.14, of MLA's unequal widths under context parallelism.
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
///   Engine 2.11 `pytorch/attention/dot_product_attention/utils.py`, `get_attention_backend`.
/// - 0.5.1: megatron-core 0.18.2, the same; Transformer Engine 2.14.
/// - 0.6.2: megatron-core 0.19.2, the same; Transformer Engine 2.17.
enum AttentionHasBackend: Rule {
  static let code: DiagnosticCode = "MLA-14"
  static let title = "some attention backend can run"
  static let errorsDependOn: PlanAspects = []

  /// Where Transformer Engine's unfused attention tells packs with padding between examples apart, and refuses them.
  private static let refusesPaddedPacks = ReleaseSet.since(.bridge062)
  /// Where no backend has context parallelism for fp8 attention of keys and values of different widths.
  private static let splitsNoLatentFP8 = ReleaseSet.until(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.start == nil, model.transformerImplementation == .transformerEngine else { return }
    if let backend = model.attentionBackend, backend != .auto, let (reason, related) = reason(backend, run) {
      return report.warning(
        at: Path.model.attentionBackend,
        "`\(backend.rawValue)` switches the other attention backends off, and \(reason)",
        help: "`auto` takes what can run", related: related,
        fix: .unsafe("leave the choice to Transformer Engine", (Path.model.attentionBackend, "auto")))
    }
    withoutAny(run, &report)
  }

  private static func reason(_ backend: AttentionBackend, _ run: RunFacts) -> (Message, [RelatedField])? {
    let (model, dataset) = (run.config.model, run.config.dataset)
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
    if backend == .flash, let asking = largestLogitPath(model) {
      return ("FlashAttention does not give the largest logit: the first step finds none", [(asking, "asks for it")])
    }
    if backend != .fused, let path = fp8AttentionPath(run), !(backend == .unfused && emulatesFP8(run)) {
      return ("it does not train in fp8: the first step finds none", [(path, "attention in fp8")])
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
        values of \(model.vHeadDim) before Transformer Engine 2.17: there, without FlashAttention 3 (Hopper), the first \
        step finds none
        """, [(Path.model.vHeadDim, "values"), (Path.model.multiLatentAttention, "multi-latent attention")]
      )
    case .flash where (model.text("softmax_type") ?? "vanilla") != "vanilla":
      let kind = model.text("softmax_type") ?? ""
      return (
        "FlashAttention has no `softmax_type: \(kind)`: the first step finds none",
        [(FieldPath("model", "softmax_type"), "\(kind)")]
      )
    case .flash, .unfused:
      guard dataset.kind == .sft, dataset.packedSequenceSize > 0, let multiple = dataset.padSeqToMult, multiple > 1,
        refusesPaddedPacks.contains(run.release)
      else { return nil }
      return (
        "it does not take padding between the examples of a pack: the first step finds none",
        [
          (Path.dataset.padSeqToMult, "padded to multiples of \(multiple)"),
          (Path.dataset.packedSequenceSize, "packs of \(dataset.packedSequenceSize) tokens"),
        ]
      )
    default: return nil
    }
  }

  /// What leaves no backend, whichever is chosen.
  private static func withoutAny(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    if run.sizes.context > 1, let kind = model.text("softmax_type"), kind != "vanilla",
      !(run.config.parallelism.contextParallelCommunication?.all.allSatisfy { $0 == "a2a" } ?? false)
    {
      report.warning(
        at: FieldPath("model", "softmax_type"),
        """
        no attention backend has `\(kind)` with CP \(run.sizes.context), unless whole heads are exchanged: the first step \
        finds none
        """,
        help: "`\(Path.parallelism.contextParallelCommunication): a2a`",
        related: [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")])
    }
    guard let path = fp8AttentionPath(run) else { return }
    if let asking = largestLogitPath(model) {
      report.warning(
        at: asking, "no attention backend gives the largest logit in fp8: the first step finds none",
        help: "leave attention in bf16", related: [(path, "attention in fp8")],
        fix: .unsafe("leave it in bf16", (path, false)))
    }
    if run.precision.quantized.fp8Recipe == "tensorwise", let name = run.config.cluster.gpuType, isBeforeBlackwell(name)
    {
      report.warning(
        at: path, "no attention backend trains in fp8 with current scaling on \(name): the first step finds none",
        help: "leave attention in bf16",
        related: [(run.precision.quantized.path("fp8_recipe"), "current scaling"), (Path.cluster.gpuType, "\(name)")],
        fix: .unsafe("leave it in bf16", (path, false)))
    } else if splitsNoLatentFP8.contains(run.release), run.sizes.context > 1, model.multiLatentAttention,
      model.qkHeadDim + model.qkPosEmbHeadDim != model.vHeadDim
    {
      report.warning(
        at: path,
        """
        no attention backend has context parallelism in fp8 for MLA's keys of \
        \(model.qkHeadDim + model.qkPosEmbHeadDim) beside values of \(model.vHeadDim): the first step finds none
        """,
        help: "leave attention in bf16",
        related: [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)"), (Path.model.vHeadDim, "values")],
        fix: .unsafe("leave it in bf16", (path, false)))
    }
  }

  /// The field that asks attention for its largest logit.
  private static func largestLogitPath(_ model: Section<ModelFields>) -> FieldPath? {
    ["qk_clip", "log_max_attention_logit"].first(where: model.isOn).map { FieldPath("model", $0) }
  }

  /// The field that computes attention in fp8, where the recipe does.
  private static func fp8AttentionPath(_ run: RunFacts) -> FieldPath? {
    let quantized = run.precision.quantized
    guard quantized.fp8 != nil, quantized.fp8Recipe == "delayed" || quantized.fp8Recipe == "tensorwise" else {
      return nil
    }
    let path = quantized.path("fp8_dot_product_attention")
    return run.config.value(at: path)?.value == .bool(true) ? path : nil
  }

  private static func emulatesFP8(_ run: RunFacts) -> Bool {
    run.config.envVars.text("NVTE_UnfusedDPA_Emulate_FP8") == "1"
  }

  private static func isBeforeBlackwell(_ name: String) -> Bool {
    ["h100", "h200", "h800", "h20", "gh200", "a100", "a800", "l40"].contains { name.lowercased().contains($0) }
  }
}
