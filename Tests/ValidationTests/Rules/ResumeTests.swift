import ConfigDocument
import Diagnostics
import LaunchModel
import Testing

@testable import Validation

@Suite("CKPT: a checkpoint at hand")
struct ResumeTests {
  /// Findings about the checkpoint, as `severity CODE field`.
  private func found(
    _ now: [String: ConfigValue], _ then: [String: ConfigValue], at path: FieldPath = Path.checkpoint.load,
    by writer: SavedRun.Writer = .megatron, fitsRelease: Bool = true, start: StartFacts? = nil
  ) throws -> [String] {
    var run = RunFacts(try GoodConfig.pretrain.config(now))
    run.saved = SavedRun(try GoodConfig.pretrain.config(then), by: writer, at: path, fitsRelease: fitsRelease)
    run.start = start
    return Validator.findings(run).filter { ["CKPT-11", "CKPT-12", "CKPT-13"].contains($0.code) }
      .map { "\($0.severity.rawValue) \($0.code) \($0.path)" }
  }

  @Test(
    "Optimizer states load where they were saved",
    arguments: [
      ([:], [:], []),
      (
        ["parallelism.tensor_model_parallel_size": 4], [:],
        ["error CKPT-11 parallelism.tensor_model_parallel_size"]
      ),
      (
        ["parallelism.pipeline_model_parallel_size": 2], [:],
        ["error CKPT-11 parallelism.pipeline_model_parallel_size"]
      ),
      (
        ["parallelism.tensor_model_parallel_size": 4, "checkpoint.load_optim": false], [:],
        ["note CKPT-11 parallelism.tensor_model_parallel_size"]
      ),
      (
        ["parallelism.tensor_model_parallel_size": 4], ["checkpoint.save_optim": false],
        ["note CKPT-11 parallelism.tensor_model_parallel_size"]
      ),
      (
        ["parallelism.tensor_model_parallel_size": 4], ["checkpoint.dist_ckpt_optim_fully_reshardable": true],
        ["note CKPT-11 parallelism.tensor_model_parallel_size"]
      ),
      (["parallelism.tensor_model_parallel_size": 4, "checkpoint.finetune": true], [:], []),
      (
        ["parallelism.expert_model_parallel_size": 4], [:],
        ["warning CKPT-11 parallelism.expert_model_parallel_size"]
      ),
    ] as [([String: ConfigValue], [String: ConfigValue], [String])])
  func stages(now: [String: ConfigValue], then: [String: ConfigValue], expected: [String]) throws {
    #expect(try found(now, then) == expected)
  }

  @Test(
    "The model is the checkpoint's, whatever is loaded of it",
    arguments: [
      (["model.num_moe_experts": 32], [:], ["error CKPT-12 model.num_moe_experts"]),
      (["model.moe_layer_freq": 1], [:], ["error CKPT-12 model.moe_layer_freq"]),
      (["model.vocab_size": 163_968], [:], ["warning CKPT-12 model.vocab_size"]),
      (["model.seq_length": 4096], [:], []),
      (["model.mtp_num_layers": 1], [:], ["error CKPT-12 model.mtp_num_layers"]),
      (["model.mtp_num_layers": 0], ["model.mtp_num_layers": 1], []),
    ] as [([String: ConfigValue], [String: ConfigValue], [String])])
  func model(now: [String: ConfigValue], then: [String: ConfigValue], expected: [String]) throws {
    for path in [Path.checkpoint.load, Path.checkpoint.pretrainedCheckpoint] {
      #expect(try found(now, then, at: path) == expected)
    }
  }

  @Test(
    "States are the optimizer's",
    arguments: [
      (["optimizer.optimizer": "sgd"], ["error CKPT-13 optimizer.optimizer"]),
      (["optimizer.optimizer": "sgd", "checkpoint.load_optim": false], []),
      (["optimizer.lr": 1e-5], []),
    ] as [([String: ConfigValue], [String])])
  func optimizer(now: [String: ConfigValue], expected: [String]) throws {
    #expect(try found(now, [:]) == expected)
    #expect(try found(now, [:], at: Path.checkpoint.pretrainedCheckpoint) == [])
  }

  @Test("A checkpoint of another release is told")
  func release() throws {
    #expect(try found([:], [:], fitsRelease: false) == ["warning CKPT-13 checkpoint.load"])
  }

  // MARK: The CPU engine's own

  @Test(
    "A checkpoint of the CPU engine fits every layout, and no other model, vocabulary, optimizer or release",
    arguments: [
      ([:], [:], []),
      (["parallelism.tensor_model_parallel_size": 4, "parallelism.expert_model_parallel_size": 4], [:], []),
      (["optimizer.lr": 1e-5, "ddp.use_distributed_optimizer": false], [:], []),
      (["model.num_moe_experts": 32], [:], ["error CKPT-12 model.num_moe_experts"]),
      (["model.vocab_size": 163_968], [:], ["error CKPT-12 model.vocab_size"]),
      (["optimizer.optimizer": "sgd"], [:], ["error CKPT-13 optimizer.optimizer"]),
      (["optimizer.optimizer": "muon"], ["optimizer.optimizer": "dist_muon"], []),
      (["peft.peft_scheme": "lora"], [:], ["error CKPT-12 peft"]),
      ([:], ["peft.peft_scheme": "lora"], ["error CKPT-12 checkpoint.load"]),
    ] as [([String: ConfigValue], [String: ConfigValue], [String])])
  func ownCheckpoint(now: [String: ConfigValue], then: [String: ConfigValue], expected: [String]) throws {
    #expect(try found(now, then, by: .cpuEngine) == expected)
    #expect(try found(now, then, by: .cpuEngine, start: StartFacts()) == expected)
  }

  @Test("Where this process trains, Megatron's checkpoints are not read, and the engine looks at the base itself")
  func trainedHere() throws {
    let now: [String: ConfigValue] = ["model.num_moe_experts": 32, "optimizer.optimizer": "sgd"]
    #expect(try found(now, [:], start: StartFacts()) == [])
    #expect(try found(now, [:], at: Path.checkpoint.pretrainedCheckpoint, by: .cpuEngine, start: StartFacts()) == [])
    #expect(
      try found(now, [:], at: Path.checkpoint.pretrainedCheckpoint, by: .cpuEngine)
        == ["error CKPT-12 model.num_moe_experts"])
  }

  @Test("A checkpoint of the CPU engine that was one for another release is told")
  func ownRelease() throws {
    var run = RunFacts(try GoodConfig.pretrain.config())
    let older = try GoodConfig.pretrain.config(for: .bridge051)
    run.saved = SavedRun(older, by: .cpuEngine, at: Path.checkpoint.load, fitsRelease: true)
    let found = Validator.findings(run).filter { $0.code == "CKPT-13" }
    #expect(found.map { "\($0.severity.rawValue) \($0.path)" } == ["warning software.megatron_bridge"])
  }

  @Test(
    "Another length is another order, where data are gone through more than once",
    arguments: [
      (then: (samples: 100, epochs: 1.5), now: (samples: 200, epochs: 3.0), warns: true),
      (then: (samples: 100, epochs: 0.9), now: (samples: 200, epochs: 1.8), warns: true),
      (then: (samples: 200, epochs: 1.8), now: (samples: 100, epochs: 0.9), warns: true),
      (then: (samples: 100, epochs: 0.5), now: (samples: 200, epochs: 1.0), warns: false),
      (then: (samples: 200, epochs: 3.0), now: (samples: 200, epochs: 3.0), warns: false),
    ])
  func order(then: (samples: Int, epochs: Double), now: (samples: Int, epochs: Double), warns: Bool) throws {
    var run = RunFacts(try GoodConfig.pretrain.config([:]))
    run.passes = DataPasses(samples: now.samples, epochs: now.epochs)
    for (writer, path, expected) in [
      (SavedRun.Writer.megatron, Path.checkpoint.load, warns), (.cpuEngine, Path.checkpoint.load, false),
      (.megatron, Path.checkpoint.pretrainedCheckpoint, false),
    ] {
      run.saved = SavedRun(run.config, by: writer, at: path, fitsRelease: true)
      run.saved?.passes = DataPasses(samples: then.samples, epochs: then.epochs)
      let found = Validator.findings(run).filter { $0.code == "CKPT-14" }
      #expect(found.map(\.path) == (expected ? [Path.train.trainIters] : []))
      #expect(found.allSatisfy { $0.severity == .warning })
    }
  }
}
