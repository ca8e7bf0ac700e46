import ConfigDocument
import Diagnostics
import LaunchModel
import Testing

@testable import Validation

@Suite("GPU: world size and process groups")
struct GPUTests {
  @Test(
    "the GPUs hold whole replicas",
    arguments: [
      .error(
        "GPU-01",
        [
          "cluster.gpus_per_node": 5, "parallelism.expert_model_parallel_size": 5,
          "model.num_moe_experts": 65, "parallelism.tensor_model_parallel_size": 4,
        ],
        at: "parallelism.tensor_model_parallel_size", "10 GPUs / (TP 4 x PP 1 x CP 1 = 4)"),
      .accepted("GPU-01", ["parallelism.tensor_model_parallel_size": 16]),
      .error(
        "GPU-02", ["cluster.num_nodes": 1, "cluster.gpus_per_node": 12, "train.global_batch_size": 2880],
        at: "parallelism.expert_model_parallel_size", "12 GPUs / (ETP 1 x EP 8 x PP 1 = 8)"),
      .error(
        "GPU-02", ["cluster.num_nodes": 1, "parallelism.expert_tensor_parallel_size": .null],
        at: "parallelism.expert_model_parallel_size", "8 GPUs / (ETP 2 x EP 8 x PP 1 = 16)"
      ).in(.bridge031),
      .accepted("GPU-02", ["cluster.num_nodes": 1, "parallelism.expert_tensor_parallel_size": .null]),
      .accepted("GPU-02", ["cluster.num_nodes": 1]),
    ] as [ValidationCase])
  func replicas(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "a size that does not fit is one error at this size, with the nearest that do",
    arguments: [
      WrongSize(.pretrain, "tensor_model_parallel_size", 3, "GPU-01", "nearest: TP 2 or 4"),
      WrongSize(.pretrain, "tensor_model_parallel_size", 32, "GPU-01", "nearest: TP 16"),
      WrongSize(.pretrain, "pipeline_model_parallel_size", 3, "GPU-01", "nearest: PP 2; or 12 or 18 GPUs"),
      WrongSize(.pretrain, "context_parallel_size", 3, "GPU-01", "nearest: CP 2 or 4"),
      WrongSize(.pretrain, "expert_model_parallel_size", 3, "GPU-02", "nearest: EP 2 or 4"),
      WrongSize(.pipeline, "pipeline_model_parallel_size", 3, "GPU-01", "nearest: PP 2 or 4"),
      // The layout's 8 stages are 4 ranks of 2, as is written.
      WrongSize(.interleaved, "pipeline_model_parallel_size", 5, "GPU-01", "nearest: PP 4"),
    ])
  func wrongSizes(_ wrong: WrongSize) throws {
    let errors = try wrong.base.findings(["parallelism.\(wrong.field)": .int(wrong.value)]).foldedByRootCause
      .filter { $0.severity == .error }
    #expect(errors.map(\.code.rawValue) == [wrong.code])
    #expect(errors.first?.path.description == "parallelism.\(wrong.field)")
    #expect(errors.first?.help?.text == wrong.help)
  }

  struct WrongSize: Sendable {
    let base: GoodConfig
    let field: String
    let value: Int
    let code: String
    let help: String

    init(_ base: GoodConfig, _ field: String, _ value: Int, _ code: String, _ help: String) {
      (self.base, self.field, self.value, self.code, self.help) = (base, field, value, code, help)
    }
  }

  @Test("dense and expert replicas that do not fill the GPUs are two errors, each at its size")
  func bothReplicas() throws {
    let errors = try GoodConfig.pretrain.findings([
      "parallelism.tensor_model_parallel_size": 3, "parallelism.expert_model_parallel_size": 5,
    ]).foldedByRootCause.filter { $0.severity == .error }
    #expect(
      errors.map { "\($0.code) \($0.path)" }.sorted() == [
        "GPU-01 parallelism.tensor_model_parallel_size", "GPU-02 parallelism.expert_model_parallel_size",
      ])
  }

  @Test(
    "an unset expert tensor size",
    arguments: [
      .note(
        "GPU-03", ["parallelism.expert_tensor_parallel_size": .null], at: "parallelism.expert_tensor_parallel_size",
        "ETP 2 x EP 8 x PP 1 = 16 GPUs"),
      .accepted("GPU-03", [:]),
      .accepted(
        "GPU-03", ["parallelism.expert_tensor_parallel_size": .null, "parallelism.tensor_model_parallel_size": 1]),
    ] as [ValidationCase])
  func expertTensorSize(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "ranks with data last",
    arguments: [
      .error(
        "GPU-05", on: .pipeline, ["dist.use_tp_pp_dp_mapping": true], at: "dist.use_tp_pp_dp_mapping",
        "32 GPUs / (TP 2 x PP 4 x CP 1) = 4 and 32 GPUs / (ETP 1 x EP 8 x PP 4) = 1"),
      .accepted("GPU-05", ["dist.use_tp_pp_dp_mapping": true]),
      .accepted(
        "GPU-05", on: .pipeline, ["dist.use_tp_pp_dp_mapping": true, "parallelism.expert_model_parallel_size": 2]),
    ] as [ValidationCase])
  func dataLast(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "optimizer instances",
    arguments: [
      .error(
        "GPU-07", ["ddp.num_distributed_optimizer_instances": 4], at: "ddp.num_distributed_optimizer_instances",
        "8 / 4 = 2 and 2 / 4 = 0.5"),
      .error(
        "GPU-07", ["ddp.num_distributed_optimizer_instances": 3], at: "ddp.num_distributed_optimizer_instances",
        "8 / 3 = 2.67"),
      .accepted("GPU-07", ["ddp.num_distributed_optimizer_instances": 2]),
      .error(
        "GPU-07", on: .muon, ["ddp.num_distributed_optimizer_instances": 2],
        at: "ddp.num_distributed_optimizer_instances",
        "use_distributed_optimizer is off"),
    ] as [ValidationCase])
  func instances(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "levels of context parallelism",
    arguments: [
      .error(
        "GPU-08", ["parallelism.context_parallel_size": 4, "parallelism.hierarchical_context_parallel_sizes": [2, 4]],
        at: "parallelism.hierarchical_context_parallel_sizes", "2 x 4 = 8, but CP is 4"),
      .accepted(
        "GPU-08", ["parallelism.context_parallel_size": 4, "parallelism.hierarchical_context_parallel_sizes": [2, 2]]),
      .warning(
        "GPU-08", ["parallelism.context_parallel_size": 4, "parallelism.cp_comm_type": "a2a+p2p"],
        at: "parallelism.cp_comm_type", "which is not set"
      ).in(.bridge031),
    ] as [ValidationCase])
  func levels(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "reduction in the network",
    arguments: [
      .error("GPU-10", ["dist.sharp_enabled_group": "dp"], at: "dist.sharp_enabled_group", "use_sharp is off"),
      .error(
        "GPU-10", ["dist.use_sharp": true, "dist.sharp_enabled_group": "tp"], at: "dist.sharp_enabled_group",
        "only `dp`"),
      .error(
        "GPU-10", ["dist.use_sharp": true, "dist.sharp_enabled_group": "dp_replica"], at: "dist.sharp_enabled_group",
        "but there is 1"),
      .accepted("GPU-10", ["dist.use_sharp": true, "dist.sharp_enabled_group": "dp"]).in(.bridge031),
      .accepted(
        "GPU-10",
        [
          "dist.use_sharp": true, "dist.sharp_enabled_group": "dp_replica",
          "ddp.num_distributed_optimizer_instances": 2,
        ]),
    ] as [ValidationCase])
  func sharp(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "gloo groups",
    arguments: [
      .accepted("GPU-11", ["dist.use_gloo_process_groups": false]),
      .error("GPU-12", ["dist.use_decentralized_pg": true], at: "dist.use_decentralized_pg", "NCCL's alone"),
      .accepted("GPU-12", ["dist.use_decentralized_pg": true, "dist.use_gloo_process_groups": false]),
      .error("GPU-15", ["dist.lazy_mpu_init": true], at: "dist.lazy_mpu_init", "nobody makes the process groups"),
    ] as [ValidationCase])
  func gloo(_ item: ValidationCase) throws { try item.check() }

  private static let trays: [String: ConfigValue] = [
    "cluster.num_nodes": 18, "cluster.gpus_per_node": 4, "parallelism.tensor_model_parallel_size": 1,
    "parallelism.expert_model_parallel_size": 8, "train.global_batch_size": 2304,
  ]

  @Test(
    "groups across nodes",
    arguments: [
      .warning(
        "GPU-13", ["parallelism.tensor_model_parallel_size": 16], at: "parallelism.tensor_model_parallel_size",
        "8 / 16 = 0.5"),
      .accepted("GPU-13", ["parallelism.tensor_model_parallel_size": 8]),
      .accepted(
        "GPU-13", ["cluster.num_nodes": 1, "cluster.gpus_per_node": 16, "parallelism.tensor_model_parallel_size": 16]),
      .warning(
        "GPU-14", ["parallelism.expert_model_parallel_size": 16], at: "parallelism.expert_model_parallel_size",
        "ETP 1 x EP 16 = 16 GPUs"),
      .accepted("GPU-14", [:]),
      // A rack of GB200 NVL72: trays of four GPUs in one domain.
      .accepted("GPU-14", ["cluster.nvlink_domain_gpus": 72].merging(trays) { $1 }),
      .warning(
        "GPU-14", ["cluster.nvlink_domain_gpus": 4].merging(trays) { $1 }, at: "parallelism.expert_model_parallel_size",
        "do not fit into NVLink domains of 4"),
      .warning("GPU-14", trays, at: "parallelism.expert_model_parallel_size", "do not fit into nodes of 4"),
      .accepted(
        "GPU-14",
        [
          "parallelism.expert_model_parallel_size": 16, "model.moe_token_dispatcher_type": "flex",
          "model.moe_shared_expert_overlap": false,
        ]),
    ] as [ValidationCase])
  func nodes(_ item: ValidationCase) throws { try item.check() }
}
