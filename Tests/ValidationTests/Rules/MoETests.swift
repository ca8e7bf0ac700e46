import ConfigDocument
import Testing

@Suite("MOE: experts, router and dispatcher")
struct MoETests {
  private static let flex: [String: ConfigValue] = [
    "model.moe_token_dispatcher_type": "flex", "model.moe_shared_expert_overlap": false,
  ]
  private static let hybrid = flex.merging(["model.moe_flex_dispatcher_backend": "hybridep"]) { $1 }
  private static let partsOfEight = hybrid.merging(["env_vars.NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN": "8"]) { $1 }
  private static let rack: [String: ConfigValue] = [
    "cluster.num_nodes": 16, "cluster.gpus_per_node": 4, "parallelism.tensor_model_parallel_size": 1,
    "parallelism.expert_model_parallel_size": 32,
  ]
  private static let ranksPerDomain = "env_vars.NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN"
  private static let softmax: [String: ConfigValue] = [
    "model.moe_router_score_function": "softmax", "model.moe_router_enable_expert_bias": false,
  ]
  private static let overlapped: [String: ConfigValue] = [
    "model.moe_shared_expert_overlap": false, "comm_overlap.overlap_moe_expert_parallel_comm": true,
    "recompute.recompute_granularity": .null,
  ]

  @Test(
    "HybridEP and NVLink",
    arguments: [
      .accepted("MOE-46", partsOfEight),
      .accepted("MOE-46", hybrid),
      // A recipe's variable, and an EP of one's own.
      .error(
        "MOE-46", partsOfEight.merging(["parallelism.expert_model_parallel_size": 4]) { $1 }, at: ranksPerDomain,
        "the 4 GPUs of a set of experts into parts of 8: 4 / 8 = 0.5"),
      .error(
        "MOE-46", partsOfEight.merging(["parallelism.expert_model_parallel_size": 4]) { $1 }, at: ranksPerDomain,
        "4 / 8 = 0.5"
      ).in(.bridge031),
      .accepted("MOE-46", partsOfEight.merging(["parallelism.expert_model_parallel_size": 16]) { $1 }),
      .error("MOE-46", hybrid.merging([ranksPerDomain: "eight"]) { $1 }, at: ranksPerDomain, "`eight` is no number"),
      .error("MOE-46", hybrid.merging([ranksPerDomain: 0]) { $1 }, at: ranksPerDomain, "`0` is no number"),
      .warning(
        "MOE-46", hybrid.merging([ranksPerDomain: "4"]) { $1 }, at: ranksPerDomain, "but NVLink joins 8 of them"),
      .warning(
        "MOE-46", rack.merging(hybrid) { $1 }.merging([ranksPerDomain: "32"]) { $1 }, at: ranksPerDomain,
        "over NVLink, which joins 4"),
      .accepted(
        "MOE-46",
        rack.merging(hybrid) { $1 }.merging([ranksPerDomain: "32", "cluster.nvlink_domain_gpus": 72]) { $1 }),
      .accepted(
        "MOE-46",
        rack.merging(hybrid) { $1 }.merging([
          ranksPerDomain: "32", "env_vars.NVLINK_DOMAIN_SIZE": "72", "env_vars.USE_MNNVL": "1",
        ]) { $1 }),
      .error(
        "MOE-46",
        hybrid.merging([
          "cluster.gpus_per_node": 6, "cluster.num_nodes": 8, "parallelism.expert_model_parallel_size": 16,
          "train.global_batch_size": 2064,
        ]) { $1 }, at: "parallelism.expert_model_parallel_size", "which are 6: 16 / 6 = 2.67"),
      // The plain dispatcher does not read the variables.
      .accepted("MOE-46", ["parallelism.expert_model_parallel_size": 4, ranksPerDomain: "8"]),
    ] as [ValidationCase])
  func hybridDomains(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "experts",
    arguments: [
      .error(
        "MOE-01", denseModel.merging(["parallelism.expert_model_parallel_size": 8]) { $1 },
        at: "parallelism.expert_model_parallel_size", "but num_moe_experts is null"),
      .accepted("MOE-01", denseModel),
      .error(
        "MOE-02", ["model.num_moe_experts": 60], at: "parallelism.expert_model_parallel_size",
        "60 routed experts / EP 8 = 7.5"),
      .accepted("MOE-02", ["model.num_moe_experts": 72]),
      .error(
        "MOE-03", denseModel.merging(["model.moe_ffn_hidden_size": 1408]) { $1 }, at: "model.moe_ffn_hidden_size",
        "but num_moe_experts is null"),
      .note(
        "MOE-03", ["model.moe_ffn_hidden_size": .null], at: "model.moe_ffn_hidden_size",
        "as wide as a dense layer: 11264"),
      .error("MOE-04", ["model.moe_layer_freq": 0], at: "model.moe_layer_freq", "divides by zero"),
      .error(
        "MOE-04", ["model.moe_layer_freq": [0, 1, 1]], at: "model.moe_layer_freq",
        "lists 3 layers, but num_layers is 27"),
      .error(
        "MOE-04", ["model.moe_layer_freq": .list([0, 2] + Array(repeating: 1, count: 25))], at: "model.moe_layer_freq",
        "has 2 for layer 1"),
      .error(
        "MOE-04", denseModel.merging(["model.moe_layer_freq": [0]]) { $1 }, at: "model.moe_layer_freq", "lists 1 layer"),
      .accepted("MOE-04", ["model.moe_layer_freq": 3]),
      .warning(
        "MOE-34", on: .sft, ["model.moe_layer_freq": 1], at: "model.moe_layer_freq",
        "Moonlight-16B-A3B and DeepSeek-V2-Lite have 1 dense layer at the front and 26 MoE layers"),
      .accepted("MOE-34", on: .sft, [:]),
      .accepted("MOE-34", ["model.moe_layer_freq": 1]),
      .error(
        "MOE-25",
        [
          "model.add_bias_linear": true, "parallelism.expert_tensor_parallel_size": 2,
          "model.bias_dropout_fusion": false,
        ], at: "model.add_bias_linear", "but ETP is 2"),
      .error("MOE-26", ["model.add_bias_linear": true], at: "model.add_bias_linear", "no biases"),
      .error(
        "MOE-27", ["model.add_bias_linear": true, "model.moe_shared_expert_intermediate_size": .null],
        at: "model.bias_dropout_fusion", "exclude bias_dropout_fusion"),
      .accepted(
        "MOE-27",
        [
          "model.add_bias_linear": true, "model.moe_shared_expert_intermediate_size": .null,
          "model.bias_dropout_fusion": false,
        ]),
      .error(
        "MOE-27", ["model.moe_use_legacy_grouped_gemm": true], at: "model.moe_use_legacy_grouped_gemm", "grouped_gemm"),
    ] as [ValidationCase])
  func experts(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "router",
    arguments: [
      .error("MOE-06", ["model.moe_router_topk": 65], at: "model.moe_router_topk", "65 is more than the 64"),
      .accepted("MOE-06", ["model.moe_router_topk": 64]),
      .error("MOE-35", ["model.moe_apply_probs_on_input": true], at: "model.moe_apply_probs_on_input", "a token has 6"),
      .accepted("MOE-35", ["model.moe_apply_probs_on_input": true, "model.moe_router_topk": 1]),
      .error(
        "MOE-07", softmax.merging(["model.moe_router_topk": 1, "model.moe_router_pre_softmax": false]) { $1 },
        at: "model.moe_router_pre_softmax", "no gradient"),
      .accepted("MOE-07", ["model.moe_router_topk": 1, "model.moe_router_pre_softmax": false]),
      .error(
        "MOE-08", ["model.moe_router_score_function": "softmax"], at: "model.moe_router_enable_expert_bias",
        "scores that stand for themselves"),
      .accepted("MOE-08", softmax),
      .error(
        "MOE-09", ["model.moe_router_num_groups": 5], at: "model.moe_router_num_groups",
        "64 routed experts / 5 groups = 12.8"),
      .error(
        "MOE-09", ["model.moe_router_num_groups": .null], at: "model.moe_router_group_topk",
        "moe_router_num_groups is null"),
      .error(
        "MOE-09", ["model.moe_router_num_groups": 8, "model.moe_router_group_topk": 9],
        at: "model.moe_router_group_topk", "9 is more than the 8 groups"),
      .error(
        "MOE-09", denseModel.merging(["model.moe_router_group_topk": 1, "model.moe_router_num_groups": 1]) { $1 },
        at: "model.moe_router_group_topk", "num_moe_experts is null"),
      .accepted("MOE-09", ["model.moe_router_num_groups": 5, "model.moe_router_group_topk": .null]),
      .error(
        "MOE-11",
        ["model.moe_router_num_groups": 16, "model.moe_router_group_topk": 1, "model.moe_router_topk": 5],
        at: "model.moe_router_group_topk", "best 5 / 1 = 5 experts, but 64 experts / 16 groups = 4"),
      .warning(
        "MOE-11", ["model.moe_router_num_groups": 8, "model.moe_router_group_topk": 8],
        at: "model.moe_router_group_topk",
        "6 / 8 = 0"),
      .warning(
        "MOE-11",
        ["model.moe_router_num_groups": 16, "model.moe_router_group_topk": 2, "model.moe_router_topk": 9],
        at: "model.moe_router_group_topk", "2 groups of 4 experts hold 8"),
      .accepted("MOE-11", ["model.moe_router_num_groups": 8, "model.moe_router_group_topk": 4]),
      .error(
        "MOE-12", ["model.moe_router_topk_limited_devices": 2], at: "model.moe_router_topk_limited_devices", "old name"),
      .note(
        "MOE-12", ["model.moe_router_topk_limited_devices": 2, "model.moe_router_group_topk": .null],
        at: "model.moe_router_topk_limited_devices", "moe_router_group_topk to 2"),
      .error(
        "MOE-13", ["model.moe_router_load_balancing_type": ["seq_aux_loss", "global_aux_loss"]],
        at: "model.moe_aux_loss_coeff", "lists 2 losses, but moe_aux_loss_coeff is a single number"),
      .error(
        "MOE-13", ["model.moe_aux_loss_coeff": [0.1]], at: "model.moe_aux_loss_coeff", "there is one loss, seq_aux_loss"
      ),
      .accepted(
        "MOE-13",
        [
          "model.moe_router_load_balancing_type": ["seq_aux_loss", "global_aux_loss"],
          "model.moe_aux_loss_coeff": [0.001, 0.002],
        ]),
      .warning(
        "MOE-14", ["model.moe_router_dtype": .null], at: "model.moe_router_dtype", "64 experts are routed in bf16"),
      .error(
        "MOE-15", ["model.moe_router_load_balancing_type": "sinkhorn"], at: "model.moe_aux_loss_coeff", "must be 0"),
      .accepted(
        "MOE-15", ["model.moe_router_load_balancing_type": "sinkhorn", "model.moe_aux_loss_coeff": .float(0)]),
      .error(
        "MOE-24", ["model.moe_pad_expert_input_to_capacity": true], at: "model.moe_pad_expert_input_to_capacity",
        "moe_expert_capacity_factor is null"),
      .error(
        "MOE-24",
        [
          "model.moe_expert_capacity_factor": .float(1), "model.moe_router_load_balancing_type": "sinkhorn",
          "model.moe_aux_loss_coeff": .float(0),
        ], at: "model.moe_expert_capacity_factor", "sinkhorn"),
      .note(
        "MOE-24", ["model.moe_expert_capacity_factor": .float(-1)], at: "model.moe_expert_capacity_factor", "for null"),
      .note(
        "MOE-37", ["model.moe_deepep_num_sms": 20, "model.moe_flex_dispatcher_num_sms": 24],
        at: "model.moe_deepep_num_sms", "has no effect"),
      .silent("MOE-37", ["model.moe_deepep_num_sms": 24, "model.moe_flex_dispatcher_num_sms": 24]),
      .warning(
        "MOE-24", ["model.moe_expert_capacity_factor": .float(0.25)], at: "model.moe_expert_capacity_factor",
        "at least 75 % of what the router sends"),
      .accepted(
        "MOE-24", ["model.moe_pad_expert_input_to_capacity": true, "model.moe_expert_capacity_factor": .float(1)]),
    ] as [ValidationCase])
  func router(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "dispatcher",
    arguments: [
      .error(
        "MOE-17", ["model.moe_enable_deepep": true], at: "model.moe_enable_deepep", "but it is alltoall"),
      .error(
        "MOE-17",
        flex.merging(["model.moe_enable_deepep": true, "model.moe_flex_dispatcher_backend": "hybridep"]) { $1 },
        at: "model.moe_enable_deepep", "backend is hybridep"),
      .accepted("MOE-17", flex.merging(["model.moe_enable_deepep": true]) { $1 }),
      // What MOE-19 would refuse is not offered.
      .error(
        "MOE-17", ["model.moe_enable_deepep": true, "parallelism.expert_model_parallel_size": 1],
        at: "model.moe_enable_deepep", "but it is alltoall"),
      .error(
        "MOE-18", ["model.moe_token_dispatcher_type": "flex"], at: "model.moe_shared_expert_overlap",
        "alltoall dispatcher only"
      ).in(.bridge031),
      .accepted(
        "MOE-18",
        ["model.moe_token_dispatcher_type": "flex", "model.moe_shared_expert_intermediate_size": .null]),
      .error(
        "MOE-19", flex.merging(["parallelism.expert_model_parallel_size": 1]) { $1 },
        at: "model.moe_token_dispatcher_type", "ETP 1 x EP 1 = 1"),
      .accepted(
        "MOE-19",
        flex.merging(["parallelism.expert_model_parallel_size": 1, "parallelism.expert_tensor_parallel_size": .null]) {
          $1
        }),
      .warning(
        "MOE-21", flex.merging(["cluster.gpu_type": "GB200"]) { $1 }, at: "model.moe_flex_dispatcher_backend",
        "refuses deepep on GB200"),
      .accepted(
        "MOE-21",
        flex.merging(["cluster.gpu_type": "GB200", "model.moe_flex_dispatcher_backend": "hybridep"]) { $1 }),
      .warning(
        "MOE-21",
        flex.merging(["cluster.gpu_type": "v100", "model.moe_flex_dispatcher_backend": "hybridep"]) { $1 },
        at: "model.moe_flex_dispatcher_backend", "refuses hybridep on v100"),
      .accepted("MOE-21", flex.merging(["cluster.gpu_type": "h100"]) { $1 }),
      .accepted("MOE-21", ["cluster.gpu_type": "v100"]),
      .error(
        "MOE-22",
        flex.merging([
          "model.moe_pad_expert_input_to_capacity": true, "model.moe_expert_capacity_factor": .float(1),
        ]) { $1 }, at: "model.moe_pad_expert_input_to_capacity", "DeepEP cannot pad"),
      .note(
        "MOE-23", flex.merging(["model.moe_router_dtype": "fp64"]) { $1 }, at: "model.moe_router_dtype",
        "casts them from fp64"),
      .error(
        "MOE-29", ["model.moe_router_padding_for_fp8": true], at: "model.moe_router_padding_for_fp8",
        "neither fp8 nor fp4"),
      .error(
        "MOE-30",
        [
          "model.variable_seq_lengths": true, "model.moe_token_dispatcher_type": "allgather",
          "model.moe_shared_expert_overlap": false,
        ], at: "model.moe_token_dispatcher_type", "variable_seq_lengths is on"),
      .accepted("MOE-30", ["model.variable_seq_lengths": true]),
      .accepted("MOE-31", overlapped),
      .error(
        "MOE-31",
        overlapped.merging(["model.moe_shared_expert_overlap": true, "parallelism.expert_model_parallel_size": 1]) {
          $1
        },
        at: "comm_overlap.overlap_moe_expert_parallel_comm", "needs EP above 1, moe_shared_expert_overlap off"),
      .error(
        "MOE-31", on: .pipeline, overlapped, at: "comm_overlap.overlap_moe_expert_parallel_comm",
        "virtual stages on a pipeline"),
      .accepted("MOE-31", on: .interleaved, overlapped),
      .error(
        "MOE-32", ["comm_overlap.delay_wgrad_compute": true], at: "comm_overlap.delay_wgrad_compute",
        "overlap_moe_expert_parallel_comm is off"),
      .accepted("MOE-32", overlapped.merging(["comm_overlap.delay_wgrad_compute": true]) { $1 }),
    ] as [ValidationCase])
  func dispatcher(_ item: ValidationCase) throws { try item.check() }
}
