/// What attention needs of the tokens before: each layer's normed latents and rotated shared key parts. Keys and values of
/// all heads are linear in the latent, so they are never kept themselves.
struct LatentCache {
  struct Layer {
    /// [length, kv rank]
    let latents: Floats
    /// [length, rope]
    let sharedKeys: Floats
  }

  /// Tokens that it has room for.
  let length: Int
  let layers: [Layer]
  private let memory: Storage<Float>

  init(shape: ModelShape, length: Int) throws(EngineError) {
    var arena = Arena.measuring
    _ = Self.layers(&arena, shape, length)
    memory = try Storage(count: arena.used)
    arena = Arena(memory)
    layers = Self.layers(&arena, shape, length)
    self.length = length
  }

  private static func layers(_ arena: inout Arena, _ shape: ModelShape, _ length: Int) -> [Layer] {
    var layers: [Layer] = []
    for _ in 0..<shape.numHiddenLayers {
      layers.append(
        Layer(latents: arena.floats(length * shape.kvLoraRank), sharedKeys: arena.floats(length * shape.qkRopeHeadDim)))
    }
    return layers
  }
}

extension LatentAttention {
  /// What the first `count` tokens of a pass leave for those that follow.
  func copyLatents(_ count: Int, _ kept: Activations, to cache: LatentCache.Layer) {
    cache.latents.update(from: kept.latentNormed, count: count * shape.kvLoraRank)
    let sharedKeys = kept.projected + widths.beforeLatent + shape.kvLoraRank
    for token in 0..<count {
      (cache.sharedKeys + token * shape.qkRopeHeadDim)
        .update(from: sharedKeys + token * widths.projected, count: shape.qkRopeHeadDim)
    }
  }
}
