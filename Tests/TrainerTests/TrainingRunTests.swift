import ConfigDocument
import Foundation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing
import Trainer
import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole runs of a model that is smaller than tiny.
@Suite struct TrainingRunTests {
  /// A directory that goes with the test.
  final class Scratch {
    let path: String
    init() {
      var template = Array("/tmp/moonlight-run-XXXXXX".utf8CString)
      path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }
    deinit { try? POSIXFileSystem().removeTree(path) }
  }

  struct Silent: RunObserver {
    func resumed(from folder: String, step: Int, differences: [ResumeDifference]) {}
    func loaded(weights folder: String) {}
    func advanced(_ metrics: StepMetrics) {}
    func saved(_ folder: String) {}
  }

  private func config(
    _ scratch: Scratch, _ overrides: [(FieldPath, ConfigValue)] = [], for release: Release = .current
  ) -> LaunchConfig {
    var layer = Layer(name: "test")
    let small: [(FieldPath, ConfigValue)] = [
      (Path.recipe.dir, .string(scratch.path)), (Path.model.numLayers, 2), (Path.model.hiddenSize, 32),
      (Path.model.ffnHiddenSize, 48), (Path.model.numAttentionHeads, 2), (Path.model.numMoEExperts, 4),
      (Path.model.moeRouterTopK, 2), (Path.model.moeFFNHiddenSize, 16),
      (Path.model.moeSharedExpertIntermediateSize, 16), (Path.model.moeLayerFrequency, [0, 1]),
      (Path.model.kvLoraRank, 16), (Path.model.seqLength, 16), (Path.train.trainIters, 6),
      (Path.train.globalBatchSize, 4), (Path.train.microBatchSize, 2), (Path.scheduler.lrWarmupIters, 2),
      (Path.validation.evalInterval, 3), (Path.validation.evalIters, 1), (Path.checkpoint.saveInterval, 3),
    ]
    for (path, value) in small + overrides { layer.assign(path, value, .program) }
    return .resolve([Recipe.moonlightTinyPretrain.layer(), layer], for: release)
  }

  private func run(_ config: LaunchConfig) throws -> TrainingRun {
    let run = try TrainingRun(config, vocabSize: 320, threads: 1, observer: Silent())
    _ = try run.run()
    return run
  }

  @Test(
    arguments: [
      [],
      muon,
      [
        (Path.mixedPrecision.bf16, true), (Path.optimizer.usePrecisionAwareOptimizer, true),
        (Path.optimizer.mainGradsDtype, "bf16"), (Path.optimizer.expAvgDtype, "bf16"),
        (Path.optimizer.expAvgSqDtype, "bf16"),
      ],
      growing,
    ] as [[(FieldPath, ConfigValue)]], [Release.bridge031, .current])
  func aResumedRunIsTheUninterruptedOne(overrides: [(FieldPath, ConfigValue)], for release: Release) throws {
    let (whole, halves) = (Scratch(), Scratch())
    let uninterrupted = try run(config(whole, overrides, for: release))
    // Stopped after step 3, as a kill right behind that checkpoint would.
    let half = config(
      halves, overrides + [(Path.train.trainIters, 3), (Path.scheduler.lrDecayIters, 6)], for: release)
    _ = try run(half)
    let resumed = try run(config(halves, overrides, for: release))
    #expect(resumed.history.map(\.loss) == uninterrupted.history.map(\.loss))
    #expect(resumed.history.map(\.evalLoss) == uninterrupted.history.map(\.evalLoss))
    for tensor in uninterrupted.engine.layout.tensors {
      let first = try uninterrupted.engine.parameters.withTensor(tensor.name) { Array($0) }
      let second = try resumed.engine.parameters.withTensor(tensor.name) { Array($0) }
      #expect(first == second, "\(tensor.name)")
    }
  }

  /// Keeps what a resumed run says has changed.
  final class Changes: RunObserver {
    var said: [ResumeDifference]?
    func resumed(from folder: String, step: Int, differences: [ResumeDifference]) { said = differences }
    func loaded(weights folder: String) {}
    func advanced(_ metrics: StepMetrics) {}
    func saved(_ folder: String) {}
  }

  @Test func aCheckpointOfAnOlderProgramIsOfTheSameConfig() throws {
    let scratch = Scratch()
    _ = try run(config(scratch))
    let folder = "\(scratch.path)/default/checkpoints/iter_0000006"
    var state = try TrainerState(folder: folder)
    // It has no checksums, its fingerprint was made in another way, and it does not know a field that has come since.
    try FileManager.default.removeItem(atPath: "\(folder)/checksums.txt")
    state.configFingerprint = String(repeating: "0", count: 64)
    state.config["optimizer.muon_split_qkv"] = nil
    try state.json.write(toFile: "\(folder)/\(TrainerState.fileName)", atomically: true, encoding: .utf8)
    for (overrides, differences) in [
      ([], []),
      ([(Path.optimizer.lr, 0.25)], ["optimizer.lr: 0.003 in the checkpoint, 0.25 now"]),
    ] as [([(FieldPath, ConfigValue)], [String])] {
      let changes = Changes()
      _ = try TrainingRun(config(scratch, overrides), vocabSize: 320, threads: 1, observer: changes)
      #expect(changes.said?.map(\.description) == differences)
    }
  }

  private static let muon: [(FieldPath, ConfigValue)] = [
    (Path.optimizer.optimizer, "muon"), (Path.optimizer.useDistributedOptimizer, false),
  ]

  @Test(
    arguments: [
      ([(Path.mixedPrecision.bf16, true)], "products"), (muon, "muon_products"),
    ] as [([(FieldPath, ConfigValue)], String)])
  func aRunInOtherProductsSaysSo(overrides: [(FieldPath, ConfigValue)], name: String) throws {
    let scratch = Scratch()
    let config = config(scratch, overrides)
    _ = try run(config)
    for (keepsFP32, differences) in [(false, []), (true, ["\(name): bf16 in the checkpoint, fp32 now"])] {
      let changes = Changes()
      _ = try TrainingRun(config, vocabSize: 320, threads: 1, keepsFP32Products: keepsFP32, observer: changes)
      #expect(changes.said?.map(\.description) == differences)
    }
  }

  /// What was begun before configs named their release goes on as the same run, whichever release its config is for now.
  @Test(arguments: Release.all)
  func aRunFromBeforeReleasesWereNamedGoesOn(for release: Release) throws {
    let (whole, halves) = (Scratch(), Scratch())
    let uninterrupted = try run(config(whole, for: .beforeNaming))
    let half: [(FieldPath, ConfigValue)] = [(Path.train.trainIters, 3), (Path.scheduler.lrDecayIters, 6)]
    _ = try run(config(halves, half, for: .beforeNaming))
    let folder = "\(halves.path)/default/checkpoints/iter_0000003"
    try FileManager.default.removeItem(atPath: "\(folder)/checksums.txt")
    var state = try TrainerState(folder: folder)
    state.config["software.megatron_bridge"] = nil
    state.config["train.train_iters"] = "6"
    try state.json.write(toFile: "\(folder)/\(TrainerState.fileName)", atomically: true, encoding: .utf8)
    let changes = Changes()
    let now = config(halves, [(Path.dataset.valProportion, 0.05)], for: release)
    let resumed = try TrainingRun(now, vocabSize: 320, threads: 1, observer: changes)
    _ = try resumed.run()
    #expect(resumed.history.map(\.loss) == uninterrupted.history.map(\.loss))
    let name = Path.software.megatronBridge.description
    #expect(changes.said?.map(\.path) == (release == .beforeNaming ? [] : [name]))
  }

  /// Steps of 2, 2, 4, 6, 8, 8 sequences.
  private static let growing: [(FieldPath, ConfigValue)] = [
    (Path.train.globalBatchSize, 8), (Path.train.rampupBatchSize, [2, 2, 12]),
  ]

  @Test func aGrowingBatchMovesTheScheduleBySamples() throws {
    let scratch = Scratch()
    let run = try run(config(scratch, Self.growing, for: .bridge031))
    #expect(run.history.map(\.tokens) == [2, 2, 4, 6, 8, 8].map { $0 * 16 })
    let schedule = run.configuration.schedule
    #expect(run.history.map(\.learningRate) == [0, 2, 4, 8, 14, 22].map { schedule.learningRate($0) })
  }

  @Test func aRunLeavesWhatItPromises() throws {
    let scratch = Scratch()
    let run = try run(config(scratch))
    let fileSystem = POSIXFileSystem()
    let root = "\(scratch.path)/default"
    let last = "\(root)/checkpoints/iter_0000006"
    for file in [
      "\(root)/metrics.jsonl", "\(last)/model.safetensors", "\(last)/config.json", "\(last)/trainer_state.json",
    ] {
      #expect(fileSystem.kind(file) == .file, "\(file)")
    }
    #expect(try CheckpointDirectory("\(root)/checkpoints").latestIteration() == 6)
    #expect(run.history.map(\.step) == Array(1...6))
  }

  @Test func aConfigInBF16HasBF16ProductsUnlessFP32OnesAreKept() throws {
    func products(bf16: Bool, keepsFP32Products: Bool) throws -> ProductPrecision {
      let config = config(Scratch(), [(Path.mixedPrecision.bf16, .bool(bf16))])
      return try EngineConfiguration(config, vocabSize: 320, threads: 1, keepsFP32Products: keepsFP32Products)
        .settings.products
    }
    #expect(try products(bf16: true, keepsFP32Products: false) == .bf16)
    #expect(try products(bf16: true, keepsFP32Products: true) == .fp32)
    #expect(try products(bf16: false, keepsFP32Products: false) == .fp32)
  }

  /// What the model multiplies has no part in it.
  @Test(arguments: [
    ("medium", false, ProductPrecision.bf16), ("medium", true, .fp32), ("high", false, .fp32),
    ("highest", false, .fp32),
  ])
  func muonIteratesInBF16UnderMedium(precision: String, keepsFP32Products: Bool, expected: ProductPrecision) throws {
    for bf16 in [false, true] {
      let config = config(
        Scratch(),
        Self.muon + [
          (Path.mixedPrecision.bf16, .bool(bf16)), (Path.optimizer.muonFP32MatmulPrecision, .string(precision)),
        ])
      let settings = try EngineConfiguration(
        config, vocabSize: 320, threads: 1, keepsFP32Products: keepsFP32Products
      ).settings
      #expect(settings.optimizer.muonProducts == expected, "bf16 \(bf16)")
    }
  }

  @Test func whatTheEngineCannotComputeIsSaidAtOnce() {
    let scratch = Scratch()
    let config = config(scratch, [(Path.model.normalization, "LayerNorm"), (Path.model.addBiasLinear, true)])
    #expect(throws: TrainerError.self) { try run(config) }
    #expect((try? EngineConfiguration(config, vocabSize: 320, threads: 1)) == nil)
  }
}
