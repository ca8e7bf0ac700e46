import Testing

@testable import Training

/// Recomputation changes what is kept, never a bit of what comes out.
@Suite struct RecomputationTests {
  static let policies: [RecomputePolicy] = [
    RecomputePolicy(.selective([.coreAttention])), RecomputePolicy(.selective([.layerNorm])),
    RecomputePolicy(.selective([.latentUpProjection])), RecomputePolicy(.selective([.mixture])),
    RecomputePolicy(.selective([.sharedExperts])), RecomputePolicy(.selective([.mlp])),
    RecomputePolicy(.selective(Set(RecomputePolicy.Module.allCases))), RecomputePolicy(.full(layers: 1)),
    RecomputePolicy(.full(layers: nil)),
  ]

  @Test("losses, norms and gradients stay the same bit for bit", arguments: policies, ["long", "query_latent"])
  func bitIdentical(policy: RecomputePolicy, name: String) throws {
    let fixture = try EngineFixture.load(name)
    // The bias update reads how many tokens each expert got, after layers have shared the memory that says it.
    let plain = try fixture.engine(biasUpdateRate: 1e-2)
    let recomputing = try fixture.engine(recompute: policy, biasUpdateRate: 1e-2)
    for step in 0..<3 {
      let batches = fixture.microBatches(step: step)
      let expected = try plain.step(batches, learningRate: 1e-3, weightDecay: 0.1)
      #expect(try recomputing.step(batches, learningRate: 1e-3, weightDecay: 0.1) == expected)
    }
    #expect(plain.parameters.buffers.buffer.elementsEqual(recomputing.parameters.buffers.buffer))
    for tensor in plain.layout.tensors where tensor.isTrainable {
      #expect(try plain.parameters.gradient(tensor.name) == recomputing.parameters.gradient(tensor.name))
    }
  }

  @Test("less memory is planned", arguments: policies)
  func lessMemory(policy: RecomputePolicy) throws {
    let shape = try EngineFixture.load("long").shape
    func activations(_ policy: RecomputePolicy) throws -> Int {
      try MemoryPlan(
        EngineSettings(
          shape: shape, capacity: BatchCapacity(sequences: 4, length: 128),
          optimizer: OptimizerSettings(.adam(AdamSettings())), recompute: policy, threads: 1)
      ).activations
    }
    // The last layers of the model decide nothing alone: dropping one layer's part makes room for a shared one.
    #expect(try activations(policy) <= activations(.none))
    #expect(try activations(RecomputePolicy(.full(layers: nil))) < activations(.none) / 2)
  }
}
