import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

/// Numbers worked out for the released model, by transformers on the meta device and by closed formulas.
@Suite struct ParameterTests {
  private func count(_ model: ModelPreset) throws -> ParameterCount {
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(RecipeChoices(model: model))])
    let shape = Architecture(config)
    return try #require(ParameterCount(shape, vocabSize: shape.vocabSize))
  }

  @Test func partsOfTheReleasedModel() throws {
    let parts = try count(.moonlight16BA3B).parts
    #expect(parts.attention == 13_763_072)
    #expect(parts.denseLayer == 82_973_184)
    #expect(parts.moeLayer(experts: 64) == 584_847_872)
    #expect(parts.moeLayer(experts: 6) == 83_104_256)
    #expect(parts.routedExpert == 8_650_752)
    #expect(parts.sharedExperts == 17_301_504)
    #expect(parts.router == 131_072)
    #expect(parts.embedding == 335_544_320)
  }

  @Test(arguments: [
    (ModelPreset.moonlight16BA3B, 15_960_108_544, 15_289_019_904, 2_243_685_888, 2_579_230_208, 2_914_774_528),
    (.moonlight16BA3BDocumented, 17_258_900_992, 16_636_571_136, 3_591_237_120, 3_902_402_048, 4_213_566_976),
    (.kimiK2, 1_026_408_209_408, 1_024_059_399_168, 30_512_667_648, 31_687_072_768, 32_861_477_888),
    (.deepSeekV2Lite, 15_706_484_224, 15_287_053_824, 2_241_719_808, 2_451_435_008, 2_661_150_208),
    (.deepSeekV3, 671_026_404_352, 669_173_046_272, 35_698_924_544, 36_625_603_584, 37_552_282_624),
  ])
  func totals(
    model: ModelPreset, total: Int, withoutEmbeddings: Int, active: Int, activeWithHead: Int, activeWithBoth: Int
  ) throws {
    let count = try count(model)
    #expect(count.total == total)
    #expect(count.totalWithoutEmbeddings == withoutEmbeddings)
    #expect(count.activeWithoutEmbeddings == active)
    #expect(count.activeWithHead == activeWithHead)
    #expect(count.active == activeWithBoth)
  }

  @Test func muonTakesTheMatrices() throws {
    #expect(try count(.moonlight16BA3B).muonMatrices == 15_288_893_440)
  }

  struct Placement: Sendable {
    let tensor: Int, pipeline: Int, expert: Int
    let layout: String?
    let totals: [Int]
  }

  @Test(arguments: [
    Placement(tensor: 2, pipeline: 1, expert: 8, layout: nil, totals: [2_599_677_440]),
    Placement(tensor: 1, pipeline: 1, expert: 8, layout: nil, totals: [3_364_613_632]),
    Placement(tensor: 1, pipeline: 1, expert: 4, layout: nil, totals: [5_163_970_048]),
    Placement(tensor: 4, pipeline: 2, expert: 4, layout: "Et*14|t*13L", totals: [2_019_097_600, 1_997_468_160]),
    Placement(tensor: 2, pipeline: 2, expert: 8, layout: "Et*14|t*13L", totals: [1_320_877_056, 1_278_800_384]),
    Placement(
      tensor: 2, pipeline: 4, expert: 8, layout: "Et*7|t*7|t*7|t*6L",
      totals: [722_632_192, 598_244_864, 598_244_864, 680_555_520]),
  ])
  func ranksByPlacement(_ placement: Placement) throws {
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()])
    let shape = Architecture(config)
    let split = try placement.layout.map { StageSplit.layout(try PipelineLayout.parse(megatron: $0).layout) } ?? .even
    let stages = try StageMap(numLayers: 27, pipeline: placement.pipeline, split: split)
    let parts = try #require(LayerParameters(shape, vocabSize: 163_840))
    let kinds = LayerKinds(shape)
    let totals = kinds.contents(of: stages).map { contents in
      RankParameters(
        parts, numExperts: shape.numMoEExperts, contents, endsInMoE: kinds.endsInMoE, tensor: placement.tensor,
        expert: placement.expert, expertTensor: 1, pipeline: placement.pipeline
      ).total
    }
    #expect(totals == placement.totals)
  }
}
