/// The architecture of one DeepSeek-V3 style decoder, in Hugging Face's terms.
///
/// Every property carries the meaning of the field of the same name (in snake case) in transformers'
/// `DeepseekV3Config`; Megatron's name is given where it differs. A value is plain data: `validate()` says whether it
/// describes a model at all.
package struct ModelShape: Sendable, Equatable {
  /// Rows of the embedding and of the head, padding included (Megatron: padded vocabulary size).
  package var vocabSize: Int
  package var hiddenSize: Int
  /// Width of the dense layers' MLP (Megatron: `ffn_hidden_size`).
  package var intermediateSize: Int
  /// Width of one routed expert (Megatron: `moe_ffn_hidden_size`).
  package var moeIntermediateSize: Int
  package var numHiddenLayers: Int
  package var numAttentionHeads: Int
  /// Shared experts, fused into one MLP of `nSharedExperts * moeIntermediateSize`; 0 for none.
  package var nSharedExperts: Int
  package var nRoutedExperts: Int
  package var numExpertsPerTok: Int
  /// Groups of experts (Megatron: `moe_router_num_groups`), and how many of them a token may use.
  package var nGroup: Int
  package var topkGroup: Int
  package var routedScalingFactor: Float
  package var normTopkProb: Bool
  /// The first layers that have a dense MLP; all further ones are mixtures of experts.
  package var firstKDenseReplace: Int
  package var kvLoraRank: Int
  /// `nil` projects queries directly.
  package var qLoraRank: Int?
  /// Per head: dimensions without (Megatron: `qk_head_dim`) and with rotation (`qk_pos_emb_head_dim`), and of values.
  package var qkNopeHeadDim: Int
  package var qkRopeHeadDim: Int
  package var vHeadDim: Int
  /// Base of the rotation frequencies (Megatron: `rotary_base`).
  package var ropeTheta: Double
  package var yarn: YarnScaling?
  package var maxPositionEmbeddings: Int
  package var rmsNormEps: Float
  /// Epsilon of the norms inside the latent projections: 1e-6 in transformers, whatever `rms_norm_eps` says.
  package var latentNormEps: Float
  package var tieWordEmbeddings: Bool

  /// - Parameter yarn: `rope_scaling`, `nil` for plain rotation.
  package init(
    vocabSize: Int, hiddenSize: Int, intermediateSize: Int, moeIntermediateSize: Int, numHiddenLayers: Int,
    numAttentionHeads: Int, nSharedExperts: Int, nRoutedExperts: Int, numExpertsPerTok: Int, nGroup: Int = 1,
    topkGroup: Int = 1, routedScalingFactor: Float, normTopkProb: Bool = true, firstKDenseReplace: Int,
    kvLoraRank: Int, qLoraRank: Int? = nil, qkNopeHeadDim: Int, qkRopeHeadDim: Int, vHeadDim: Int,
    ropeTheta: Double, yarn: YarnScaling? = nil, maxPositionEmbeddings: Int, rmsNormEps: Float,
    latentNormEps: Float = 1e-6, tieWordEmbeddings: Bool = false
  ) {
    self.vocabSize = vocabSize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.moeIntermediateSize = moeIntermediateSize
    self.numHiddenLayers = numHiddenLayers
    self.numAttentionHeads = numAttentionHeads
    self.nSharedExperts = nSharedExperts
    self.nRoutedExperts = nRoutedExperts
    self.numExpertsPerTok = numExpertsPerTok
    self.nGroup = nGroup
    self.topkGroup = topkGroup
    self.routedScalingFactor = routedScalingFactor
    self.normTopkProb = normTopkProb
    self.firstKDenseReplace = firstKDenseReplace
    self.kvLoraRank = kvLoraRank
    self.qLoraRank = qLoraRank
    self.qkNopeHeadDim = qkNopeHeadDim
    self.qkRopeHeadDim = qkRopeHeadDim
    self.vHeadDim = vHeadDim
    self.ropeTheta = ropeTheta
    self.yarn = yarn
    self.maxPositionEmbeddings = maxPositionEmbeddings
    self.rmsNormEps = rmsNormEps
    self.latentNormEps = latentNormEps
    self.tieWordEmbeddings = tieWordEmbeddings
  }

  /// `qk_nope_head_dim + qk_rope_head_dim`: the width of one head's query and key.
  package var qkHeadDim: Int { qkNopeHeadDim + qkRopeHeadDim }

  /// Width of the fused shared experts (Megatron: `moe_shared_expert_intermediate_size`).
  package var sharedIntermediateSize: Int { nSharedExperts * moeIntermediateSize }

  package func isMixture(layer: Int) -> Bool { layer >= firstKDenseReplace }
}

/// YaRN as in transformers' `rope_scaling` of type `yarn`.
package struct YarnScaling: Sendable, Equatable {
  package var factor: Double
  package var originalMaxPositionEmbeddings: Int
  package var betaFast: Double
  package var betaSlow: Double
  /// Zero means absent, as transformers reads it.
  package var mscale: Double
  package var mscaleAllDim: Double

  package init(
    factor: Double, originalMaxPositionEmbeddings: Int, betaFast: Double = 32, betaSlow: Double = 1,
    mscale: Double = 1, mscaleAllDim: Double = 1
  ) {
    self.factor = factor
    self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    self.betaFast = betaFast
    self.betaSlow = betaSlow
    self.mscale = mscale
    self.mscaleAllDim = mscaleAllDim
  }
}

/// Why a `ModelShape` describes no model that can be built.
package enum ModelShapeError: Error, Equatable, CustomStringConvertible {
  case notPositive(field: String, value: Int)
  case outOfRange(field: String, value: Int, allowed: ClosedRange<Int>)
  case oddRopeDimension(Int)
  case groupsDoNotDivide(experts: Int, groups: Int)
  case tooFewSelectable(perToken: Int, selectable: Int)
  case notFinite(field: String)
  case tooManyParameters

  package var description: String {
    switch self {
    case .notPositive(let field, let value): "\(field) is \(value); it must be at least 1"
    case .outOfRange(let field, let value, let allowed):
      "\(field) is \(value); it must be within \(allowed.lowerBound) and \(allowed.upperBound)"
    case .oddRopeDimension(let value): "qk_rope_head_dim is \(value); rotation works on pairs, so it must be even"
    case .groupsDoNotDivide(let experts, let groups): "n_group \(groups) does not divide \(experts) experts"
    case .tooFewSelectable(let perToken, let selectable):
      "num_experts_per_tok is \(perToken), but only \(selectable) experts can be selected"
    case .notFinite(let field): "\(field) is not a finite positive number"
    case .tooManyParameters: "the model has more parameters than can be addressed"
    }
  }
}

extension ModelShape {
  /// Throws the first reason why no model of this shape exists.
  package func validate() throws(ModelShapeError) {
    let positive = [
      ("vocab_size", vocabSize), ("hidden_size", hiddenSize), ("intermediate_size", intermediateSize),
      ("num_hidden_layers", numHiddenLayers), ("num_attention_heads", numAttentionHeads),
      ("kv_lora_rank", kvLoraRank), ("qk_nope_head_dim", qkNopeHeadDim), ("qk_rope_head_dim", qkRopeHeadDim),
      ("v_head_dim", vHeadDim), ("max_position_embeddings", maxPositionEmbeddings), ("q_lora_rank", qLoraRank ?? 1),
    ]
    for (field, value) in positive {
      try Self.check(field, value, in: 1...Self.largestDimension)
    }
    try Self.check("num_hidden_layers", numHiddenLayers, in: 1...Self.mostLayers)
    // Products of two checked dimensions cannot overflow; as rows of a matrix they must be small again.
    let products = [
      ("num_attention_heads * (qk_nope_head_dim + qk_rope_head_dim)", numAttentionHeads * qkHeadDim),
      ("num_attention_heads * (qk_nope_head_dim + v_head_dim)", numAttentionHeads * (qkNopeHeadDim + vHeadDim)),
    ]
    for (field, value) in products { try Self.check(field, value, in: 1...Self.widestProduct) }
    try Self.check("first_k_dense_replace", firstKDenseReplace, in: 0...numHiddenLayers)
    guard qkRopeHeadDim % 2 == 0 else { throw .oddRopeDimension(qkRopeHeadDim) }
    if firstKDenseReplace < numHiddenLayers { try validateExperts() }
    guard ropeTheta.isFinite, ropeTheta > 0 else { throw .notFinite(field: "rope_theta") }
    guard rmsNormEps.isFinite, rmsNormEps > 0 else { throw .notFinite(field: "rms_norm_eps") }
    if let yarn {
      guard yarn.factor.isFinite, yarn.factor > 0 else { throw .notFinite(field: "rope_scaling.factor") }
      try Self.check(
        "rope_scaling.original_max_position_embeddings", yarn.originalMaxPositionEmbeddings,
        in: 1...Self.largestDimension)
    }
  }

  private func validateExperts() throws(ModelShapeError) {
    try Self.check("n_routed_experts", nRoutedExperts, in: 1...Self.mostExperts)
    try Self.check("moe_intermediate_size", moeIntermediateSize, in: 1...Self.largestDimension)
    try Self.check("n_shared_experts", nSharedExperts, in: 0...Self.mostExperts)
    try Self.check(
      "n_shared_experts * moe_intermediate_size", sharedIntermediateSize, in: 0...Self.widestProduct)
    try Self.check("n_group", nGroup, in: 1...min(nRoutedExperts, 256))
    try Self.check("topk_group", topkGroup, in: 1...nGroup)
    guard nRoutedExperts % nGroup == 0 else {
      throw .groupsDoNotDivide(experts: nRoutedExperts, groups: nGroup)
    }
    let selectable = nGroup == 1 ? nRoutedExperts : topkGroup * (nRoutedExperts / nGroup)
    guard numExpertsPerTok >= 1 else { throw .notPositive(field: "num_experts_per_tok", value: numExpertsPerTok) }
    guard numExpertsPerTok <= selectable else {
      throw .tooFewSelectable(perToken: numExpertsPerTok, selectable: selectable)
    }
    guard routedScalingFactor.isFinite else { throw .notFinite(field: "routed_scaling_factor") }
  }

  /// Far above any real model and small enough that a product of two dimensions and a byte width cannot overflow.
  private static let largestDimension = 1 << 26

  /// Three joined matrices of so many rows still have fewer rows than a BLAS can count.
  private static let widestProduct = 1 << 29

  /// Bounds on the number of tensors: ten times what any published model of this family has.
  private static let mostLayers = 1024
  private static let mostExperts = 4096

  private static func check(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws(ModelShapeError) {
    if range.lowerBound == 1, value < 1 { throw .notPositive(field: field, value: value) }
    guard range.contains(value) else { throw .outOfRange(field: field, value: value, allowed: range) }
  }
}
