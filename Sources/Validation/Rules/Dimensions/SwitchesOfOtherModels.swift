import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// # DIM-14: switches of other models and of inference stay off
///
/// ## What
/// Fields of Megatron's that no recipe here needs, and that refuse the start where they do not fit:
/// `use_kitchen`, `heterogeneous_block_specs` and, with routed experts, in 0.3.1 `is_hybrid_model` (other models),
/// `hybrid_context_parallel` without a pipeline or (from 0.5.1 on) with an odd DP x CP,
/// `inference_fuse_tp_communication` and `inference_disable_triton_nvls_kernels` without
/// `transformer_impl: inference_optimized`, `batch_invariant_mode` without `attention_backend: flash`, and in 0.6.2 without
/// `flash_attention_version` 3 or 4, or with context parallelism or attention dropout,
/// `restore_modelopt_state` with `gradient_accumulation_fusion`, `activation_func_fp8_input_store` without SwiGLU,
/// `experimental_attention_variant` without what it needs, in 0.6.2 at all, `no_rope_freq` that does not fit the layers, a negative
/// `moe_latent_size` or `embedding_init_method_std`.
///
/// ## Why
/// Megatron checks each of them when it builds the model's configuration or the model.
///
/// ## Example
/// ```yaml
/// model: {batch_invariant_mode: true, attention_backend: auto}
/// ```
///
/// ## Fix
/// Remove the field, or set what it needs.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`;
///   `transformer/multi_latent_attention.py`; megatron-bridge 0.3.1 `training/config.py`,
///   `training/utils/train_utils.py`, `training_log`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same; `models/gpt/gpt_layer_specs.py`, `get_gpt_decoder_layer_specs`.
enum SwitchesOfOtherModels: Rule {
  static let code: DiagnosticCode = "DIM-14"
  static let title = "switches of other models and of inference stay off"
  static let errorsDependOn: PlanAspects = [.tensor, .pipeline, .context, .replicas]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty else { return }
    for field in model.storage.carried {
      guard let problem = problem(field.name, field.value, run) else { continue }
      let path = FieldPath("model", field.name)
      report.error(
        at: path, "`\(name: path)` \(problem.message)", help: "remove it", related: problem.related,
        fix: .unsafe("remove it", (path, nil)))
    }
  }

  /// Where the log line counts the routed layers of a pattern that only hybrid models have.
  private static let countsHybridLayers = ReleaseSet.until(.bridge031)
  /// Where the attention of all runs has to be the same kernel.
  private static let pinsInvariantKernel = ReleaseSet.since(.bridge062)
  /// Where the heads of a gated delta net are divided over context parallelism as well.
  private static let dividesHeadsOverContext = ReleaseSet.since(.bridge051)
  /// Where the layers' specification takes no variant of attention.
  private static let refusesVariants = ReleaseSet.since(.bridge062)

  /// Where Megatron-Bridge makes the groups of hybrid context parallelism.
  private static let halvesContextGroups = ReleaseSet.since(.bridge051)

  private typealias Problem = (message: Message, related: [RelatedField])

  private static func problem(_ name: String, _ value: ConfigValue, _ run: RunFacts) -> Problem? {
    let model = run.config.model
    let isOn = value == .bool(true)
    switch name {
    case "use_kitchen" where isOn: return ("needs NVIDIA's Kitchen, which is in no release", [])
    case "heterogeneous_block_specs" where isOn:
      return ("needs a specification of every layer, which this model provider does not have", [])
    // The log line counts the routed layers of a pattern that only such models have.
    case "is_hybrid_model" where isOn && model.numMoEExperts != nil && countsHybridLayers.contains(run.release):
      return ("is for models with Mamba layers", [(Path.model.numMoEExperts, "routed experts")])
    // The pipelined schedules do not look at it.
    case "hybrid_context_parallel" where isOn && run.sizes.pipeline == 1:
      return ("needs batches that Megatron-Bridge's datasets do not give", [])
    case "hybrid_context_parallel" where isOn && halvesContextGroups.contains(run.release):
      guard let replicas = run.dataParallelSize, !(replicas * run.sizes.context).isMultiple(of: 2) else { return nil }
      let path = Path.parallelism.contextParallelSize
      return (
        "halves groups of DP \(replicas) x CP \(run.sizes.context) = \(replicas * run.sizes.context) ranks",
        [(path, "CP \(run.sizes.context)")]
      )
    case "inference_fuse_tp_communication" where isOn:
      guard model.transformerImplementation != .inferenceOptimized else { return nil }
      let path = Path.model.transformerImplementation
      return ("needs inference-optimized layers", [(path, "\(model.transformerImplementation.rawValue)")])
    case "inference_disable_triton_nvls_kernels" where isOn:
      guard model.transformerImplementation != .inferenceOptimized else { return nil }
      let path = Path.model.transformerImplementation
      return ("is for inference-optimized layers", [(path, "\(model.transformerImplementation.rawValue)")])
    case "batch_invariant_mode" where isOn:
      return invariantAttention(run)
    case "restore_modelopt_state" where isOn && model.gradientAccumulationFusion:
      return ("excludes fused gradient accumulation", [(Path.model.gradientAccumulationFusion, "on")])
    case "activation_func_fp8_input_store" where isOn:
      guard model.activationFunction != .silu || !model.gatedLinearUnit else { return nil }
      let function: RelatedField = (Path.model.activationFunction, "\(model.activationFunction.rawValue)")
      return ("is written for SwiGLU alone", [function, (Path.model.gatedLinearUnit, "\(model.gatedLinearUnit)")])
    case "experimental_attention_variant": return attentionVariant(value, run)
    case "no_rope_freq": return layersWithoutRotation(value, run)
    case "moe_latent_size" where (Int(value) ?? 0) < 0 && run.hasMoELayer: return ("is negative", [])
    case "embedding_init_method_std" where (Double(value) ?? 0) < 0: return ("is negative", [])
    default: return nil
    }
  }

  private static func invariantAttention(_ run: RunFacts) -> Problem? {
    let model = run.config.model
    guard model.attentionBackend == .flash else {
      let backend = model.attentionBackend?.rawValue ?? "null"
      return ("needs FlashAttention (`attention_backend: flash`)", [(Path.model.attentionBackend, "\(backend)")])
    }
    guard pinsInvariantKernel.contains(run.release) else { return nil }
    let version = model.integer(FlashAttentionVersion.path.field)
    guard version == 3 || version == 4 else {
      let written = version.map(String.init) ?? "null"
      return (
        "needs FlashAttention 3 or 4 (`\(name: FlashAttentionVersion.path)`)",
        [(FlashAttentionVersion.path, "\(written)")]
      )
    }
    if run.sizes.context > 1 {
      return (
        "excludes context parallelism", [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")]
      )
    }
    guard model.attentionDropout != 0 else { return nil }
    return ("excludes attention dropout", [(Path.model.attentionDropout, "\(model.attentionDropout)")])
  }

  private static func attentionVariant(_ value: ConfigValue, _ run: RunFacts) -> Problem? {
    let model = run.config.model
    let context: RelatedField = (Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")
    if value != .null, refusesVariants.contains(run.release) {
      return ("has no place in the layers that Megatron-Bridge builds of this model", [])
    }
    if value == "dsa" {
      if run.sizes.context != 1 { return ("dsa excludes context parallelism", [context]) }
      guard model.applyRopeFusion else { return nil }
      return ("dsa excludes fused rotation", [(Path.model.applyRopeFusion, "on")])
    }
    guard value == "gated_delta_net" else { return nil }
    let needed = [
      "linear_attention_freq", "linear_conv_kernel_dim", "linear_key_head_dim", "linear_value_head_dim",
      "linear_num_key_heads", "linear_num_value_heads",
    ]
    // All but the first have defaults.
    for name in needed {
      guard let given = model.carried(name) else {
        if name == needed[0] {
          return (
            "gated_delta_net needs `\(name: FieldPath("model", name))`", [(FieldPath("model", name), "not given")]
          )
        }
        continue
      }
      if given == .null {
        return ("gated_delta_net needs `\(name: FieldPath("model", name))`", [(FieldPath("model", name), "null")])
      }
    }
    let (keys, values) = (heads("linear_num_key_heads", 16, model), heads("linear_num_value_heads", 32, model))
    let tensor: RelatedField = (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)")
    let takesContext = dividesHeadsOverContext.contains(run.release)
    let ranks = run.sizes.tensor * (takesContext ? run.sizes.context : 1)
    if keys == 0
      || ![(values, keys), (keys, ranks), (values, ranks)].allSatisfy({ $0.0.isMultiple(of: $0.1) })
    {
      return (
        "gated_delta_net divides \(values) value heads over \(keys) key heads, and both over TP\(takesContext ? " and CP" : "")",
        [tensor]
      )
    }
    return run.sizes.context == 1 || takesContext ? nil : ("gated_delta_net excludes context parallelism", [context])
  }

  private static func heads(_ name: String, _ byDefault: Int, _ model: Section<ModelFields>) -> Int {
    model.carried(name).flatMap(Int.init) ?? byDefault
  }

  private static func layersWithoutRotation(_ value: ConfigValue, _ run: RunFacts) -> Problem? {
    let layers = run.architecture.numLayers
    let related: [RelatedField] = [(Path.model.numLayers, "\(layers) layers")]
    let model = run.config.model
    switch value {
    case .int(0), .list([]), .null: return nil
    case .int, .list:
      if model.carried("flash_decode") == .bool(true) {
        return ("excludes flash decoding", [(FieldPath("model", "flash_decode"), "on")])
      }
      if case .int(let every) = value {
        return layers.isMultiple(of: every) ? nil : ("does not divide \(layers) layers", related)
      }
      guard case .list(let items) = value, items.count != layers else { return nil }
      return ("has \(items.count) entries for \(layers) layers", related)
    default: return nil
    }
  }
}
