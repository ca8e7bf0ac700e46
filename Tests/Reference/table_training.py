"""The hand-written cases of facts sections 1.5 to 1.8: MoE, MTP, recompute, batches, the loop."""

from table import CASES, DENSE, FT_CP, accept, layers, refuse, spelled  # noqa: F401


def either(refused, *args, **keywords):
    (refuse if refused else accept)(*args, **keywords)


# --- 1.5 MoE, router, dispatcher ---------------------------------------------------------------------------------
refuse("MOE-01", _set=DENSE | {"parallelism.expert_model_parallel_size": 8})
refuse("MOE-01", experts=0)
refuse("MOE-01", experts=-8)
for experts, ep, topk, refused in [(64, 8, 6, False), (60, 8, 6, True), (72, 8, 6, False), (64, 16, 6, False), (8, 16,
        6, True),
                                   (16, 16, 6, False), (6, 2, 6, False), (65, 1, 6, False), (63, 2, 6, True)]:
    either(refused, "MOE-02", experts=experts, ep=ep, topk=topk)
refuse("MOE-03", _set=DENSE | {"model.moe_ffn_hidden_size": 1408})
accept("MOE-03", _set={"model.moe_ffn_hidden_size": None})
for freq, refused in [(1, False), (2, False), (27, False), (28, False), (0, True), ([0] + [1] * 26, False), ([1] * 27,
        False),
                      ([0] * 27, False), ([0] + [1] * 25, True), ([0] + [1] * 27, True), ([0] + [2] * 26, True), ([],
                      True),
                      ("[0]+[1]*26", True), ([1, 0] * 13 + [1], False), ([0] * 26 + [-1], True), (-1, False), (3,
                      False)]:
    either(refused, "MOE-04", freq=freq)
for topk, experts, refused in [(6, 64, False), (64, 64, False), (65, 64, True), (8, 8, False), (9, 8, True), (1, 64,
        False),
                               (6, 5, True), (100, 64, True)]:
    either(refused, "MOE-06", topk=topk, experts=experts, ep=1)
SOFTMAX = {"model.moe_router_score_function": "softmax", "model.moe_router_enable_expert_bias": False}
for topk, pre, balance, refused in [(1, False, "seq_aux_loss", True), (1, True, "seq_aux_loss", False),
                                    (2, False, "seq_aux_loss", False), (1, False, "none", True)]:
    either(refused, "MOE-07", topk=topk, _set=SOFTMAX | {
        "model.moe_router_pre_softmax": pre, "model.moe_router_load_balancing_type": balance})
accept("MOE-07", topk=1, _set={"model.moe_router_pre_softmax": False})
accept("MOE-07", topk=1, _set=SOFTMAX | {"model.moe_router_pre_softmax": False, "model.moe_aux_loss_coeff": 0.0,
                                         "model.moe_router_load_balancing_type": "sinkhorn"})
refuse("MOE-08", _set={"model.moe_router_score_function": "softmax"})
accept("MOE-08", _set=SOFTMAX)
for groups, group_topk, topk, experts, refused in [
        (8, 4, 6, 64, False), (8, 8, 6, 64, False), (8, 9, 6, 64, True), (5, 2, 6, 64, True), (None, 1, 6, 64, True),
        (0, 1, 6, 64, True), (5, None, 6, 64, False), (8, None, 6, 64, False), (8, 0, 6, 64, False), (8, 1, 8, 64,
        False),
        (8, 1, 9, 64, True), (16, 1, 4, 64, False), (16, 1, 5, 64, True), (16, 2, 8, 64, False), (16, 2, 10, 64, True),
        (16, 2, 9, 64, False), (8, 4, 3, 64, False), (1, 1, 64, 64, False), (64, 6, 6, 64, False), (64, 4, 8, 64,
        True)]:
    either(refused, "MOE-11", topk=topk, experts=experts, _set={
        "model.moe_router_num_groups": groups, "model.moe_router_group_topk": group_topk})
refuse("MOE-12", _set={"model.moe_router_topk_limited_devices": 2})
accept("MOE-12", _set={"model.moe_router_topk_limited_devices": 2, "model.moe_router_group_topk": None,
                       "model.moe_router_num_groups": None})
refuse("MOE-12", ep=2, topk=6, _set={"model.moe_router_topk_limited_devices": 4, "model.moe_router_group_topk": None})
BOTH = ["seq_aux_loss", "global_aux_loss"]
accept("MOE-13", _set={"model.moe_router_load_balancing_type": BOTH, "model.moe_aux_loss_coeff": [0.001, 0.002]})
refuse("MOE-13", _set={"model.moe_router_load_balancing_type": BOTH, "model.moe_aux_loss_coeff": [0.001]})
refuse("MOE-13", _set={"model.moe_router_load_balancing_type": BOTH, "model.moe_aux_loss_coeff": 0.001})
for kind in ("aux_loss", "seq_aux_loss", "global_aux_loss", "none"):
    accept("MOE-13", _set={"model.moe_router_load_balancing_type": kind})
refuse("MOE-14", _set={"model.moe_router_score_function": "tanh", "model.moe_router_enable_expert_bias": False})
accept("MOE-14", _set={"model.moe_router_dtype": None})
accept("MOE-14", _set={"model.moe_router_dtype": "fp64"})
refuse("MOE-15", _set={"model.moe_router_load_balancing_type": "sinkhorn"})
accept("MOE-15", _set={"model.moe_router_load_balancing_type": "sinkhorn", "model.moe_aux_loss_coeff": 0.0})
NO_OVERLAP = {"model.moe_shared_expert_overlap": False}
for kind, refused in [("allgather", False), ("alltoall", False), ("flex", False), ("alltoall_seq", True), ("nope",
        True)]:
    either(refused, "MOE-16", _set=NO_OVERLAP | {"model.moe_token_dispatcher_type": kind})
refuse("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True})
accept("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True, "model.moe_token_dispatcher_type": "flex"})
refuse("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True, "model.moe_token_dispatcher_type": "flex",
                                    "model.moe_flex_dispatcher_backend": "hybridep"})
refuse("MOE-18", _set={"model.moe_token_dispatcher_type": "flex"})
refuse("MOE-18", _set={"model.moe_token_dispatcher_type": "allgather"})
accept("MOE-18", _set={"model.moe_token_dispatcher_type": "flex", "model.moe_shared_expert_intermediate_size": None})
FLEX = NO_OVERLAP | {"model.moe_token_dispatcher_type": "flex"}
for ep, etp, tp, refused in [(1, 1, 2, True), (2, 1, 2, False), (1, 2, 2, False), (1, None, 2, False), (1, None, 1,
        True)]:
    either(refused, "MOE-19", ep=ep, etp=etp, tp=tp, sp=tp > 1, _set=FLEX)
accept("MOE-20", _set=FLEX | {"model.moe_flex_dispatcher_backend": "hybridep"})
refuse("MOE-20", _set=FLEX | {"model.moe_flex_dispatcher_backend": "nope"})
PAD = {"model.moe_expert_capacity_factor": 1.0, "model.moe_pad_expert_input_to_capacity": True}
refuse("MOE-22", _set=FLEX | PAD)
accept("MOE-22", _set=FLEX | PAD | {"model.moe_flex_dispatcher_backend": "hybridep"})
accept("MOE-24", _set=PAD)
refuse("MOE-24", _set={"model.moe_pad_expert_input_to_capacity": True})
refuse("MOE-24", _set=PAD | {"model.moe_expert_capacity_factor": -1.0})
accept("MOE-24", _set={"model.moe_expert_capacity_factor": -1.0})
refuse("MOE-24", _set=PAD | {"model.moe_router_load_balancing_type": "sinkhorn", "model.moe_aux_loss_coeff": 0.0})
for kind in ("aux_loss", "none", "global_aux_loss"):
    accept("MOE-24", _set=PAD | {"model.moe_router_load_balancing_type": kind})
BIAS = {"model.add_bias_linear": True, "model.moe_shared_expert_intermediate_size": None}
refuse("MOE-25", tp=2, etp=2, ep=2, _set=BIAS | {"model.bias_dropout_fusion": False})
refuse("MOE-26", _set={"model.add_bias_linear": True, "model.bias_dropout_fusion": False})
refuse("MOE-27", _set=BIAS)
accept("MOE-27", _set=BIAS | {"model.bias_dropout_fusion": False})
refuse("MOE-27", _set=BIAS | {"model.moe_grouped_gemm": False})
accept("MOE-27", _set=BIAS | {"model.moe_grouped_gemm": False, "model.bias_activation_fusion": False})
accept("MOE-27", _set={"model.moe_grouped_gemm": False})
refuse("MOE-27", _set={"model.moe_use_legacy_grouped_gemm": True})
accept("MOE-28", _set={"model.moe_permute_fusion": False})
refuse("MOE-29", _set={"model.moe_router_padding_for_fp8": True})
refuse("MOE-29", _set={"model.moe_router_padding_for_quantization": True})
accept("MOE-29", _set={"model.moe_router_padding_for_fp8": True, "mixed_precision": "bf16_with_mxfp8_mixed"})
refuse("MOE-29", _set=NO_OVERLAP | {"model.moe_router_padding_for_fp8": True,
    "mixed_precision": "bf16_with_mxfp8_mixed",
                                    "model.moe_token_dispatcher_type": "allgather"})
refuse("MOE-30", _set=NO_OVERLAP | {"model.variable_seq_lengths": True, "model.moe_token_dispatcher_type": "allgather"})
accept("MOE-30", _set={"model.variable_seq_lengths": True})
A2A = NO_OVERLAP | {"comm_overlap.overlap_moe_expert_parallel_comm": True, "recompute.recompute_granularity": None}
MODEL_A2A = NO_OVERLAP | {"model.overlap_moe_expert_parallel_comm": True, "recompute.recompute_granularity": None,
                          "comm_overlap": None}
for start in (A2A, MODEL_A2A):
    accept("MOE-31", _set=start)
    refuse("MOE-31", _set=start | {"model.moe_shared_expert_overlap": True})
    refuse("MOE-31", ep=1, _set=start)
    refuse("MOE-31", "layout", _set=start)
    accept("MOE-31", "virtual", _set=start)
    refuse("MOE-31", _set=start | {"recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
                                   "recompute.recompute_num_layers": 1})
    accept("MOE-31", _set=start | {"recompute.recompute_granularity": "selective"})
    refuse("MOE-31", _set=start | {"recompute.recompute_granularity": "selective",
        "recompute.recompute_method": "block"})
    refuse("MOE-31", _set=start | {"recompute.recompute_num_layers": 1})
    refuse("MOE-31", _set=start | {"model.moe_token_dispatcher_type": "allgather"})
    accept("MOE-31", _set=start | {"model.moe_token_dispatcher_type": "flex"})
    refuse("MOE-31", _set=start | {"mixed_precision.bf16": False, "mixed_precision.params_dtype": "float32"})
accept("MOE-32", _set=A2A | {"comm_overlap.delay_wgrad_compute": True})
refuse("MOE-32", _set={"comm_overlap.delay_wgrad_compute": True})
refuse("MOE-32", _set={"comm_overlap": None, "model.delay_wgrad_compute": True})
accept("MOE-33", _set={"model.moe_aux_loss_coeff": 0.0})
accept("MOE-33", _set={"model.moe_router_topk_scaling_factor": None})

# --- 1.6 MTP -----------------------------------------------------------------------------------------------------
accept("MTP-01", _set={"model.mtp_num_layers": 1})
accept("MTP-01", _set={"model.mtp_num_layers": 0})
accept("MTP-01", nodes=4, pp=4, _set={"model.mtp_num_layers": 1, **layers(28)})

# --- 1.7 recompute -----------------------------------------------------------------------------------------------
def recompute(granularity, method=None, count=None, modules=None):
    return {"recompute.recompute_granularity": granularity, "recompute.recompute_method": method,
            "recompute.recompute_num_layers": count, "recompute.recompute_modules": modules}


for granularity, method, count, refused in [
        (None, None, None, False), ("full", None, None, True), ("full", "uniform", None, True), ("full", None, 1, True),
        ("full", "uniform", 1, False), ("full", "block", 1, False), ("full", "nope", 1, True), ("partial", None, None,
        True),
        ("selective", None, None, False), ("selective", None, 1, True), ("selective", "uniform", None, False),
        ("selective", "nope", None, True), (None, "nope", 7, False), ("full", "uniform", 0, True), ("full", "block", 0,
        False),
        ("full", "uniform", 3, False), ("full", "uniform", 9, False), ("full", "uniform", 27, False), ("full",
        "uniform", 2, True),
        ("full", "uniform", 4, True), ("full", "uniform", 26, True), ("full", "uniform", 28, True), ("full", "uniform",
        99, True),
        ("full", "block", 2, False), ("full", "block", 27, False), ("full", "block", 99, False)]:
    either(refused, "RECOMP-02", _set=recompute(granularity, method, count))
for count, refused in [(1, False), (2, True), (7, True), (6, True), (3, True)]:
    either(refused, "RECOMP-03", "layout", _set=recompute("full", "uniform", count))
for count, n, vp, refused in [(2, 32, None, False), (4, 32, None, False), (8, 32, None, False), (16, 32, None, True),
                              (4, 32, 2, False), (8, 32, 2, True), (2, 32, 4, False), (3, 32, None, True)]:
    either(refused, "RECOMP-03", nodes=4, pp=4, vp=vp, _set=layers(n) | recompute("full", "uniform", count))
accept("RECOMP-03", "layout", layout="E|t*14|t*13|L", _set=recompute("full", "uniform", 1))
accept("RECOMP-03", "layout", layout="E|t*18|t*9|L", _set=recompute("full", "uniform", 9))
refuse("RECOMP-03", "layout", layout="Et|t*16|t*10|L", _set=recompute("full", "uniform", 2))
for modules, extra, refused in [
        (None, {}, False), ([], {}, False), (["core_attn"], {}, False), (["nope"], {}, True), (["core_attn", "nope"],
        {}, True),
        (["moe_act"], {}, False), (["moe_act"], {"model.moe_grouped_gemm": False}, True), (["mla_up_proj"], {}, False),
        (["layernorm"], {}, False), (["mlp", "moe"], {}, False), (["shared_experts"], {}, True),
        (["shared_experts"], NO_OVERLAP, False),
        (["shared_experts"], {"model.moe_shared_expert_intermediate_size": None}, False)]:
    either(refused, "RECOMP-07", _set=recompute("selective", modules=modules) | extra)
accept("RECOMP-07", _set=recompute("full", "uniform", 1, ["nope"]))
refuse("RECOMP-09", _set=recompute("selective", modules=["moe_act"]) | {
    "mixed_precision": "bf16_with_fp8_delayed_scaling_mixed"})
accept("RECOMP-09", _set=recompute("selective", modules=["moe_act"]) | {
    "mixed_precision": "bf16_with_fp8_current_scaling_mixed"})
accept("RECOMP-09", _set=recompute("selective", modules=["core_attn"]) | {
    "mixed_precision": "bf16_with_fp8_delayed_scaling_mixed"})
accept("RECOMP-10", _set={"model.moe_layer_recompute": True})
refuse("RECOMP-10", _set=recompute("full", "uniform", 1) | {"model.moe_layer_recompute": True})
refuse("RECOMP-11", _set={"model.distribute_saved_activations": True})
accept("RECOMP-11", _set=recompute(None) | {"model.distribute_saved_activations": True})
accept("RECOMP-11", tp=1, sp=False, _set={"model.distribute_saved_activations": True})
OFFLOAD = {"model.cpu_offloading": True}
for count, extra, refused in [(26, recompute(None), False), (27, recompute(None), True), (0, recompute(None), False),
                              (-1, recompute(None), True), (1, {}, True)]:
    either(refused, "RECOMP-12", _set=OFFLOAD | {"model.cpu_offloading_num_layers": count} | extra)
refuse("RECOMP-12", "layout", _set=OFFLOAD | recompute(None) | {"model.cpu_offloading_num_layers": 1})

# --- 1.8 batches, ramp-up, loop, evaluation ----------------------------------------------------------------------
for gbs, mbs, refused in [(2048, 1, False), (2048, 2, False), (2047, 1, True), (2048, 3, True), (8, 1, False), (4, 1,
        True),
                          (0, 1, True), (16, 2, False), (8, 2, True), (24, 3, False)]:
    either(refused, "BATCH-01", gbs=gbs, mbs=mbs)
for gbs, mbs, refused in [(100, 1, False), (7, 1, True), (8, 1, False), (0, 1, True), (2047, 2, False), (15, 2, True)]:
    either(refused, "BATCH-02", gbs=gbs, mbs=mbs, decrease=True)
refuse("BATCH-03", gbs=None)
refuse("BATCH-03", mbs=None)
for ramp, gbs, refused in [
        ([256, 256, 100000], 2048, False), ([8, 8, 100000], 2048, False), ([12, 4, 100000], 2048, True),
        ([4, 4, 100000], 2048, True), ([256, 100, 100000], 2048, True), ([256, 0, 100000], 2048, True),
        ([0, 256, 100000], 2048, True), ([256, 256, -1], 2048, True), ([256, 256, 0], 2048, True),
        ([2048, 256, 100000], 2048, True), ([4096, 256, 100000], 2048, True), ([256, 256], 2048, True),
        ([256, 256, 100000, 1], 2048, True), ([16, 12, 100000], 40, True), ([16, 24, 100000], 40, False),
        ([1024, 1024, 1], 2048, False), ([8, 4, 100000], 16, True)]:
    either(refused, "BATCH-06", ramp=ramp, gbs=gbs)
accept("BATCH-06", ramp=[12, 4, 100000], gbs=40, decrease=True)
accept("BATCH-06", ramp=["256", "256", "100000"])
refuse("BATCH-07", iters=None, samples=1000000, ramp=[256, 256, 100000], _set={
    "scheduler.lr_warmup_iters": 0, "scheduler.lr_decay_iters": None})
for ramp, refused in [([16, 16, 100000], False), ([4, 4, 100000], True), ([24, 16, 100000], True), ([16, 8, 100000],
        True)]:
    either(refused, "BATCH-08", "virtual", ramp=ramp, gbs=64 if ramp[0] != 24 else 56)
refuse("TRAIN-01", iters=None)
refuse("TRAIN-01", samples=1000000)
BY_SAMPLES = {"train.train_iters": None, "scheduler.lr_warmup_iters": 0, "scheduler.lr_decay_iters": None}
accept("TRAIN-01", samples=1000000, _set=BY_SAMPLES)
refuse("TRAIN-01", samples=0, _set=BY_SAMPLES)
refuse("TRAIN-01", samples=-1, _set=BY_SAMPLES)
accept("TRAIN-01", samples=2047, _set=BY_SAMPLES)
accept("TRAIN-01", samples=1, _set=BY_SAMPLES)
for interval, refused in [(0, False), (5, False), (-1, True)]:
    either(refused, "TRAIN-02", _set={"train.manual_gc_interval": interval})
accept("TRAIN-02", _set={"train.manual_gc": False, "train.manual_gc_interval": -1})
for interval, iters, refused in [(2000, 32, False), (0, 32, True), (None, 32, True), (0, 0, True), (1, 0, False),
                                 (10 ** 9, 1, False)]:
    either(refused, "EVAL-01", _set={"validation.eval_interval": interval, "validation.eval_iters": iters})
for seed, refused in [(1234, False), (1, False), (0, True), (-1, True), (None, True)]:
    either(refused, "TRAIN-04", _set={"rng.seed": seed})
for values, refused in [({"use_nsys_profiler": True, "use_pytorch_profiler": True}, True),
        ({"use_nsys_profiler": True}, False),
                        ({"profile_step_start": 5, "profile_step_end": 4}, True), ({"profile_step_start": 5,
                         "profile_step_end": 5}, False), ({"profile_step_start": -1}, True)]:
    either(refused, "TRAIN-05", _set={"profiling": values})
refuse("TRAIN-05", _set={"logger.mlflow_experiment": "x"})
refuse("TRAIN-05", _set={"logger.mlflow_experiment": "x", "logger.mlflow_run_name": ""})
accept("TRAIN-05", _set={"logger.mlflow_experiment": "x", "logger.mlflow_run_name": "y"})
refuse("LOG-01", _set={"logger.log_interval": 0})
accept("LOG-01", _set={"logger.log_interval": 1})
refuse("LOG-02", _set={"logger.tensorboard_log_interval": 0})
accept("LOG-02", _set={"logger.tensorboard_log_interval": 0, "logger.log_timers_to_tensorboard": False,
                       "logger.tensorboard_dir": None})
