import Foundation
import Testing

@testable import Training

/// Twenty steps of Muon against the optimizer that megatron-core makes of our recipe, with the emerging_optimizers package
/// of the release. Tests/Reference/muon_reference.py wrote it.
@Suite struct ReleaseMuonTests {
  struct Fixture: Decodable {
    struct Settings: Decodable {
      var muonMomentum: Float
      var muonNesterov: Bool
      var muonNumNsSteps: Int
      var muonCoefficientType, muonScaleMode: String
      var muonExtraScaleFactor: Float
    }

    struct Matrix: Decodable {
      var name: String
      var rows, columns: Int
      var weights: [Float]
      /// By an iteration in bf16.
      var bf16Weights: [Float]
    }

    var settings: Settings
    var seed: UInt64
    var steps: Int
    var lr, weightDecay: Float
    var matrices: [Matrix]
  }

  @Test func weightsFollowTheReleasesMuon() throws {
    let fixture = try Self.fixture()
    for (found, matrix) in zip(try Self.weights(fixture, .fp32), fixture.matrices) {
      #expect(Self.difference(found, matrix.weights) < 2e-5, "\(matrix.name)")
    }
  }

  /// A sum in another order now and then rounds the other way, which is no more than a part of what rounding changes.
  @Test func weightsFollowTheReleasesMuonInBFloat16() throws {
    let fixture = try Self.fixture()
    for (found, matrix) in zip(try Self.weights(fixture, .bf16), fixture.matrices) {
      let ofRounding = Self.difference(matrix.bf16Weights, matrix.weights)
      #expect(Self.difference(found, matrix.bf16Weights) < ofRounding / 3, "\(matrix.name)")
    }
  }

  private static func fixture() throws -> Fixture {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      Fixture.self, from: Data(contentsOf: EngineFixture.directory.appending(path: "muon_release.json")))
  }

  private static func difference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  /// Of each matrix behind all steps.
  private static func weights(_ fixture: Fixture, _ products: ProductPrecision) throws -> [[Float]] {
    let written = fixture.settings
    var muon = MuonSettings(
      momentum: written.muonMomentum, useNesterov: written.muonNesterov, numNSSteps: written.muonNumNsSteps,
      coefficients: try #require(MuonSettings.Coefficients(rawValue: written.muonCoefficientType)),
      scaleMode: try #require(MuonSettings.ScaleMode(rawValue: written.muonScaleMode)),
      extraScaleFactor: written.muonExtraScaleFactor)
    #expect(muon == MuonSettings())
    muon.products = products

    let store = try Matrices(fixture.matrices)
    let optimizer = try Optimizer(
      settings: OptimizerSettings(.muon(muon, AdamSettings()), clipGrad: 0), store: store,
      pool: try WorkerPool(threads: 2))
    for tensor in store.tensors { store.fill(store.master, tensor, "\(tensor.name) weights", fixture.seed) }
    for step in 0..<fixture.steps {
      for tensor in store.tensors { store.fill(store.gradients, tensor, "\(tensor.name) \(step)", fixture.seed) }
      _ = optimizer.step(learningRate: fixture.lr, weightDecay: fixture.weightDecay)
    }
    return store.tensors.map { tensor in
      Array(UnsafeBufferPointer(start: store.master.base + tensor.offset, count: tensor.count))
    }
  }

  /// Nothing but matrices and their gradients.
  private final class Matrices: TrainableArrays {
    let tensors: [ParameterDescriptor]
    let storageCount: Int
    let precision = StoragePrecision.fp32
    let master: Storage<Float>
    let gradients: Storage<Float>
    let weights16: Storage<UInt16>? = nil
    let gradients16: Storage<UInt16>? = nil
    var fullGradients: Floats? { gradients.base }

    init(_ matrices: [Fixture.Matrix]) throws {
      var (offset, tensors): (Int, [ParameterDescriptor]) = (0, [])
      for matrix in matrices {
        tensors.append(
          ParameterDescriptor(
            name: matrix.name, shape: [matrix.rows, matrix.columns], kind: .matrix(isOutput: false), offset: offset,
            layer: 0))
        offset += matrix.rows * matrix.columns
      }
      self.tensors = tensors
      storageCount = offset
      master = try Storage(count: offset)
      gradients = try Storage(count: offset)
    }

    func fill(_ storage: Storage<Float>, _ tensor: ParameterDescriptor, _ name: String, _ seed: UInt64) {
      var generator = ReferenceStream(name: name, seed: seed)
      for index in tensor.range { storage.base[index] = Float(generator.uniform()) }
    }

    func readGradients(_ start: Int, _ count: Int, into out: Floats) {
      out.update(from: gradients.base + start, count: count)
    }

    func roundWeights(_ start: Int, _ count: Int) {}
  }
}
