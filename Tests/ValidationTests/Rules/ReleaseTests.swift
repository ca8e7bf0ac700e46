import ConfigDocument
import Diagnostics
import Releases
import Testing

@testable import Validation

/// Rules that only some releases have, or that say more in some than in others.
@Suite("What a rule says in each release")
struct ReleaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: DiagnosticCode
    var base = GoodConfig.pretrain
    let changes: [String: ConfigValue]
    /// In 0.3.1, 0.5.1 and 0.6.2; nil where the code is silent.
    let said: [Severity?]

    var testDescription: String { "\(code) \(changes)" }

    func check(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
      for (release, severity) in zip(Release.all, said) {
        let found = try base.findings(changes, for: release).filter { $0.code == code }
        #expect(
          found.map(\.severity) == (severity.map { [$0] } ?? []), "\(release.megatronBridge)",
          sourceLocation: sourceLocation)
      }
    }
  }

  static let cases = [
    Case(code: "BATCH-06", changes: ["train.rampup_batch_size": [12, 4, 1000]], said: [.error, nil, nil]),
    Case(code: "BATCH-09", changes: ["train.rampup_batch_size": [256, 256, 1000]], said: [nil, .warning, .warning]),
    Case(
      code: "SEQ-01", changes: ["parallelism.tensor_model_parallel_size": 1, "parallelism.sequence_parallel": true],
      said: [.error, nil, nil]),
    Case(
      code: "SEQ-05", changes: ["parallelism.tensor_model_parallel_size": 1, "parallelism.sequence_parallel": true],
      said: [nil, .note, .note]),
    Case(
      code: "EVAL-03", changes: ["train.global_batch_size": 2047, "train.decrease_batch_size_if_needed": true],
      said: [nil, .error, .error]),
    Case(code: "EVAL-03", changes: ["validation.eval_global_batch_size": 7], said: [nil, .error, .error]),
    Case(code: "EVAL-03", changes: ["validation.eval_global_batch_size": 8], said: [nil, nil, nil]),
    Case(code: "EVAL-03", changes: ["dist.eval_context_parallel_size": 3], said: [nil, nil, .error]),
    Case(code: "EVAL-01", changes: ["validation.eval_interval": 0], said: [.error, nil, nil]),
    Case(
      code: "MOE-37", changes: ["model.moe_deepep_num_sms": 20, "model.moe_hybridep_num_sms": 16],
      said: [nil, nil, .error]),
    Case(
      code: "MOE-37", changes: ["model.moe_deepep_num_sms": 20, "model.moe_hybridep_num_sms": 20],
      said: [nil, nil, nil]),
    Case(
      code: "MOE-18", changes: ["model.moe_token_dispatcher_type": "flex"], said: [.error, nil, nil]),
    Case(
      code: "MUON-03", base: .muon,
      changes: ["optimizer.optimizer": "muon", "ddp.use_distributed_optimizer": true],
      // The recipe of the newer two asks for the layer-wise optimizer, which excludes the other by itself.
      said: [.error, .error, .error]),
    Case(
      code: "MUON-13", base: .muon, changes: ["optimizer.optimizer_cpu_offload": true], said: [nil, .error, .error]),
    Case(
      code: "MUON-14", base: .muon, changes: ["optimizer.overlap_param_gather_with_optimizer_step": true],
      said: [nil, .error, .error]),
    Case(code: "GPU-10", changes: ["dist.use_sharp": true], said: [nil, nil, .error]),
    Case(code: "MLA-09", changes: ["model.qk_l2_norm": true], said: [.note, .note, .error]),
    Case(code: "MLA-17", changes: [:], said: [nil, nil, .note]),
    Case(code: "MLA-17", changes: ["model.q_lora_rank": 1536], said: [nil, nil, nil]),
    Case(code: "MLA-17", changes: ["model.qk_layernorm": false], said: [nil, nil, nil]),
    Case(code: "SCHED-08", changes: ["scheduler.lr_decay_style": "WSD"], said: [.error, nil, nil]),
    Case(
      code: "RECOMP-03",
      changes: [
        "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
        "recompute.recompute_num_layers": 2,
      ], said: [.error, nil, nil]),
    Case(
      code: "PIPE-31",
      changes: [
        "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 2, "model.num_layers": 28,
        "model.moe_layer_freq": 1, "parallelism.pipeline_model_parallel_layout": .null,
        "parallelism.virtual_pipeline_model_parallel_size": 1,
      ], said: [nil, .error, .error]),
  ]

  @Test("a code is said in the releases in which it is true, as it is there", arguments: cases)
  func severities(_ item: Case) throws {
    try item.check()
  }
}
