import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

@testable import Reporting

@Suite struct DrawingTests {
  struct Shape: CustomTestStringConvertible {
    let pp: Int
    let vp: Int
    var testDescription: String { "PP \(pp) VP \(vp)" }
  }

  static let shapes = (2...16).flatMap { pp in (1...4).map { Shape(pp: pp, vp: $0) } }

  struct Pipeline {
    let config: LaunchConfig
    let weights: StageWeights
    let map: StageMap

    /// - Parameter numLayers: `nil` is as many as fill the pipeline unevenly.
    init(_ shape: Shape, numLayers: Int? = nil) throws {
      let count = numLayers ?? max(27, shape.pp * shape.vp + 3)
      var layer = Layer(name: "test")
      layer.assign(Path.model.numLayers, .int(count), .program)
      layer.assign(
        Path.model.moeLayerFrequency, .list([0] + Array(repeating: 1, count: count - 1)), .program)
      config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
      weights = try #require(config.stageWeights)
      map = try BalancedLayout(
        weights: weights, pipeline: shape.pp, virtualPipeline: shape.vp > 1 ? shape.vp : nil,
        allowEmptyStages: true
      ).map
    }

    let source = StageWeightSource("moonlight-16b-a3b, operations at 4096 tokens", isComputed: true)

    func stagePicture() throws -> Drawing {
      let report = StageReport(
        map: map, reading: .auto, moeLayers: Architecture(config).moeLayers,
        analysis: try PipelineAnalysis(of: map, config, weights: weights, vocabSize: 163_840), weightSource: source,
        memoryBasis: "micro-batches of 1 x 4096 tokens, TP 2 with sequence parallelism")
      return StageMapDrawing(report).drawing
    }

    func timeline(_ microbatches: Int) throws -> Drawing {
      let simulation = try StepSimulation(of: map, weights: weights, numMicrobatches: microbatches)
      let report = SimulationReport(
        map: map, reading: .auto, simulation: simulation, weights: weights, weightSource: source, moeLayers: nil,
        balanced: nil)
      return TimelineDrawing(report).drawing
    }
  }

  @Test(arguments: shapes) func nothingOverlapsInAStageMap(_ shape: Shape) throws {
    #expect(PictureGeometry(try Pipeline(shape).stagePicture()).faults == [])
  }

  @Test(arguments: shapes) func nothingOverlapsInATimeline(_ shape: Shape) throws {
    #expect(PictureGeometry(try Pipeline(shape).timeline(2 * shape.pp)).faults == [])
  }

  /// Without costs, whose balancing takes longer than the drawing.
  @Test(arguments: [(1, 1, 61), (2, 1, 100), (2, 4, 1000), (40, 1, 200), (128, 2, 1024), (300, 1, 900), (4, 1, 40_000)])
  func nothingOverlapsInLargeMaps(pp: Int, vp: Int, numLayers: Int) throws {
    let map = try StageMap(numLayers: numLayers, pipeline: pp, virtualPipeline: vp > 1 ? vp : nil)
    let picture = StageMapDrawing(StageReport(map: map, reading: nil)).drawing
    #expect(picture.elements.count < 10_000)
    #expect(PictureGeometry(picture).faults == [])
  }

  @Test(arguments: [(1, "Pipeline of 1 stage"), (2, "Pipeline of 2 stages")])
  func aTitleCountsItsStages(pp: Int, title: String) throws {
    let map = try StageMap(numLayers: 4, pipeline: pp)
    #expect(StageMapDrawing(StageReport(map: map, reading: nil)).drawing.title == title)
  }

  @Test func faultsAreFound() {
    func faults(_ build: (inout Drawing) -> Void) -> Int {
      var drawing = Drawing(title: "test", width: 100, height: 100)
      build(&drawing)
      return PictureGeometry(drawing).faults.count
    }
    #expect(faults { $0.add(Drawing.Label(text: "long enough to be cut", x: 10, y: 20, size: 12)) } == 1)
    #expect(faults { for x in [10.0, 14] { $0.add(Drawing.Label(text: "two", x: x, y: 20, size: 12)) } } == 1)
    #expect(
      faults {
        $0.add(Drawing.Box(x: 10, y: 10, width: 12, height: 20, fill: "red"))
        $0.add(Drawing.Label(text: "wider", x: 11, y: 22, size: 12))
      } == 1)
    #expect(
      faults {
        $0.add(Drawing.Box(x: 10, y: 10, width: 60, height: 20, fill: "red"))
        $0.add(Drawing.Label(text: "fits", x: 11, y: 22, size: 12))
      } == 0)
  }

  @Test func everyLayerOfAMapIsThere() throws {
    let picture = try Pipeline(Shape(pp: 4, vp: 2)).stagePicture()
    let texts = Set(picture.elements.compactMap { if case .label(let label) = $0 { label.text } else { nil } })
    #expect((0..<27).allSatisfy { texts.contains("\($0)") })
    #expect(texts.isSuperset(of: ["embedding", "head and loss", "pp 0", "pp 3", "dense layer", "MoE layer"]))
  }

  @Test func everyPassOfAShortStepIsThere() throws {
    let picture = try Pipeline(Shape(pp: 4, vp: 1)).timeline(8)
    let fills = picture.elements.compactMap { if case .box(let box) = $0 { box.fill } else { nil } }
    // One box of each colour belongs to the legend.
    #expect(fills.count { $0 == Palette.forward(chunk: 0, of: 1) } == 33)
    #expect(fills.count { $0 == Palette.backward(chunk: 0, of: 1) } == 33)
  }

  @Test func aLongStepIsBounded() throws {
    let picture = try Pipeline(Shape(pp: 8, vp: 2)).timeline(4096)
    #expect(picture.elements.count < 8_000)
    #expect(picture.svg.contains("only its beginning and its end are drawn"))
    #expect(PictureGeometry(picture).faults == [])
  }

  @Test func aLongPipelineIsBounded() throws {
    let picture = try Pipeline(Shape(pp: 200, vp: 1), numLayers: 210).timeline(16)
    #expect(picture.svg.contains("pp 32 to 167 are not drawn"))
    #expect(PictureGeometry(picture).faults == [])
  }

  @Test func aStepThatCostsNothingIsDrawn() throws {
    let map = try StageMap(numLayers: 2, pipeline: 2)
    let weights = StageWeights(layers: [0, 0])
    let simulation = try StepSimulation(of: map, weights: weights, numMicrobatches: 2)
    let report = SimulationReport(
      map: map, reading: nil, simulation: simulation, weights: weights,
      weightSource: StageWeightSource("test", isComputed: false), moeLayers: nil, balanced: nil)
    #expect(PictureGeometry(TimelineDrawing(report).drawing).faults == [])
  }

  @Test func textIsEscaped() {
    var drawing = Drawing(title: "a < b & \"c\"", width: 100, height: 20)
    drawing.add(Drawing.Label(text: "<script>\u{1B}\u{0}&amp;", x: 0, y: 10, size: 10))
    #expect(drawing.svg.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"))
    #expect(drawing.svg.contains(">&lt;script&gt;\u{FFFD}\u{FFFD}&amp;amp;</text>"))
  }

  @Test(arguments: [(0.0, 0.0), (3, 5), (11, 20), (0.03, 0.05), (1, 1), (99, 100), (1e6, 1e6)])
  func ticksAreRound(least: Double, step: Double) {
    #expect(abs(TimelineDrawing.niceStep(atLeast: least) - step) <= step * 1e-9)
  }

  @Test func linesBreakWhereStagesEnd() {
    let lines = TextWidth.lines(of: "Et*7|t*8|t*8|t*4L", width: 60, size: 14)
    #expect(lines.joined() == "Et*7|t*8|t*8|t*4L")
    #expect(lines.dropLast().allSatisfy { $0.hasSuffix("|") })
    let hard = TextWidth.lines(of: String(repeating: "x", count: 100), width: 60, size: 14)
    #expect(hard.allSatisfy { TextWidth.of($0, size: 14) <= 60 })
  }
}
