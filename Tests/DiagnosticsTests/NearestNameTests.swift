import Testing

@testable import Diagnostics

@Suite struct NearestNameTests {
  static let names = ["tensor_model_parallel_size", "num_layers", "lr", "min_lr", "seed"]

  @Test(arguments: [
    ("tensor_model_paralel_size", "tensor_model_parallel_size"),
    ("tensor-model-parallel-size", "tensor_model_parallel_size"),
    ("num_layer", "num_layers"),
    ("Num_Layers", "num_layers"),
    ("nmu_layers", "num_layers"),
    ("rl", "lr"),
    ("sede", "seed"),
  ])
  func findsWhatWasMeant(written: String, meant: String) {
    #expect(nearestName(to: written, among: Self.names) == meant)
  }

  @Test func aLongerNameThatBeginsSoComesFirst() {
    #expect(nearestName(to: "moonlight-16b", among: ["moonlight-tiny", "moonlight-16b-a3b"]) == "moonlight-16b-a3b")
  }

  @Test(arguments: ["weights", "xyz", "", "tensor"])
  func makesNoWildGuess(written: String) {
    #expect(nearestName(to: written, among: Self.names) == nil)
  }
}
