import Foundation

@testable import Training

/// A tiny model of Tests/Reference/engine_reference.py, and what transformers and torch made of it.
struct EngineFixture: Decodable {
  struct Config: Decodable {
    struct Yarn: Decodable {
      var factor: Double
      var originalMaxPositionEmbeddings: Int
      var betaFast: Double
      var betaSlow: Double
      var mscale: Double
      var mscaleAllDim: Double
    }

    var vocabSize, hiddenSize, intermediateSize, moeIntermediateSize, numHiddenLayers: Int
    var numAttentionHeads, nSharedExperts, nRoutedExperts, numExpertsPerTok, nGroup, topkGroup: Int
    var firstKDenseReplace, kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, vHeadDim, maxPositionEmbeddings: Int
    var qLoraRank: Int?
    var routedScalingFactor, rmsNormEps: Float
    var ropeTheta: Double
    var normTopkProb, tieWordEmbeddings: Bool
    var ropeScaling: Yarn?
  }

  struct Section: Decodable {
    var name: String
    var count: Int
  }

  var seed: UInt64
  var config: Config
  var sequences, length: Int
  var latentScale: Double
  var segments: [[Int]]?
  var masked: Bool?
  var auxCoefficient: Float?
  var loss, auxLoss, gradientNorm: Float?
  var sections: [Section]?
  var optimizer: String?
  var lr, weightDecay: Double?
  var clip: Float?
  var microBatches: Int?
  var losses, gradientNorms: [Float]?
  /// Of the same run under torch's bf16 autocast, where `losses` are those in fp64.
  var autocastLosses: [Float]?
  var dora: Bool?
  var targets: [String]?
  var dropout: Double?
  var dropoutPosition: String?

  /// The committed cases, or others that the script made.
  static let directory =
    ProcessInfo.processInfo.environment["ENGINE_FIXTURES"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/engine")

  /// The cases of one forward and backward pass: those with arrays.
  static let passes = names(withExtension: "bin") { !$0.hasPrefix("adapter_") }
  /// The cases of twenty optimizer steps.
  static let curves = names(withExtension: "json") { $0.hasPrefix("curve_") }

  private static func names(withExtension suffix: String, where isWanted: (String) -> Bool) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == suffix }.map { $0.deletingPathExtension().lastPathComponent }
      .filter(isWanted).sorted()
  }

  static func load(_ name: String) throws -> EngineFixture {
    try decoded(directory.appending(path: "\(name).json"))
  }

  /// Runs of Tests/Reference/bf16_losses.py: the committed ones, or others that the script made.
  static func loadBFloat16Losses() throws -> [EngineFixture] {
    try decoded(
      ProcessInfo.processInfo.environment["BF16_LOSSES"].map { URL(filePath: $0) }
        ?? directory.appending(path: "bf16_losses.json"))
  }

  private static func decoded<Value: Decodable>(_ file: URL) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(contentsOf: file))
  }

  /// The arrays of the `.bin` file by name.
  func arrays(_ name: String) throws -> [String: [Float]] {
    let data = try Data(contentsOf: Self.directory.appending(path: "\(name).bin"))
    var result: [String: [Float]] = [:]
    var offset = 0
    for section in sections ?? [] {
      result[section.name] = data.withUnsafeBytes { bytes in
        (0..<section.count).map {
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4 * $0, as: UInt32.self)))
        }
      }
      offset += 4 * section.count
    }
    return result
  }

  var shape: ModelShape {
    let c = config
    return ModelShape(
      vocabSize: c.vocabSize, hiddenSize: c.hiddenSize, intermediateSize: c.intermediateSize,
      moeIntermediateSize: c.moeIntermediateSize, numHiddenLayers: c.numHiddenLayers,
      numAttentionHeads: c.numAttentionHeads, nSharedExperts: c.nSharedExperts, nRoutedExperts: c.nRoutedExperts,
      numExpertsPerTok: c.numExpertsPerTok, nGroup: c.nGroup, topkGroup: c.topkGroup,
      routedScalingFactor: c.routedScalingFactor, normTopkProb: c.normTopkProb,
      firstKDenseReplace: c.firstKDenseReplace, kvLoraRank: c.kvLoraRank, qLoraRank: c.qLoraRank,
      qkNopeHeadDim: c.qkNopeHeadDim, qkRopeHeadDim: c.qkRopeHeadDim, vHeadDim: c.vHeadDim, ropeTheta: c.ropeTheta,
      yarn: c.ropeScaling.map {
        YarnScaling(
          factor: $0.factor, originalMaxPositionEmbeddings: $0.originalMaxPositionEmbeddings, betaFast: $0.betaFast,
          betaSlow: $0.betaSlow, mscale: $0.mscale, mscaleAllDim: $0.mscaleAllDim)
      },
      maxPositionEmbeddings: c.maxPositionEmbeddings, rmsNormEps: c.rmsNormEps,
      tieWordEmbeddings: c.tieWordEmbeddings)
  }

  var optimizerSettings: OptimizerSettings {
    switch optimizer {
    case "muon": OptimizerSettings(.muon(MuonSettings(), AdamSettings()), clipGrad: clip ?? 0)
    case "sgd": OptimizerSettings(.sgd(momentum: 0.9), clipGrad: clip ?? 0)
    default: OptimizerSettings(.adam(AdamSettings()), clipGrad: clip ?? 0)
    }
  }

  var adapterSettings: AdapterSettings? {
    guard let targets else { return nil }
    var settings = AdapterSettings(dim: 4, alpha: 6, useDora: dora ?? false, targets: targets)
    settings.dropout = dropout ?? 0
    settings.dropoutPosition = dropoutPosition == "post" ? .post : .pre
    settings.dropoutSeed = seed
    return settings
  }

  /// An engine with the fixture's weights.
  func engine(
    threads: Int = 1, precision: StoragePrecision = .fp32, products: ProductPrecision = .fp32,
    packsWeights: Bool = false, recompute: RecomputePolicy = .none, biasUpdateRate: Float = 0
  ) throws -> TrainingEngine {
    let engine = try TrainingEngine(
      EngineSettings(
        shape: shape, capacity: BatchCapacity(sequences: sequences, length: length), optimizer: optimizerSettings,
        precision: precision, products: products, packsWeights: packsWeights, recompute: recompute, threads: threads,
        auxLossCoefficient: auxCoefficient ?? 0,
        biasUpdateRate: biasUpdateRate,
        adapters: adapterSettings))
    for tensor in engine.layout.tensors {
      try values(of: tensor).withUnsafeBufferPointer { try engine.parameters.write(tensor.name, $0) }
    }
    return engine
  }

  private func values(of tensor: ParameterDescriptor) -> [Float] {
    var stream = ReferenceStream(name: tensor.name, seed: seed)
    return (0..<tensor.count).map { _ in
      let value = stream.uniform()
      if tensor.kind == .buffer { return Float(value * 0.125) }
      if tensor.shape.count == 1 { return Float(1 + value * 0.25) }
      if tensor.name.contains("embed_tokens") || tensor.name.contains("lm_head") { return Float(value * 0.5) }
      let scaled = value * (1.5 / Double(tensor.shape[1]).squareRoot())
      return Float(tensor.name.contains("kv_a_proj") ? scaled * latentScale : scaled)
    }
  }

  func batch(_ name: String = "tokens") -> TokenBatch {
    var stream = ReferenceStream(name: name, seed: seed)
    let rows = (0..<sequences).map { _ in
      (0...length).map { _ in Int32((stream.next() >> 33) % UInt64(config.vocabSize)) }
    }
    let mask = (0..<sequences * length).map { Float($0 % 5 == 2 ? 0 : 1) }
    return TokenBatch(
      sequences: sequences, length: length, tokens: rows.flatMap { $0.dropLast() },
      targets: rows.flatMap { $0.dropFirst() }, lossMask: masked == true ? mask : nil, segmentLengths: segments)
  }

  func microBatches(step: Int) -> [TokenBatch] {
    (0..<(microBatches ?? 1)).map { batch("step \(step % 4) \($0)") }
  }
}

/// SplitMix64 seeded by the FNV-1a hash of a name, as in the script.
struct ReferenceStream {
  private var state: UInt64

  init(name: String, seed: UInt64) {
    state = name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } ^ seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { Double(next() >> 40) / Double(1 << 23) - 1 }
}

/// Largest difference between two arrays, relative to the largest magnitude in the reference.
func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.reduce(Float(0)) { max($0, abs($1)) }
  let difference = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
  guard difference.isFinite, !zip(found, expected).contains(where: { ($0.0 - $0.1).isNaN }) else { return .infinity }
  return scale == 0 ? difference : difference / scale
}
