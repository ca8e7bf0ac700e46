import Testing

@testable import Training

@Suite("A whole checkpoint")
struct CheckpointContentsTests {
  @Test("Weights, masters, moments, position and config come back to the bit")
  func roundTrips() throws {
    let folder = try TemporaryFolder()
    let directory = CheckpointDirectory(folder.path)
    let store = try WeightTransferTests.store(.bf16)
    try store.load(try ModelWeights(directory: WeightTransferTests.source))
    let odd: [Float] = [1.0000001, -.leastNonzeroMagnitude, 12_345.678]
    let contents = CheckpointContents(
      model: store.tensorsToWrite(as: .bfloat16), config: HuggingFaceConfig(store.layout.shape),
      optimizer: [TensorToWrite("exp_avg.x", odd, shape: [3])], state: TrainerStateTests.state,
      texts: ["note.txt": "hello\n"])
    try directory.save(iteration: 7) { try contents.write(to: $0, $1) }
    let opened = try OpenedCheckpoint(folder: try directory.existing().folder)
    #expect(try opened.optimizer?.floats("exp_avg.x") == odd)
    #expect(opened.state?.json == TrainerStateTests.state.json)
    #expect(ModelShape(opened.config) == store.layout.shape)
    #expect(try WeightTransferTests.store().load(opened.model) == [])
    #expect(try text(FilePath.join(opened.folder, "note.txt")) == "hello\n")
  }

  @Test("A directory of transformers opens without optimizer and state")
  func opensForeign() throws {
    let opened = try OpenedCheckpoint(folder: WeightTransferTests.source)
    #expect(opened.optimizer == nil && opened.state == nil)
    #expect(opened.config.hiddenSize == 8)
  }

  @Test("A folder that is missing or empty says what it lacks")
  func refuses() throws {
    let folder = try TemporaryFolder()
    #expect(
      message { _ = try OpenedCheckpoint(folder: folder.file("no")) }?.contains("no/config.json: No such file") == true)
    try HuggingFaceConfig().write(to: folder.path)
    #expect(
      message { _ = try OpenedCheckpoint(folder: folder.path) }?.contains("holds neither model.safetensors") == true)
  }
}
