import Testing

@testable import Topology

@Suite struct RankGridTests {
  @Test func agreesWithMegatronOnEveryGrid() throws {
    let rows = try fixture("rank-grids")
    #expect(rows.count == 600)
    for row in rows {
      let sizes = ParallelSizes(
        tensor: row.int(1)!, pipeline: row.int(2)!, context: row.int(3)!, expert: row.int(4)!,
        expertTensor: row.int(5) ?? row.int(1)!)
      let order = try #require(RankOrder(rawValue: row.string(6)!))
      let grid = try? RankGrid(worldSize: row.int(0)!, sizes: sizes, order: order)
      #expect(grid.map { [$0.dataParallel, $0.expertDataParallel] } == row[7] as? [Int], "\(row)")
    }
  }

  /// World size, sizes, and what is wrong.
  @Test(
    arguments: [
      (16, ParallelSizes(tensor: 2, expert: 8, expertTensor: 1), []),
      (
        12, ParallelSizes(tensor: 2, expert: 8, expertTensor: 1),
        [.expertDivision(worldSize: 12, expertTensor: 1, expert: 8, pipeline: 1)]
      ),
      (
        8, ParallelSizes(tensor: 3, expertTensor: 3),
        [
          .denseDivision(worldSize: 8, tensor: 3, pipeline: 1, context: 1),
          .expertDivision(worldSize: 8, expertTensor: 3, expert: 1, pipeline: 1),
        ]
      ),
      (
        8, ParallelSizes(tensor: 3, expertTensor: 1),
        [.denseDivision(worldSize: 8, tensor: 3, pipeline: 1, context: 1)]
      ),
      (0, ParallelSizes(), [.sizeNotPositive(.worldSize, 0)]),
      (8, ParallelSizes(tensor: 0, pipeline: -1), [.sizeNotPositive(.tensor, 0), .sizeNotPositive(.pipeline, -1)]),
      (
        8, ParallelSizes(tensor: .max, pipeline: .max, context: .max, expert: .max, expertTensor: .max),
        [
          .denseDivision(worldSize: 8, tensor: .max, pipeline: .max, context: .max),
          .expertDivision(worldSize: 8, expertTensor: .max, expert: .max, pipeline: .max),
        ]
      ),
      (
        .min, ParallelSizes(tensor: .min, expertTensor: .min),
        [.sizeNotPositive(.worldSize, .min), .sizeNotPositive(.tensor, .min), .sizeNotPositive(.expertTensor, .min)]
      ),
    ] as [(Int, ParallelSizes, [RankGridProblem])])
  func namesWhatIsWrong(worldSize: Int, sizes: ParallelSizes, problems: [RankGridProblem]) {
    #expect(RankGrid.problems(worldSize: worldSize, sizes: sizes) == problems)
  }

  @Test func dataLastNeedsEqualDataParallelSizes() throws {
    let sizes = ParallelSizes(tensor: 2, pipeline: 2, expert: 2, expertTensor: 2)
    let problems = RankGrid.problems(worldSize: 16, sizes: sizes, order: .dataLast)
    #expect(problems == [.unequalDataParallel(dataParallel: 4, expertDataParallel: 2)])
    #expect(RankGrid.problems(worldSize: 16, sizes: sizes).isEmpty)
  }

  @Test func placesARankInBothDecompositions() throws {
    let grid = try RankGrid(
      worldSize: 32, sizes: ParallelSizes(tensor: 2, pipeline: 4, expert: 4, expertTensor: 1))
    #expect(grid.denseCoordinates(of: 21) == DenseCoordinates(tensor: 1, context: 0, data: 2, pipeline: 2))
    #expect(grid.expertCoordinates(of: 21) == ExpertCoordinates(expertTensor: 0, expert: 1, expertData: 1, pipeline: 2))
    #expect(grid.denseCoordinates(of: 32) == nil)
    #expect(grid.expertCoordinates(of: -1) == nil)
  }

  @Test func dealsExpertsInBlocks() throws {
    let grid = try RankGrid(worldSize: 16, sizes: ParallelSizes(tensor: 2, expert: 8, expertTensor: 1))
    #expect(grid.localExperts(ofExpertRank: 3, numExperts: 64) == 24..<32)
    #expect(grid.localExperts(ofExpertRank: 3, numExperts: 63) == nil)
    #expect(grid.localExperts(ofExpertRank: 8, numExperts: 64) == nil)
    #expect(grid.localExperts(ofExpertRank: 0, numExperts: .min) == nil)
  }

  @Test func findsTheRanksOfAStage() throws {
    let sizes = ParallelSizes(tensor: 2, pipeline: 4, expertTensor: 1)
    let last = try RankGrid(worldSize: 16, sizes: sizes)
    #expect(last.ranks(ofPipelineStage: 1).map(Array.init) == [4, 5, 6, 7])
    let dataLast = try RankGrid(
      worldSize: 16, sizes: ParallelSizes(tensor: 2, pipeline: 4, expertTensor: 2), order: .dataLast)
    #expect(dataLast.ranks(ofPipelineStage: 1).map(Array.init) == [2, 3, 10, 11])
    #expect(last.ranks(ofPipelineStage: 4) == nil)
  }
}
