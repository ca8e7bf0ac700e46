import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// Parameters of random models, as transformers builds them on the meta device
/// (`Tests/Reference/transformers_parameters.py`): with and without query latent, shared experts, tied tables; all
/// layers dense, and none.
@Suite struct TransformersTests {
  @Test func countsAreTransformers() throws {
    let cases = EstimationCase.all("transformers")
    #expect(cases.count >= 50)
    for item in cases {
      guard case .mapping(let model)? = item.line["model"] else { continue }
      var layer = Layer(name: "fixture")
      for entry in model.entries { layer.assign(FieldPath("model", entry.key), entry.value, .program) }
      let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
      let shape = Architecture(config)
      let count = try #require(ParameterCount(shape, vocabSize: shape.vocabSize))
      #expect(count.total == item.int("total"), "\(model)")
      #expect(count.parts.embedding == item.int("embedding"))
      #expect(count.parts.head == item.int("head"))
      let layers = try #require(shape.moeLayers).map { isMoE in
        isMoE ? count.parts.moeLayer(experts: shape.numMoEExperts) : count.parts.denseLayer
      }
      #expect(layers == item.line["layers"].flatMap { [Int]($0) }, "\(model)")
    }
  }
}
