import Testing

@testable import Topology

@Suite struct LayoutCountsTests {
  @Test(arguments: [
    ("14+13", "Et*14|t*13L", CountsReading.decodersOnly),
    ("7+7+7+6", "Et*7|t*7|t*7|t*6L", .decodersOnly),
    ("8+7+7+6", "Et*7|t*7|t*7|t*6L", .embeddingCounted),
    ("8+7+7+7", "Et*7|t*7|t*7|t*6L", .embeddingAndLossCounted),
    (" 3+4+4+4 + 4+4+4+0", "Et*3|(t*4|)*6L", .decodersOnly),
    ("27", "Et*27L", .decodersOnly),
    ("29", "Et*27L", .embeddingAndLossCounted),
    ("1+27+1", "E|t*27|L", .embeddingAndLossCounted),
    ("0+27", "E|t*27L", .decodersOnly),
  ])
  func readsCountsByTheirSum(text: String, layout: String, reading: CountsReading) throws {
    let read = try PipelineLayout.parse(counts: text, numLayers: 27)
    #expect(read.layout.megatronString == layout)
    #expect(read.reading.reading == reading)
  }

  @Test func offersTheNearestLayoutsWhenOver() throws {
    let error = #expect(throws: LayoutCountsError.self) {
      try PipelineLayout.parse(counts: "5+4+4+4+4+4+4+4", numLayers: 27)
    }
    guard case .wrongSum(let sum, 27, let nearest)? = error?.kind else {
      Issue.record("not a wrong sum: \(String(describing: error))")
      return
    }
    #expect(sum == 33)
    #expect(
      nearest == [
        ReadCounts(counts: [4, 4, 4, 4, 4, 3, 3, 3], reading: .embeddingAndLossCounted),
        ReadCounts(counts: [4, 4, 4, 4, 3, 3, 3, 3], reading: .embeddingCounted),
        ReadCounts(counts: [4, 4, 4, 3, 3, 3, 3, 3], reading: .decodersOnly),
      ])
  }

  @Test func offersTheNearestLayoutsWhenMissing() throws {
    let error = #expect(throws: LayoutCountsError.self) { try PipelineLayout.parse(counts: "10+5+5", numLayers: 27) }
    guard case .wrongSum(20, 27, let nearest)? = error?.kind else {
      Issue.record("not a wrong sum: \(String(describing: error))")
      return
    }
    #expect(nearest.first == ReadCounts(counts: [10, 9, 8], reading: .decodersOnly))
  }

  @Test(arguments: ["0+28", "28+0"])
  func needsASlotForWhatItCounts(text: String) throws {
    let decoders = try? PipelineLayout.parse(counts: text, numLayers: 27)
    #expect((decoders == nil) == (text == "0+28"))
  }

  @Test(arguments: [
    ("8+x+7", 2..<3), ("8++7", 2..<3), ("+8", 0..<1), ("8+7+", 4..<4), ("", 0..<0), ("8 7", 2..<3), ("8+-7", 2..<3),
    ("\u{0662}+7", 0..<1),
  ])
  func pointsAtTheMistake(text: String, range: Range<Int>) {
    let error = #expect(throws: LayoutCountsError.self) { try PipelineLayout.parse(counts: text, numLayers: 27) }
    #expect(error?.kind == .malformed)
    #expect(error?.range == range)
  }

  @Test(arguments: [Int.min, -1, Int.max])
  func survivesAnyNumberOfLayers(numLayers: Int) {
    let error = #expect(throws: LayoutCountsError.self) {
      try PipelineLayout.parse(counts: "1+1", numLayers: numLayers)
    }
    #expect(error?.kind == .numLayersOutOfRange(numLayers))
  }

  @Test(arguments: ["99999999999999999999999", "1+100001"])
  func refusesHugeNumbers(text: String) {
    let error = #expect(throws: LayoutCountsError.self) { try PipelineLayout.parse(counts: text, numLayers: 27) }
    #expect(error?.kind == .numberTooLarge)
  }
}
