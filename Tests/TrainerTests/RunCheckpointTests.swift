import Testing
import Trainer
import Training

/// One checkpoint of a run: everything that a step depends on comes back to the bit.
@Suite struct RunCheckpointTests {
  static let shape = ModelShape(
    vocabSize: 40, hiddenSize: 16, intermediateSize: 24, moeIntermediateSize: 8, numHiddenLayers: 2,
    numAttentionHeads: 2, nSharedExperts: 1, nRoutedExperts: 4, numExpertsPerTok: 2, routedScalingFactor: 2,
    firstKDenseReplace: 1, kvLoraRank: 8, qkNopeHeadDim: 8, qkRopeHeadDim: 4, vHeadDim: 8, ropeTheta: 10_000,
    maxPositionEmbeddings: 64, rmsNormEps: 1e-5)

  private func engine(
    _ algorithm: OptimizerSettings.Algorithm, _ precision: StoragePrecision
  ) throws -> TrainingEngine {
    let engine = try TrainingEngine(
      EngineSettings(
        shape: Self.shape, capacity: BatchCapacity(sequences: 2, length: 8), optimizer: OptimizerSettings(algorithm),
        precision: precision, threads: 1, biasUpdateRate: 0.01))
    engine.initialize(InitializationSettings(seed: 3, initMethodStd: 0.05))
    return engine
  }

  private func step(_ engine: TrainingEngine, _ number: Int) throws -> Float {
    var stream = BatchStream(
      try MockSamples(sequenceLength: 8, vocabularySize: 40, seed: 5), microBatchSize: 2, consumedSamples: 2 * number)
    return try engine.step([try stream.next()], learningRate: 0.02, weightDecay: 0.1).loss
  }

  @Test(arguments: [
    (OptimizerSettings.Algorithm.adam(AdamSettings()), StoragePrecision.fp32),
    (.adam(AdamSettings()), .bf16), (.sgd(momentum: 0.9), .fp32),
    (.muon(MuonSettings(), AdamSettings()), .fp32), (.muon(MuonSettings(), AdamSettings()), .bf16),
  ])
  func aResumedEngineGoesOnBitForBit(algorithm: OptimizerSettings.Algorithm, precision: StoragePrecision) throws {
    let folder = TrainingRunTests.Scratch()
    let directory = CheckpointDirectory(folder.path)
    let first = try engine(algorithm, precision)
    for number in 0..<3 { _ = try step(first, number) }
    var state = TrainerState(iteration: 3, consumedTrainSamples: 6)
    state.counters["optimizer_steps"] = first.optimizer.stepCount
    try directory.save(iteration: 3) {
      try RunCheckpoint.write(first, state, HuggingFaceConfig(Self.shape), adapter: nil, to: $0, $1)
    }
    let second = try engine(algorithm, precision)
    #expect(try RunCheckpoint.resume(directory.existing().folder, into: second) == state)
    for number in 3..<6 { #expect(try step(first, number) == step(second, number), "step \(number)") }
    for tensor in first.layout.tensors {
      let values = try first.parameters.withTensor(tensor.name) { Array($0) }
      #expect(try second.parameters.withTensor(tensor.name) { Array($0) } == values, "\(tensor.name)")
    }
  }

  @Test func aCheckpointOfAnotherOptimizerIsRefusedByTensor() throws {
    let folder = TrainingRunTests.Scratch()
    let adam = try engine(.adam(AdamSettings()), .fp32)
    try RunCheckpoint.write(
      adam, TrainerState(iteration: 1), HuggingFaceConfig(Self.shape), adapter: nil, to: folder.path, POSIXFileSystem())
    let muon = try engine(.muon(MuonSettings(), AdamSettings()), .fp32)
    #expect { try RunCheckpoint.resume(folder.path, into: muon) } throws: {
      ($0 as? SafetensorsError)?.file.hasSuffix("optimizer.safetensors") == true
    }
  }
}
