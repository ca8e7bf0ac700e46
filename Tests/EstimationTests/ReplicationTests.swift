import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing
import Topology

/// What ranks hold, summed over ranks with copies counted once, is the model: whatever the layout.
@Suite struct ReplicationTests {
  struct Sizes: Sendable {
    let tensor: Int, expert: Int, expertTensor: Int
  }

  static let sizes: [Sizes] = [
    Sizes(tensor: 1, expert: 1, expertTensor: 1), Sizes(tensor: 2, expert: 8, expertTensor: 1),
    Sizes(tensor: 4, expert: 4, expertTensor: 2), Sizes(tensor: 8, expert: 2, expertTensor: 8),
    Sizes(tensor: 16, expert: 64, expertTensor: 4), Sizes(tensor: 1, expert: 16, expertTensor: 16),
  ]

  @Test(arguments: [ModelPreset.moonlight16BA3B, .kimiK2, .deepSeekV3], sizes)
  func ranksAddUpToTheModel(model: ModelPreset, sizes: Sizes) throws {
    var random = SeededGenerator(seed: 11)
    for mtp in [0, 1] {
      let shape = try Self.shape(model, mtp: mtp)
      let kinds = LayerKinds(shape)
      let count = try #require(ParameterCount(shape, vocabSize: shape.vocabSize))
      for _ in 0..<40 {
        let stages = try Self.stages(shape.numLayers, mtp: mtp, &random)
        let ranks = kinds.contents(of: stages).map { contents in
          (
            contents,
            RankParameters(
              count.parts, numExperts: shape.numMoEExperts, contents, endsInMoE: kinds.endsInMoE, tensor: sizes.tensor,
              expert: sizes.expert, expertTensor: sizes.expertTensor, pipeline: stages.pipeline)
          )
        }
        let held = ranks.reduce(0) { sum, rank in
          sum + rank.1.split * sizes.tensor + rank.1.replicated + rank.1.experts * sizes.expert * sizes.expertTensor
        }
        // Stages with MTP layers have a copy of the embedding, those without the head of the head.
        let copies = ranks.reduce(0) { sum, rank in
          guard rank.0.mtpLayers > 0 else { return sum }
          return sum + (rank.0.hasEmbedding ? 0 : count.parts.embedding) + (rank.0.hasHead ? 0 : count.parts.head)
        }
        #expect(held - copies == count.total, "\(stages.layout.megatronString)")
      }
    }
  }

  private static func shape(_ model: ModelPreset, mtp: Int) throws -> Architecture {
    var layer = Layer(name: "test")
    layer.assign(Path.model.mtpNumLayers, mtp == 0 ? .null : .int(mtp), .program)
    return Architecture(
      LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(RecipeChoices(model: model)), layer]))
  }

  /// A random custom layout over a random pipeline, empty chunks included.
  private static func stages(_ layers: Int, mtp: Int, _ random: inout SeededGenerator) throws -> StageMap {
    let pipeline = [1, 2, 3, 4, 8, 16].randomElement(using: &random)!
    let virtual = pipeline == 1 ? nil : [nil, 2, 3].randomElement(using: &random)!
    if pipeline == 1 { return try StageMap(numLayers: layers, mtpNumLayers: mtp, pipeline: 1) }
    let chunks = pipeline * (virtual ?? 1)
    let cuts = (1..<chunks).map { _ in Int.random(in: 0...layers, using: &random) }.sorted()
    let counts = zip([0] + cuts, cuts + [layers]).map { $1 - $0 }
    var stages = counts.map { [LayoutElement](repeating: .decoder, count: $0) }
    stages[0].insert(.embedding, at: 0)
    stages[chunks - 1] += [LayoutElement](repeating: .mtp, count: mtp) + [.loss]
    return try StageMap(
      numLayers: layers, mtpNumLayers: mtp, pipeline: pipeline, virtualPipeline: virtual,
      split: .layout(PipelineLayout(stages: stages)))
  }
}
