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

  /// The distance decides which name is nearest: bits and the table have to agree.
  @Test(arguments: [
    ("", ""), ("", "abc"), ("abc", ""), ("abc", "abc"), ("abc", "acb"), ("abcd", "badc"), ("ca", "abc"), ("aab", "aba"),
    ("num_layers", "num_layer"), ("train_iters", "train_samples"), ("kitten", "sitting"),
    (String(repeating: "ab", count: 32), String(repeating: "ba", count: 40)),
  ])
  func edits(written: String, name: String) throws {
    #expect(try #require(EditDistance(written.utf8)).to(name.utf8) == editDistance(written.utf8, name.utf8))
  }

  @Test func aWordOfMoreThan64LettersIsComparedAsWell() {
    let name = String(repeating: "layers_", count: 10)
    #expect(nearestName(to: name + "x", among: [name]) == name)
  }
}
