/// A module of the model that occurs once, or once in each of some layers, under the names that Megatron and Hugging
/// Face give it.
///
/// The names and kinds are those of the modules that megatron-bridge 0.3.1 walks over with Transformer Engine's layers
/// (`peft/walk_utils.py`), before it wraps the model.
package struct AdapterModule: Hashable, Sendable {
  /// How an adapter treats it.
  package enum Kind: Hashable, Sendable {
    /// Output rows are split over ranks.
    case columnParallel
    /// Input columns are split over ranks.
    case rowParallel
    /// Every rank holds the whole matrix.
    case duplicated
    case router
    /// A norm, an embedding, a container: nothing an adapter can wrap.
    case notLinear
  }

  /// The linear modules there are, by the last part of Megatron's name.
  package enum Linear: String, Sendable {
    case linearQProj = "linear_q_proj"
    case linearQDownProj = "linear_q_down_proj"
    case linearQUpProj = "linear_q_up_proj"
    case linearKVDownProj = "linear_kv_down_proj"
    case linearKVUpProj = "linear_kv_up_proj"
    case linearQKV = "linear_qkv"
    case linearProj = "linear_proj"
    case linearFC1 = "linear_fc1"
    case linearFC2 = "linear_fc2"
    case router
    case ehProj = "eh_proj"
    case outputLayer = "output_layer"
  }

  /// Where it stands.
  package enum Place: Hashable, Sendable {
    case model
    /// In these decoder layers, counted through the whole model from 0.
    case layers(LayerKind)
    case mtpLayers
  }

  package enum LayerKind: Hashable, Sendable { case all, dense, moe }

  package let kind: Kind
  package let place: Place
  /// Megatron's name within its place, as in `self_attention.linear_q_proj`; `""` for a layer itself.
  package let path: String
  /// Hugging Face's names of the matrices it holds, as in `mlp.gate_proj` and `mlp.up_proj`; `*` stands for the number
  /// of an expert.
  package let huggingFacePaths: [String]
  /// Routed experts, which may be one grouped module or many.
  package let isExpert: Bool
  /// All experts of a rank in one module, with weights `weight0`, `weight1`, …
  package let isGrouped: Bool
  /// Part of the experts that every token goes through.
  package let isSharedExpert: Bool
  /// The last part of Megatron's name.
  package let name: String
  /// `nil` for what is not linear.
  package let linear: Linear?
  /// Whether the last part of its name is a word: a layer's, and an expert's, is its number.
  let hasFixedName: Bool
  /// The last parts of Hugging Face's names.
  let huggingFaceNames: [String]

  init(
    _ kind: Kind, _ place: Place, _ path: String, _ huggingFacePaths: [String] = [], isExpert: Bool = false,
    isGrouped: Bool = false, isSharedExpert: Bool = false
  ) {
    self.kind = kind
    self.place = place
    self.path = path
    self.huggingFacePaths = huggingFacePaths
    self.isExpert = isExpert
    self.isGrouped = isGrouped
    self.isSharedExpert = isSharedExpert
    name = String(path.lastComponent)
    linear = Linear(rawValue: name)
    hasFixedName = !name.isEmpty && name != "#"
    huggingFaceNames = huggingFacePaths.map { String($0.lastComponent) }
  }

  package var isLinear: Bool { kind != .notLinear }

  /// Whether this is the last part of its name, or of one of its matrices' names.
  func isNamed(_ text: String, by naming: ModuleNaming) -> Bool {
    switch naming {
    case .megatron: name == text
    case .huggingFace: huggingFaceNames.contains(text)
    }
  }
}

/// Whose names modules go by.
enum ModuleNaming { case megatron, huggingFace }

extension AdapterModule {
  /// What the modules of a model depend on.
  private struct Traits {
    var isLatent = false
    var hasQueryLatent = false
    var isMixture = false
    var isGrouped = false
    var hasSharedExperts = false
    var isGated = false

    init(_ config: borrowing LaunchConfig) {
      let model = config.model
      isLatent = model.multiLatentAttention
      hasQueryLatent = model.qLoraRank != nil
      isMixture = model.numMoEExperts != nil
      isGrouped = model.moeGroupedGEMM
      hasSharedExperts = model.moeSharedExpertIntermediateSize != nil
      isGated = model.gatedLinearUnit
    }

    init(bits: Int) {
      isLatent = bits & 1 != 0
      hasQueryLatent = bits & 2 != 0
      isMixture = bits & 4 != 0
      isGrouped = bits & 8 != 0
      hasSharedExperts = bits & 16 != 0
      isGated = bits & 32 != 0
    }

    var bits: Int {
      (isLatent ? 1 : 0) | (hasQueryLatent ? 2 : 0) | (isMixture ? 4 : 0) | (isGrouped ? 8 : 0)
        | (hasSharedExperts ? 16 : 0) | (isGated ? 32 : 0)
    }
  }

  /// Names are made once: a planner asks thousands of times a second.
  private static let tables: [[AdapterModule]] = (0..<64).map { modules(Traits(bits: $0)) }

  /// The modules of a config's model.
  static func all(of config: LaunchConfig) -> [AdapterModule] {
    let traits = Traits(config)
    let modules = tables[traits.bits]
    guard let layers = config.model.mtpNumLayers, layers > 0 else { return modules }
    let inner = attention(traits, .mtpLayers) + (traits.isMixture ? mixture(traits, .mtpLayers) : [])
    return modules + [
      AdapterModule(.notLinear, .model, "mtp"), AdapterModule(.notLinear, .model, "mtp.layers"),
      AdapterModule(.notLinear, .mtpLayers, "enorm"), AdapterModule(.notLinear, .mtpLayers, "hnorm"),
      AdapterModule(.columnParallel, .mtpLayers, "eh_proj", ["eh_proj"]),
      AdapterModule(.notLinear, .mtpLayers, "final_layernorm"),
    ] + inner.map { $0.inside("transformer_layer") }
  }

  private static func modules(_ traits: Traits) -> [AdapterModule] {
    let outside = [
      AdapterModule(.notLinear, .model, "embedding"),
      AdapterModule(.notLinear, .model, "embedding.word_embeddings", ["embed_tokens"]),
      AdapterModule(.notLinear, .model, "embedding.embedding_dropout"),
      AdapterModule(.notLinear, .model, "decoder"),
      AdapterModule(.notLinear, .model, "decoder.layers"),
      AdapterModule(.notLinear, .model, "decoder.final_layernorm", ["norm"]),
      AdapterModule(.columnParallel, .model, "output_layer", ["lm_head"]),
    ]
    let dense = [
      AdapterModule(.columnParallel, .layers(.dense), "mlp.linear_fc1", firstMatrices("mlp", traits)),
      AdapterModule(.rowParallel, .layers(.dense), "mlp.linear_fc2", ["mlp.down_proj"]),
    ]
    return outside + attention(traits, .layers(.all)) + dense
      + (traits.isMixture ? mixture(traits, .layers(.moe)) : [])
  }

  private static func attention(_ traits: Traits, _ place: Place) -> [AdapterModule] {
    var modules = [
      "", "input_layernorm", "self_attention", "self_attention.core_attention", "pre_cross_attn_layernorm",
      "cross_attention", "cross_attn_bda", "pre_mlp_layernorm", "mlp",
    ].map { AdapterModule(.notLinear, place, $0) }
    modules.append(AdapterModule(.rowParallel, place, "self_attention.linear_proj", ["self_attn.o_proj"]))
    guard traits.isLatent else {
      modules.append(
        AdapterModule(
          .columnParallel, place, "self_attention.linear_qkv",
          ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]))
      return modules
    }
    modules += ["self_attention.rotary_pos_emb", "self_attention.kv_layernorm"].map {
      AdapterModule(.notLinear, place, $0)
    }
    modules += [
      AdapterModule(.duplicated, place, "self_attention.linear_kv_down_proj", ["self_attn.kv_a_proj_with_mqa"]),
      AdapterModule(.columnParallel, place, "self_attention.linear_kv_up_proj", ["self_attn.kv_b_proj"]),
    ]
    if !traits.hasQueryLatent {
      modules.append(AdapterModule(.columnParallel, place, "self_attention.linear_q_proj", ["self_attn.q_proj"]))
    } else {
      modules += [
        AdapterModule(.notLinear, place, "self_attention.q_layernorm"),
        AdapterModule(.duplicated, place, "self_attention.linear_q_down_proj", ["self_attn.q_a_proj"]),
        AdapterModule(.columnParallel, place, "self_attention.linear_q_up_proj", ["self_attn.q_b_proj"]),
      ]
    }
    return modules
  }

  private static func mixture(_ traits: Traits, _ place: Place) -> [AdapterModule] {
    let experts = "mlp.experts"
    let isGrouped = traits.isGrouped
    // `#` stands for the number of an expert on its rank.
    let inner = isGrouped ? experts : experts + ".local_experts.#"
    var modules = [
      AdapterModule(.router, place, "mlp.router", ["mlp.gate"]),
      AdapterModule(.notLinear, place, experts),
      AdapterModule(
        .columnParallel, place, inner + ".linear_fc1", firstMatrices(experts + ".*", traits), isExpert: true,
        isGrouped: isGrouped),
      AdapterModule(
        .rowParallel, place, inner + ".linear_fc2", [experts + ".*.down_proj"], isExpert: true, isGrouped: isGrouped),
    ]
    if !isGrouped {
      modules += [
        AdapterModule(.notLinear, place, experts + ".local_experts"), AdapterModule(.notLinear, place, inner),
      ]
    }
    if traits.hasSharedExperts {
      let shared = "mlp.shared_experts"
      modules += [
        AdapterModule(.notLinear, place, shared, isSharedExpert: true),
        AdapterModule(
          .columnParallel, place, shared + ".linear_fc1", firstMatrices(shared, traits), isSharedExpert: true),
        AdapterModule(.rowParallel, place, shared + ".linear_fc2", [shared + ".down_proj"], isSharedExpert: true),
      ]
    }
    return modules
  }

  /// Megatron's first matrix is gate above up.
  private static func firstMatrices(_ path: String, _ traits: Traits) -> [String] {
    traits.isGated ? [path + ".gate_proj", path + ".up_proj"] : [path + ".up_proj"]
  }

  private func inside(_ container: String) -> AdapterModule {
    AdapterModule(
      kind, place, path.isEmpty ? container : container + "." + path, huggingFacePaths, isExpert: isExpert,
      isGrouped: isGrouped, isSharedExpert: isSharedExpert)
  }
}

extension String {
  /// What stands behind the last dot.
  var lastComponent: Substring {
    guard let dot = utf8.lastIndex(of: UInt8(ascii: ".")) else { return self[...] }
    return self[utf8.index(after: dot)...]
  }
}
