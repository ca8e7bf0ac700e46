package import LaunchModel

/// What one token leaves in one layer for the backward pass, operation by operation, in bf16 with balanced routing and
/// no dropout.
///
/// Derived from what the operations of megatron-core 0.16.1 to 0.19.2 (`multi_latent_attention.py`, `moe/experts.py`,
/// `moe/router.py`, `transformer_layer.py`) and of Transformer Engine save: a linear module its input, if its weight or
/// an adapter of its own is trained; a norm its input; attention queries, keys, values, output and the logarithm of
/// the sum; a gated activation its input. Megatron's own report (``MegatronMemoryReport``) ignores top-k, shared
/// experts and the MLA dimensions.
package struct LayerActivations: Hashable, Sendable {
  /// On the GPU until the backward pass.
  package private(set) var kept = ActivationBytes.zero
  /// In host memory until then.
  package private(set) var offloaded = ActivationBytes.zero
  /// What the layer's backward pass makes beside them: gradients of activations, at the worst moment.
  package private(set) var gradients = ActivationBytes.zero

  private enum Split { case sequence, tensor }

  private let settings: ActivationSettings
  private let adapted: AdaptedLinears

  /// - Parameter isMoE: which kind of layer.
  package init(_ shape: Architecture, isMoE: Bool, _ settings: ActivationSettings) {
    self.init(shape, isMoE: isMoE, settings, adapted: [])
  }

  init(_ shape: Architecture, isMoE: Bool, _ settings: ActivationSettings, adapted: AdaptedLinears) {
    self.settings = settings
    self.adapted = adapted
    addGradients(shape, isMoE: isMoE)
    guard settings.recompute != .full else {
      // The layer's input alone.
      add(2 * Double(shape.hiddenSize), .sequence)
      return
    }
    addAttention(shape)
    if isMoE { addExperts(shape) } else { addDenseMLP(shape) }
  }

  /// A tensor, unless it is computed again.
  private mutating func add(
    _ bytes: Double, _ split: Split, droppedBy module: RecomputeModule? = nil, offloadedBy place: OffloadedModules = []
  ) {
    if let module, settings.recompute.drops(module) { return }
    let added = ActivationBytes(sequence: split == .sequence ? bytes : 0, tensor: split == .tensor ? bytes : 0)
    if !place.isEmpty, settings.offloaded.contains(place) {
      offloaded = offloaded + added
    } else {
      kept = kept + added
    }
  }

  /// Whether any of the linear modules needs its input for a gradient of weights.
  private func trains(_ linears: AdaptedLinears) -> Bool { !settings.isFrozen || !adapted.isDisjoint(with: linears) }

  /// What an adapter adds to its linear module: its middle and, for the gradient of a magnitude, the sum of both
  /// outputs (megatron-bridge 0.6.2 `peft/dora_layers.py`).
  private mutating func addAdapter(
    _ linear: AdaptedLinears, output: Double, copies: Double = 1, droppedBy module: RecomputeModule? = nil
  ) {
    guard adapted.contains(linear) else { return }
    let middle = 2 * Double(settings.adapterRank)
    add(copies * (middle + (settings.hasMagnitudes ? output : 0)), .tensor, droppedBy: module)
  }

  // MARK: Attention

  private mutating func addAttention(_ shape: Architecture) {
    let hidden = 2 * Double(shape.hiddenSize)
    let heads = Double(shape.numAttentionHeads)
    add(hidden, .sequence, offloadedBy: .attentionNorm)
    let projections: AdaptedLinears = [.query, .keyValueDown, .queryKeyValue]
    if trains(projections) || settings.normalizesWholeQuery {
      add(hidden, .sequence, droppedBy: .layerNorm, offloadedBy: .queryKeyValueLinear)
    }
    let value: Double
    if shape.isLatentAttention {
      value = 2 * heads * Double(shape.vHeadDim)
      addLatents(shape, value: value)
    } else {
      let width = Double(shape.kvChannels)
      let all = 2 * (heads + 2 * Double(shape.numQueryGroups)) * width
      value = 2 * heads * width
      addAdapter(.queryKeyValue, output: all)
      add(all, .tensor, offloadedBy: .coreAttention)
    }
    // The output is kept by attention itself and, the same tensor, by the projection behind it.
    if trains(.output) || !settings.recompute.drops(.coreAttention) {
      add(value, .tensor, offloadedBy: .attentionProjection)
    }
    addAdapter(.output, output: hidden)
    add(4 * heads, .tensor, droppedBy: .coreAttention)
    if !settings.flashAttention {
      add(2 * heads * Double(settings.sequenceLength), .tensor, droppedBy: .coreAttention)
    }
  }

  private mutating func addLatents(_ shape: Architecture, value: Double) {
    let hidden = 2 * Double(shape.hiddenSize)
    let heads = Double(shape.numAttentionHeads)
    let query = 2 * heads * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim)
    // Norms of latents are part of the up-projections, and are computed again with them.
    if let rank = shape.qLoraRank {
      addAdapter(.query, output: 2 * Double(rank))
      add(2 * Double(rank), .sequence)
      if trains(.queryUp) { add(2 * Double(rank), .sequence, droppedBy: .mlaUpProjection) }
      addAdapter(.queryUp, output: query, droppedBy: .mlaUpProjection)
    } else {
      if settings.normalizesWholeQuery, trains(.query) { add(hidden, .sequence, droppedBy: .mlaUpProjection) }
      addAdapter(.query, output: query, droppedBy: .mlaUpProjection)
    }
    let latent = 2 * Double(shape.kvLoraRank)
    let rotated = 2 * Double(shape.qkPosEmbHeadDim)
    addAdapter(.keyValueDown, output: latent + rotated)
    add(latent + rotated, .sequence)
    if trains(.keyValueUp) { add(latent, .sequence, droppedBy: .mlaUpProjection) }
    addAdapter(.keyValueUp, output: 2 * heads * Double(shape.qkHeadDim) + value, droppedBy: .mlaUpProjection)
    add(query + query + value, .tensor, droppedBy: .mlaUpProjection, offloadedBy: .coreAttention)
  }

  // MARK: MLP

  private mutating func addDenseMLP(_ shape: Architecture) {
    let hidden = 2 * Double(shape.hiddenSize)
    let width = 2 * Double(shape.ffnHiddenSize)
    let gated = shape.gatedLinearUnit ? 2 * width : width
    add(hidden, .sequence, offloadedBy: .mlpNorm)
    // The norm is part of the first matrix: `layernorm` does not reach it.
    if trains(.denseFC1) { add(hidden, .sequence, droppedBy: .mlp) }
    addAdapter(.denseFC1, output: gated, droppedBy: .mlp)
    add(gated, .tensor, droppedBy: .mlp)
    if trains(.denseFC2) { add(width, .tensor, droppedBy: .mlp) }
    addAdapter(.denseFC2, output: hidden, droppedBy: .mlp)
  }

  private mutating func addExperts(_ shape: Architecture) {
    let hidden = 2 * Double(shape.hiddenSize)
    let gates: Double = shape.gatedLinearUnit ? 2 : 1
    add(hidden, .sequence, offloadedBy: .mlpNorm)
    // The router's own function keeps its input, frozen or not; so does a checkpoint around the whole.
    add(hidden, .sequence, droppedBy: .layerNorm)
    guard !settings.recompute.drops(.moe) else { return }
    let experts = Double(shape.numMoEExperts)
    let topK = Double(min(shape.moeRouterTopK, shape.numMoEExperts))
    // Scores in fp32, once to choose and once for the auxiliary loss, with what normalises them, the probabilities,
    // the mask, and the indices.
    add(5 * 4 * experts + experts + 8 * topK, .tensor)
    // Rows of a token by expert, int32; unfused, an index for each copy.
    add(settings.permuteFusion ? 4 * (2 * experts + 1) : 8 * topK, .tensor)

    let width = 2 * Double(shape.moeFFNHiddenSize)
    if trains(.expertFC1) { add(topK * hidden, .tensor, offloadedBy: .expertFC1) }
    addAdapter(.expertFC1, output: gates * width, copies: topK)
    add(topK * (gates * width + 4), .tensor, offloadedBy: .moeActivation)
    if trains(.expertFC2) { add(topK * width, .tensor, droppedBy: .moeActivation) }
    addAdapter(.expertFC2, output: hidden, copies: topK)

    let shared = 2 * Double(shape.sharedExpertIntermediateSize)
    addAdapter(.sharedFC1, output: gates * shared, droppedBy: .sharedExperts)
    add(gates * shared, .tensor, droppedBy: .sharedExperts)
    if trains(.sharedFC2) { add(shared, .tensor, droppedBy: .sharedExperts) }
    addAdapter(.sharedFC2, output: hidden, droppedBy: .sharedExperts)
  }

  // MARK: The backward pass

  /// Behind the activation of the MLP: gradients of its output, its input, and the layer's output.
  private mutating func addGradients(_ shape: Architecture, isMoE: Bool) {
    let hidden = 2 * Double(shape.hiddenSize)
    let gates: Double = shape.gatedLinearUnit ? 2 : 1
    let copies = isMoE ? Double(min(shape.moeRouterTopK, shape.numMoEExperts)) : 1
    let width = 2 * Double(isMoE ? shape.moeFFNHiddenSize : shape.ffnHiddenSize)
    gradients = ActivationBytes(sequence: hidden, tensor: copies * ((isMoE ? hidden : 0) + gates * width))
  }
}
