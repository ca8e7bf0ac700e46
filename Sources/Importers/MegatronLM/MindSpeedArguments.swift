import ConfigDocument
import LaunchModel
import Releases

/// What MindSpeed-LLM's scripts call options and values of Megatron-LM.
///
/// Source: MindSpeed-LLM 26.0.0 `mindspeed_llm/features_manager/arguments/deprecated_args.py` and `common/rotary.py`.
enum MindSpeedArguments {
  /// Options of other names, with those of Megatron-LM.
  static let options: [String: String] = [
    "moe-intermediate-size": "moe-ffn-hidden-size", "n-group": "moe-router-num-groups",
    "topk-group": "moe-router-group-topk", "routed-scaling-factor": "moe-router-topk-scaling-factor",
    "qk-rope-head-dim": "qk-pos-emb-head-dim", "qk-nope-head-dim": "qk-head-dim",
    "multi-head-latent-attention": "multi-latent-attention", "rope-scaling-mscale": "mscale",
    "rope-scaling-mscale-all-dim": "mscale-all-dim",
  ]

  /// Words of its own for what Megatron-LM calls otherwise, by option.
  static let words: [String: [String: String]] = [
    "--tokenizer-type": ["PretrainedFromHF": "HuggingFaceTokenizer"],
    "--moe-token-dispatcher-type": ["alltoall_seq": "alltoall"],
  ]

  /// Words for what Megatron-LM does not have, by option.
  static let ownWords: [String: Set<String>] = [
    "--tokenizer-type": ["MagistralTokenizer"], "--position-embedding-type": ["alibi", "deepseek4"],
    "--moe-router-load-balancing-type": [
      "group_limited_greedy", "softmax_topk", "pai_megatron_aux_loss", "sparsemixer_topk", "noaux_tc",
    ],
    "--fp8-format": ["hif8"], "--fp8-recipe": ["mxfp8-32x32"], "--moe-router-dtype": ["fp8"],
  ]

  /// What YaRN's parameters are called that Megatron-LM's parser has no option for.
  static let fields: [(option: String, path: FieldPath)] = [
    ("beta_fast", Path.model.betaFast), ("rope_scaling_beta_fast", Path.model.betaFast),
    ("beta_slow", Path.model.betaSlow), ("rope_scaling_beta_slow", Path.model.betaSlow),
    ("rope_scaling_original_max_position_embeddings", Path.model.originalMaxPositionEmbeddings),
  ]
}

extension ImportedFields {
  /// Experts, layers and rotation, by MindSpeed-LLM's options of its own.
  mutating func addMindSpeed() {
    for (option, path) in MindSpeedArguments.fields {
      guard let value = ownWord(option), let number = Double(value.text) else { continue }
      let isLength = path == Path.model.originalMaxPositionEmbeddings
      set(path, isLength ? .int(Int(exactly: number) ?? 0) : .float(number), from: value.name)
    }
    addRotation()
    addLayers()
    if let shared = ownWord("n_shared_experts"), let count = Int(shared.text), count > 0,
      let width = int("--moe-ffn-hidden-size")?.number ?? int("--ffn-hidden-size")?.number
    {
      set(
        Path.model.moeSharedExpertIntermediateSize, .int(count &* width), from: shared.name,
        remark: "\(shared.name.text) times the width of an expert, \(sources.line(of: shared.name.range))")
    }
    if let folder = takeOwn("tokenizer_name_or_path"), let path = folder.values.first {
      set(Path.tokenizer.tokenizerModel, .string(path.spelled(in: sources)), from: folder.name)
    }
  }

  /// Without a type of scaling nothing is stretched, where Megatron-LM's MLA would.
  private mutating func addRotation() {
    guard given["--multi-latent-attention"] != nil else { return }
    guard let type = ownWord("rope_scaling_type") else {
      if let attention = given["--multi-latent-attention"], given["--rope-type"] == nil {
        set(Path.model.ropeType, "rope", from: attention.name, remark: "no --rope-scaling-type")
      }
      return
    }
    set(Path.model.ropeType, .string(type.text), from: type.name)
    if let factor = text("--rope-scaling-factor"), let number = Double(factor.text) {
      set(Path.model.rotaryScalingFactor, .float(number), factor.option)
    }
  }

  /// `--first-k-dense-replace` and `--noop-layers`: layers that do nothing are none here.
  private mutating func addLayers() {
    guard let layers = int("--num-layers") else { return }
    let passed = ownWord("noop_layers")
    let numbers = Set(passed?.text.split(separator: ",").compactMap { Int($0) } ?? [])
    let kept = (0..<max(0, min(layers.number, 4096))).filter { !numbers.contains($0) }
    if let passed {
      set(
        Path.model.numLayers, .int(kept.count), from: passed.name,
        remark: "--num-layers without \(passed.name.text), \(sources.line(of: passed.name.range))")
    }
    guard let dense = ownWord("first_k_dense_replace"), let first = Int(dense.text), given["--num-experts"] != nil
    else {
      return
    }
    let every = int("--moe-layer-freq").map { max(1, $0.number) } ?? 1
    set(
      Path.model.moeLayerFrequency, .list(kept.map { .int($0 >= first && $0 % every == 0 ? 1 : 0) }), from: dense.name)
  }

  private mutating func ownWord(_ name: String) -> (text: String, name: LocatedText)? {
    guard let (name, values) = takeOwn(name), let value = values.first, value.unknown == nil else { return nil }
    return (value.text, name)
  }
}
