import Testing

@testable import Training

/// One forward and backward pass against transformers' DeepseekV3ForCausalLM.
@Suite struct ReferenceModelTests {
  static let cases = EngineFixture.passes

  @Test func casesAreFound() { #expect(!Self.cases.isEmpty) }

  @Test("logits agree to 1e-4", arguments: cases)
  func logits(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(try fixture.arrays(name)["logits"])
    let found = try fixture.engine().logits(fixture.batch())
    #expect(relativeError(found, expected) < 2e-5)
  }

  @Test("the loss agrees to 1e-5, trained or only evaluated", arguments: cases)
  func loss(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(fixture.loss)
    let engine = try fixture.engine()
    #expect(abs(try engine.evaluate(fixture.batch()) - expected) < 1e-5 * expected)
    #expect(abs(try engine.computeGradients([fixture.batch()]).loss - expected) < 1e-5 * expected)
  }

  @Test("every gradient agrees to 1e-3", arguments: cases)
  func gradients(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try fixture.arrays(name)
    let engine = try fixture.engine(threads: 2)
    try engine.computeGradients([fixture.batch()])
    for tensor in engine.layout.tensors where tensor.isTrainable {
      let reference = try #require(expected[tensor.name], "\(tensor.name)")
      let error = relativeError(try engine.parameters.gradient(tensor.name), reference)
      #expect(error < 2e-4, "\(tensor.name)")
    }
  }

  @Test("the layout has exactly the parameters of transformers", arguments: cases)
  func names(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let layout = try ParameterLayout(shape: fixture.shape)
    let sections = try #require(fixture.sections).filter { $0.name != "logits" }
    #expect(
      Set(layout.tensors.filter(\.isTrainable).map { "\($0.name) \($0.count)" })
        == Set(sections.map { "\($0.name) \($0.count)" }))
  }

  @Test("the global gradient norm agrees", arguments: cases)
  func gradientNorm(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(fixture.gradientNorm)
    let engine = try fixture.engine()
    try engine.computeGradients([fixture.batch()])
    #expect(abs(engine.optimizer.gradientNorm() - expected) < 1e-4 * expected)
  }

  @Test("the sequence balance loss is Megatron's", arguments: cases)
  func balanceLoss(name: String) throws {
    let fixture = try EngineFixture.load(name)
    guard let expected = fixture.auxLoss else { return }
    let found = try fixture.engine().computeGradients([fixture.batch()]).auxLoss
    #expect(abs(found - expected) < 1e-5 * expected)
  }
}
