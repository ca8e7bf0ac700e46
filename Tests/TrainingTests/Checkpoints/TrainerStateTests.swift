import Testing

@testable import Training

@Suite("trainer_state.json")
struct TrainerStateTests {
  static let state = TrainerState(
    iteration: 7, consumedTrainSamples: 28, consumedValidSamples: 3, dataSeed: .max,
    counters: ["tokens": 1 << 48, "scheduler_steps": 0],
    values: ["loss": 0.1, "odd": .nan, "tiny": .leastNonzeroMagnitude],
    generators: ["dropout": [.max, 0, 1 << 63]], configFingerprint: "abc", config: ["optimizer.lr": "\"x\"\n"])

  @Test("Everything comes back to the bit")
  func roundTrips() throws {
    let folder = try TemporaryFolder()
    try Self.state.write(to: folder.path)
    let read = try TrainerState(folder: folder.path)
    #expect(read.json == Self.state.json)
    #expect(read.values["odd"]?.bitPattern == Self.state.values["odd"]?.bitPattern)
    #expect(read.generators == Self.state.generators)
    #expect(read.config == Self.state.config)
  }

  @Test(
    "Malformed state is refused",
    arguments: [
      ("{}", "format_version and iteration are needed"),
      (#"{"format_version":1,"iteration":-1}"#, "negative"),
      (#"{"format_version":9,"iteration":1}"#, "format version 9"),
      (#"{"format_version":1,"iteration":1,"data_seed":"12"}"#, "hexadecimal"),
      (#"{"format_version":1,"iteration":1"#, "the text ends"),
    ])
  func refuses(json: String, problem: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TrainerState.fileName, json)
    #expect(try #require(message { _ = try TrainerState(folder: folder.path) }).contains(problem))
  }

  @Test("Configs that differ are told apart field by field")
  func tellsDifferences() {
    let differences = ResumeDifference.between(
      stored: [
        "model.num_layers": "27", "optimizer.lr": "1.0e-05", "train.train_iters": "10", "model.use_old": "false",
      ],
      storedDefaults: ["model.num_layers": "0", "train.train_iters": "null", "model.use_old": "false"],
      current: ["model.num_layers": "27", "optimizer.lr": "2.0e-05", "rng.seed": "1", "rng.te_rng_tracker": "false"],
      defaults: ["model.num_layers": "0", "rng.seed": "1234", "rng.te_rng_tracker": "false"])
    #expect(
      differences.map(\.description) == [
        "optimizer.lr: 1.0e-05 in the checkpoint, 2.0e-05 now",
        "rng.seed: not set in the checkpoint, 1 now",
        "train.train_iters: 10 in the checkpoint, not set now",
      ])
  }
}
