#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The angles of the rotary embedding, `[position, rope dimension / 2]`, and the attention scale that goes with them.
struct RotaryEmbedding {
  let pairs: Int
  let cosines: Storage<Float>
  let sines: Storage<Float>

  /// - Parameter positions: how many positions the tables hold.
  init(shape: ModelShape, positions: Int) throws(EngineError) {
    pairs = shape.qkRopeHeadDim / 2
    cosines = try Storage(count: positions * pairs)
    sines = try Storage(count: positions * pairs)
    let frequencies = Self.inverseFrequencies(shape)
    let factor = Self.attentionFactor(shape.yarn)
    for position in 0..<positions {
      for pair in 0..<pairs {
        // The angle is rounded to fp32 as in transformers; its cosine and sine are exact to the last bit.
        let angle = Double(frequencies[pair] * Float(position))
        cosines.base[position * pairs + pair] = Float(cos(angle)) * factor
        sines.base[position * pairs + pair] = Float(sin(angle)) * factor
      }
    }
  }

  /// `(nope + rope)^-0.5`, times YaRN's mscale squared where the model was trained with it.
  static func softmaxScale(_ shape: ModelShape) -> Float {
    var scale = 1 / Double(shape.qkHeadDim).squareRoot()
    if let yarn = shape.yarn, yarn.mscaleAllDim != 0 {
      let mscale = Self.mscale(yarn.factor, yarn.mscaleAllDim)
      scale *= mscale * mscale
    }
    return Float(scale)
  }

  /// One frequency a pair; over the rope dimension, not the head dimension. YaRN blends interpolated and original
  /// frequencies by a ramp (transformers, `_compute_yarn_parameters`).
  static func inverseFrequencies(_ shape: ModelShape) -> [Float] {
    let dimension = shape.qkRopeHeadDim
    let original = (0..<dimension / 2).map { pair in
      Float(pow(shape.ropeTheta, Double(Float(2 * pair) / Float(dimension))))
    }
    guard let yarn = shape.yarn else { return original.map { 1 / $0 } }

    func correction(_ rotations: Double) -> Double {
      let turns = Double(yarn.originalMaxPositionEmbeddings) / (rotations * 2 * .pi)
      return Double(dimension) * log(turns) / (2 * log(shape.ropeTheta))
    }
    let low = Float(max(correction(yarn.betaFast).rounded(.down), 0))
    var high = Float(min(correction(yarn.betaSlow).rounded(.up), Double(dimension - 1)))
    if low == high { high += 0.001 }
    return original.enumerated().map { pair, frequency in
      let ramp = min(max((Float(pair) - low) / (high - low), 0), 1)
      let extrapolation = 1 - ramp
      return 1 / (Float(yarn.factor) * frequency) * (1 - extrapolation) + 1 / frequency * extrapolation
    }
  }

  private static func attentionFactor(_ yarn: YarnScaling?) -> Float {
    guard let yarn else { return 1 }
    guard yarn.mscale != 0, yarn.mscaleAllDim != 0 else { return Float(mscale(yarn.factor, 1)) }
    return Float(mscale(yarn.factor, yarn.mscale) / mscale(yarn.factor, yarn.mscaleAllDim))
  }

  private static func mscale(_ factor: Double, _ mscale: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * mscale * log(factor) + 1
  }
}
