import ConfigDocument
import Diagnostics
import Estimation
import Testing
import Topology

@Suite struct GivenWeightsTests {
  /// One dense layer and three MoE layers, the head worth 3.5 of them.
  static let computed = StageWeights(layers: [0.9, 1, 1, 1], embedding: 0, loss: 3.5, mtp: 5)
  static let moeLayers = [false, true, true, true]

  static func weights(_ text: String) throws -> StageWeights {
    let reader = GivenWeightsReader(pairs: text)
    #expect(reader.diagnostics.isEmpty)
    return try reader.weights.applied(to: computed, moeLayers: moeLayers)
  }

  static let meanings: [(String, layers: [Double], loss: Double, embedding: Double)] = [
    ("decoder=1,dense=0.8,loss=2.5", [0.8, 1, 1, 1], 2.5, 0),
    ("embedding=0.1", [0.9, 1, 1, 1], 3.5, 0.1),
    ("loss=2.5", [0.9, 1, 1, 1], 2.5, 0),
    // What is not given keeps its ratio to a layer.
    ("decoder=10", [10, 10, 10, 10], 35, 0),
    ("moe=10", [9, 10, 10, 10], 35, 0),
    ("dense=2", [2, 1, 1, 1], 3.5, 0),
    ("decoder=10,moe=20", [10, 20, 20, 20], 70, 0),
    (" decoder = 1e1 , loss=7", [10, 10, 10, 10], 7, 0),
    ("loss=0", [0.9, 1, 1, 1], 0, 0),
  ]

  @Test(arguments: meanings)
  func pairsMean(_ text: String, layers: [Double], loss: Double, embedding: Double) throws {
    let weights = try Self.weights(text)
    #expect(weights.layers == layers)
    #expect(weights.loss == loss)
    #expect(weights.embedding == embedding)
  }

  @Test func mtpLayersKeepTheirRatioToo() throws {
    #expect(try Self.weights("decoder=10").mtp == 50)
    #expect(try Self.weights("mtp=3").mtp == 3)
  }

  static let files: [(String, String, layers: [Double], loss: Double)] = [
    ("names.yaml", "decoder: 10\ndense: 9.5\nloss: 31\n", [9.5, 10, 10, 10], 31),
    ("layers.yaml", "layers: [1.8, 2, 2.2, 2]\nloss: 6\n", [1.8, 2, 2.2, 2], 6),
    ("list.json", "[1, 2, 3, 4]", [1, 2, 3, 4], 3.5 * 2.5 / 0.975),
    ("both.json", #"{"layers": [2, 2, 2, 2], "embedding": 1}"#, [2, 2, 2, 2], 3.5 * 2 / 0.975),
  ]

  @Test(arguments: files)
  func filesMean(_ name: String, _ text: String, layers: [Double], loss: Double) throws {
    let reader = GivenWeightsReader(DocumentReader.read(text: text, name: name))
    #expect(reader.diagnostics.isEmpty)
    let weights = try reader.weights.applied(to: Self.computed, moeLayers: Self.moeLayers)
    #expect(weights.layers == layers)
    #expect(abs(weights.loss - loss) < 1e-12)
  }

  /// Brackets mark what the error points at.
  static let refusals: [(String, code: String)] = [
    ("[decodr]=1", "FIELD-01"), ("[head]=3", "FIELD-01"), ("[]=3", "FIELD-01"),
    ("decoder=1,[decoder]=2", "FIELD-01"), ("decoder=[-1]", "FIELD-04"), ("decoder=[.inf]", "FIELD-04"),
    ("decoder=[1e999]", "FIELD-04"), ("decoder=[1e13]", "FIELD-04"), ("decoder=[nan]", "FIELD-02"),
    ("decoder=[.nan]", "FIELD-04"), ("decoder=[1ms]", "FIELD-02"), ("decoder=[]", "FIELD-02"),
    ("[decoder]", "FIELD-02"),
    ("decoder=1,[]", "FIELD-02"), ("loss=1,decoder= [0x] ", "FIELD-02"), ("é=1", "FIELD-01"),
  ]

  @Test(arguments: refusals)
  func pairsAreRefusedAtTheirPlace(_ marked: String, code: String) throws {
    let reader = GivenWeightsReader(pairs: marked.filter { !"[]".contains($0) })
    let diagnostic = try #require(reader.diagnostics.first)
    #expect(reader.diagnostics.count == 1)
    #expect(diagnostic.code.rawValue == code)
    guard let open = marked.firstIndex(of: "["), let close = marked.firstIndex(of: "]") else { return }
    let place = try #require(diagnostic.location)
    let start = "--weights ".utf8.count + marked[..<open].utf8.count
    #expect(place.range == SourceRange(start, start + marked[open..<close].utf8.count - 1))
  }

  @Test(arguments: [
    "3", "[]", "{}", "layers: 3", "layers: [1, x]", "layers: [-1]", "{layers: [1], decoder: 2}", "decoder: [1]",
    "decoder: null", "decoder: true", "heads: 1", "decoder: '1'",
  ])
  func filesAreRefused(_ text: String) {
    let reader = GivenWeightsReader(DocumentReader.read(text: text, name: "weights.yaml"))
    #expect(reader.diagnostics.count == 1)
    #expect(reader.diagnostics.first?.location != nil)
  }

  @Test func everythingWrongIsSaidAtOnce() {
    #expect(GivenWeightsReader(pairs: "a=1,decoder=x,loss=-1").diagnostics.count == 3)
  }

  @Test func namesOfOtherToolsAreSuggested() {
    #expect(GivenWeightsReader(pairs: "lm_head=1").diagnostics.first?.help == "did you mean `loss`?")
    #expect(GivenWeightsReader(pairs: "embeding=1").diagnostics.first?.help == "did you mean `embedding`?")
  }

  @Test func layersMustBeThoseOfTheModel() {
    #expect(throws: GivenWeightsError.layerCount(weights: 1, model: 4)) {
      try GivenWeights(layers: [1]).applied(to: Self.computed, moeLayers: Self.moeLayers)
    }
  }

  @Test func somethingMustCostSomething() {
    #expect(throws: GivenWeightsError.nothingCosts) { try Self.weights("decoder=0") }
    #expect(throws: GivenWeightsError.nothingCosts) {
      try GivenWeights(parts: [.loss: 0], layers: [0, 0, 0, 0]).applied(to: Self.computed, moeLayers: Self.moeLayers)
    }
  }

  @Test func moreLayersThanCanBeBalancedAreRefused() {
    let text = "[" + String(repeating: "1, ", count: 1000) + "1]"
    let reader = GivenWeightsReader(DocumentReader.read(text: text, name: "weights.yaml"))
    #expect(reader.diagnostics.first?.code == "FIELD-04")
  }
}
