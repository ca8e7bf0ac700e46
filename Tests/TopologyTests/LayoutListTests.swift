import Testing

@testable import Topology

@Suite struct LayoutListTests {
  @Test func readsEveryNameAsMegatronDoes() throws {
    for row in try fixture("layout-names") {
      let name = try #require(row.string(0))
      let read = (try? PipelineLayout(lists: [[name]])).map { LayoutStringTests.letters($0) }
      // Megatron reads encoder layers and refuses them when it checks the layout.
      let expected = row.string(1) == "e" ? nil : row.string(1)
      #expect(read == expected, "\(name.debugDescription)")
    }
  }

  @Test func refusesEncoderLayersAsSuch() {
    let error = #expect(throws: LayoutListError.self) {
      try PipelineLayout(lists: [["embedding"], ["loss", "Encoder"]])
    }
    #expect(error?.kind == .encoderUnsupported)
    #expect(error?.position == LayoutPosition(stage: 1, element: 1))
  }

  @Test func takesNamesAndNoLetters() {
    let error = #expect(throws: LayoutListError.self) { try PipelineLayout(lists: [["t"]]) }
    #expect(error?.kind == .unknownName("t"))
  }

  @Test func refusesMoreStagesThanAnyCluster() {
    let error = #expect(throws: LayoutListError.self) {
      try PipelineLayout(lists: [[String]](repeating: [], count: TopologyLimits.stages + 1))
    }
    #expect(error?.kind == .tooManyStages)
  }
}
