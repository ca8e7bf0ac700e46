import Testing

@testable import Topology

/// Any integers at all: an answer or an error, never a crash and never a long wait.
@Suite struct ExtremeNumbersTests {
  static let numbers = [Int.min, Int.min + 1, -1, 0, 1, 2, 3, 27, 100_000, 1 << 32, Int.max - 1, Int.max]

  @Test(arguments: numbers)
  func rankGrids(first: Int) {
    for second in Self.numbers {
      for third in Self.numbers {
        let sizes = ParallelSizes(tensor: first, pipeline: second, context: third, expert: first, expertTensor: third)
        let grid = try? RankGrid(worldSize: .max, sizes: sizes)
        #expect(grid == nil || RankGrid.problems(worldSize: .max, sizes: sizes).isEmpty)
        let small = try? RankGrid(worldSize: second, sizes: ParallelSizes(tensor: first, expertTensor: 1))
        for rank in Self.numbers {
          let coordinates = small?.denseCoordinates(of: rank)
          #expect(coordinates == nil || (0..<second).contains(rank))
          _ = small?.expertCoordinates(of: rank)
          _ = small?.group(.dataContext, of: rank)?.count
          _ = small?.ranks(ofPipelineStage: rank)
          _ = small?.localExperts(ofExpertRank: rank, numExperts: third)
        }
      }
    }
  }

  @Test(arguments: numbers)
  func stageMaps(numLayers: Int) {
    for pipeline in Self.numbers {
      for other in Self.numbers {
        let splits: [StageSplit] = [
          .even, .edges(first: other, last: numLayers), .edges(first: nil, last: other),
          .accounting(embedding: true, loss: true), .layout(PipelineLayout(stages: [])),
        ]
        for split in splits {
          let map = try? StageMap(
            numLayers: numLayers, mtpNumLayers: other, pipeline: pipeline, virtualPipeline: other, split: split)
          #expect(map == nil || map?.stages.reduce(0) { $0 + $1.numLayers } == numLayers)
        }
      }
    }
  }

  @Test(arguments: numbers)
  func layoutsAndBalances(number: Int) {
    for other in Self.numbers {
      let layout = PipelineLayout(decoders: [number, other], mtp: number)
      #expect(layout == nil || layout?.decoderCounts == [number, other])
      _ = try? PipelineLayout.parse(counts: "8+7+7+6", numLayers: number, mtpNumLayers: other)
      let weights = StageWeights(layers: [1, 1, 1, 1])
      let balanced = try? BalancedLayout(
        weights: weights, mtpNumLayers: other, pipeline: number, virtualPipeline: other, allowEmptyStages: true)
      #expect(balanced == nil || balanced?.decoders.reduce(0, +) == 4)
    }
  }

  @Test(arguments: numbers)
  func schedules(pipeline: Int) {
    for virtualPipeline in Self.numbers {
      for microbatches in Self.numbers {
        for groupSize in Self.numbers {
          let schedule = try? PipelineSchedule(
            pipeline: pipeline, virtualPipeline: virtualPipeline, microbatches: microbatches, groupSize: groupSize)
          #expect(schedule?.steps(rank: groupSize).isEmpty != false || (0..<pipeline).contains(groupSize))
        }
      }
    }
  }
}
