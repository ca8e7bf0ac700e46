import ConfigDocument
import Diagnostics
import Testing

@testable import Validation

/// Values that a rule offers are ones that the other rules accept.
@Suite("Offered values are accepted")
struct OfferedValueTests {
  struct Offer: Sendable, CustomTestStringConvertible {
    let code: DiagnosticCode
    let base: GoodConfig
    let changes: [String: ConfigValue]
    let help: String
    /// The field and the values that the help names.
    let field: String
    let values: [ConfigValue]

    init(
      _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue], _ help: String,
      _ field: String, _ values: [ConfigValue]
    ) {
      (self.code, self.base, self.changes, self.help) = (code, base, changes, help)
      (self.field, self.values) = (field, values)
    }

    var testDescription: String { "\(code) \(changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })" }
  }

  @Test(
    "in the help",
    arguments: [
      // 12 heads divide by 4 and by 6, 36 GPUs and 11264 columns of a dense layer by 4 alone.
      Offer(
        "DIM-01",
        [
          "cluster.num_nodes": 9, "cluster.gpus_per_node": 4, "model.num_attention_heads": 12,
          "model.num_query_groups": .null,
          "parallelism.tensor_model_parallel_size": 8, "parallelism.expert_model_parallel_size": 4,
          "train.global_batch_size": 2304,
        ], "TP that divides 12 heads and the GPUs: 4", "parallelism.tensor_model_parallel_size", [4]),
      Offer(
        "MOE-02",
        ["parallelism.expert_model_parallel_size": 16, "model.num_moe_experts": 72],
        "EP that divides 72 experts and the GPUs: 8", "parallelism.expert_model_parallel_size", [8]),
      // 64 groups divide the experts as well, but 1 of them cannot be scored by its best 6.
      Offer(
        "MOE-09", ["model.moe_router_num_groups": 60, "model.moe_router_group_topk": 1],
        "groups that divide 64 experts: 8", "model.moe_router_num_groups", [8]),
      // Fewer groups than are chosen divide them, too.
      Offer(
        "MOE-09", ["model.moe_router_num_groups": 5, "model.moe_router_group_topk": 5],
        "groups that divide 64 experts: 8", "model.moe_router_num_groups", [8]),
      // 27 layers divide by 3, 32 GPUs do not.
      Offer(
        "PIPE-01", on: .pipeline, ["parallelism.pipeline_model_parallel_layout": .null],
        "pipeline_model_parallel_layout auto balances the stages by cost; even splits of 27: PP 1",
        "parallelism.pipeline_model_parallel_size", [1]),
      Offer(
        "PIPE-01", on: .interleaved, ["parallelism.pipeline_model_parallel_layout": .null],
        "pipeline_model_parallel_layout auto balances the stages by cost", "parallelism.pipeline_model_parallel_layout",
        ["auto"]),
      Offer(
        "PIPE-02", on: .interleaved,
        ["parallelism.pipeline_model_parallel_layout": .null].merging(depth(36)) { $1 },
        "VP that divides 9: 3; or write null for the plain schedule, or a layout",
        "parallelism.virtual_pipeline_model_parallel_size", [3, .null]),
      // 15 layers of the first stage and 12 of the last are 27; no two even numbers are.
      Offer(
        "PIPE-06", on: .pipeline,
        [
          "parallelism.pipeline_model_parallel_layout": .null, "parallelism.pipeline_model_parallel_size": 2,
          "parallelism.virtual_pipeline_model_parallel_size": 2, "parallelism.num_layers_in_last_pipeline_stage": 13,
        ], "write a layout instead", "parallelism.num_layers_in_last_pipeline_stage", []),
      Offer(
        "PIPE-06", on: .pipeline,
        [
          "parallelism.pipeline_model_parallel_layout": .null, "parallelism.pipeline_model_parallel_size": 4,
          "parallelism.virtual_pipeline_model_parallel_size": 3, "parallelism.num_layers_in_first_pipeline_stage": 6,
          "parallelism.num_layers_in_last_pipeline_stage": 8,
        ], "num_layers_in_last_pipeline_stage 3 or 9 fits; or write a layout",
        "parallelism.num_layers_in_last_pipeline_stage", [3, 9]),
      Offer(
        "PIPE-11", on: .pipeline,
        [
          "parallelism.pipeline_model_parallel_layout": .null,
          "parallelism.account_for_embedding_in_pipeline_split": true,
          "parallelism.account_for_loss_in_pipeline_split": true,
        ], "PP that divides 29: 1; or write a layout", "parallelism.pipeline_model_parallel_size", [1]),
      // The layout's four stages would be dealt to 2 ranks as well.
      Offer(
        "PIPE-13", on: .pipeline, ["parallelism.pipeline_model_parallel_size": 8, "cluster.num_nodes": 8],
        "PP that divides 4 stages and the GPUs: 4", "parallelism.pipeline_model_parallel_size", [4]),
      Offer(
        "PIPE-21", on: .interleaved,
        ["parallelism.microbatch_group_size_per_vp_stage": 6, "train.global_batch_size": 32],
        "global batches that leave no smaller group: 24 or 40", "train.global_batch_size", [24, 40]),
      Offer(
        "BATCH-01", on: .interleaved, ["train.global_batch_size": 126], "nearest: 112 or 128",
        "train.global_batch_size", [112, 128]),
      Offer(
        "CP-01",
        [
          "parallelism.context_parallel_size": 2, "parallelism.tensor_model_parallel_size": 8,
          "model.seq_length": 4098,
        ], "nearest: 4096 or 4112", "model.seq_length", [4096, 4112]),
      Offer(
        "PIPE-30", on: .pipeline,
        [
          "parallelism.pipeline_model_parallel_size": 8, "cluster.num_nodes": 8,
          "parallelism.pipeline_model_parallel_layout": "Et*3|t*3|(t*4|)*5tL",
        ], "`Et*3|(t*4|)*6L` balances the stages by cost, with one that holds no decoder layer",
        "parallelism.pipeline_model_parallel_layout", ["Et*3|(t*4|)*6L"]),
    ])
  func help(_ offer: Offer) throws {
    let found = try offer.base.findings(offer.changes)
    let finding = try #require(found.first { $0.code == offer.code }, "\(found.map(\.code))")
    #expect(finding.help?.text == offer.help)
    for value in offer.values {
      let left = try offer.base.findings(offer.changes.merging([offer.field: value]) { $1 })
      let refused = left.filter { $0.severity == .error || $0.code == offer.code }
      #expect(refused.isEmpty, "\(offer.field) \(value): \(refused.map { "\($0.code) \($0.message.text)" })")
    }
  }

  @Test(
    "in the fix",
    arguments: [
      Offer(
        "PIPE-13", on: .pipeline, ["parallelism.virtual_pipeline_model_parallel_size": 2], "write null",
        "parallelism.virtual_pipeline_model_parallel_size", [.null]),
      Offer(
        "BATCH-01", on: .interleaved, ["train.global_batch_size": 126], "make it 112", "train.global_batch_size", [112]),
      // DoRA has no adapter for `linear_kv_down_proj` under tensor parallelism.
      Offer(
        "PEFT-10", on: .dora,
        [
          "peft.target_modules": ["linear_qkv", "linear_proj"], "parallelism.tensor_model_parallel_size": 2,
          "parallelism.sequence_parallel": true,
        ],
        "name the projections that MLA has", "peft.target_modules",
        [["linear_q_proj", "linear_kv_up_proj", "linear_proj"]]),
    ])
  func fix(_ offer: Offer) throws {
    let found = try offer.base.findings(offer.changes)
    let fix = try #require(found.first { $0.code == offer.code }?.fix, "\(found.map(\.code))")
    #expect(fix.title.text == offer.help)
    for value in offer.values {
      #expect(fix.changes.contains { $0.path.description == offer.field && $0.value == value }, "\(fix.changes)")
      let left = try offer.base.findings(offer.changes.merging([offer.field: value]) { $1 })
      let refused = left.filter { $0.severity == .error || $0.code == offer.code }
      #expect(refused.isEmpty, "\(refused.map { "\($0.code) \($0.message.text)" })")
    }
  }

  @Test("the best layout is not held against itself", arguments: [4, 8, 16])
  func balanced(pipeline: Int) throws {
    let looser = try GoodConfig.pipeline.findings([
      "parallelism.pipeline_model_parallel_size": .int(pipeline), "cluster.num_nodes": 16,
      "parallelism.pipeline_model_parallel_layout": pipeline == 4
        ? "auto" : pipeline == 8 ? "Et*3|(t*4|)*6L" : "Et*2|(t*2|)*12t||L",
    ])
    #expect(!looser.contains { $0.code == "PIPE-30" })
  }
}
