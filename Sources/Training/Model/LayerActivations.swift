/// What one layer's backward pass reads of its forward pass. Recomputed parts point into memory shared by all layers.
struct LayerActivations {
  enum FeedForward {
    /// [tokens, 2 * width, at their distance]: gate and up
    case dense(Floats)
    case mixture(MixtureOfExperts.Activations)
  }

  let recomputed: RecomputedParts
  /// [tokens, hidden]; always kept
  let input: Floats
  /// [tokens, hidden], [tokens]
  let normedInput: Floats
  let inputRstd: Floats
  let attention: LatentAttention.Activations
  /// [tokens, hidden] after attention; then normed, and its norm's [tokens]
  let middle: Floats
  let normedMiddle: Floats
  let middleRstd: Floats
  let feedForward: FeedForward

  /// Takes kept parts from `own`, recomputed ones from `shared`.
  init(
    shape: ModelShape, layer: Int, capacity: BatchCapacity, recomputed: RecomputedParts, own: inout Arena,
    shared: inout Arena
  ) {
    let tokens = capacity.tokens
    func floats(_ count: Int, _ part: RecomputedParts, _ own: inout Arena, _ shared: inout Arena) -> Floats {
      recomputed.contains(part) || recomputed.contains(.rest) ? shared.floats(count) : own.floats(count)
    }
    self.recomputed = recomputed
    input = own.floats(tokens * shape.hiddenSize)
    normedInput = floats(tokens * shape.hiddenSize, .norms, &own, &shared)
    inputRstd = floats(tokens, .norms, &own, &shared)
    let widths = LatentAttention.Widths(shape)
    let queryRank = shape.qLoraRank ?? 0
    attention = LatentAttention.Activations(
      projected: floats(tokens * widths.projected, .rest, &own, &shared),
      queryLatentNormed: floats(tokens * queryRank, .rest, &own, &shared),
      queryLatentRstd: floats(queryRank > 0 ? tokens : 0, .rest, &own, &shared),
      queriesFromLatent: floats(queryRank > 0 ? tokens * widths.queries : 0, .upProjections, &own, &shared),
      latentNormed: floats(tokens * shape.kvLoraRank, .rest, &own, &shared),
      latentRstd: floats(tokens, .rest, &own, &shared),
      keysValues: floats(tokens * widths.keysValues, .upProjections, &own, &shared),
      logSums: floats(tokens * shape.numAttentionHeads, .rest, &own, &shared),
      attended: floats(tokens * widths.attended, .rest, &own, &shared))
    middle = floats(tokens * shape.hiddenSize, .rest, &own, &shared)
    normedMiddle = floats(tokens * shape.hiddenSize, .norms, &own, &shared)
    middleRstd = floats(tokens, .norms, &own, &shared)
    guard shape.isMixture(layer: layer) else {
      feedForward = .dense(floats(tokens * Linear.distance(outputs: 2 * shape.intermediateSize), .dense, &own, &shared))
      return
    }
    let routed = tokens * shape.numExpertsPerTok
    feedForward = .mixture(
      MixtureOfExperts.Activations(
        joined: floats(
          tokens * Linear.distance(outputs: shape.nRoutedExperts + 2 * shape.sharedIntermediateSize), .shared, &own,
          &shared),
        scores: floats(tokens * shape.nRoutedExperts, .shared, &own, &shared),
        dispatch: recomputed.contains(.rest) || recomputed.contains(.shared) && recomputed.contains(.experts)
          ? ExpertDispatch(&shared, shape: shape, tokens: tokens)
          : ExpertDispatch(&own, shape: shape, tokens: tokens),
        gateUp: floats(routed * 2 * shape.moeIntermediateSize, .experts, &own, &shared)))
  }
}
