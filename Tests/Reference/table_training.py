"""The hand-written cases of facts sections 1.5 to 1.14: MoE, recompute, batches, optimizer, schedule, data, PEFT."""

from table import CASES, DENSE, FT_CP, accept, layers, refuse, spelled  # noqa: F401


def either(refused, *args, **keywords):
    (refuse if refused else accept)(*args, **keywords)


# --- 1.5 MoE, router, dispatcher ---------------------------------------------------------------------------------
refuse("MOE-01", _set=DENSE | {"parallelism.expert_model_parallel_size": 8})
refuse("MOE-01", experts=0)
refuse("MOE-01", experts=-8)
for experts, ep, topk, refused in [(64, 8, 6, False), (60, 8, 6, True), (72, 8, 6, False), (64, 16, 6, False), (8, 16, 6, True),
                                   (16, 16, 6, False), (6, 2, 6, False), (65, 1, 6, False), (63, 2, 6, True)]:
    either(refused, "MOE-02", experts=experts, ep=ep, topk=topk)
refuse("MOE-03", _set=DENSE | {"model.moe_ffn_hidden_size": 1408})
accept("MOE-03", _set={"model.moe_ffn_hidden_size": None})
for freq, refused in [(1, False), (2, False), (27, False), (28, False), (0, True), ([0] + [1] * 26, False), ([1] * 27, False),
                      ([0] * 27, False), ([0] + [1] * 25, True), ([0] + [1] * 27, True), ([0] + [2] * 26, True), ([], True),
                      ("[0]+[1]*26", True), ([1, 0] * 13 + [1], False), ([0] * 26 + [-1], True), (-1, False), (3, False)]:
    either(refused, "MOE-04", freq=freq)
for topk, experts, refused in [(6, 64, False), (64, 64, False), (65, 64, True), (8, 8, False), (9, 8, True), (1, 64, False),
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
        (0, 1, 6, 64, True), (5, None, 6, 64, False), (8, None, 6, 64, False), (8, 0, 6, 64, False), (8, 1, 8, 64, False),
        (8, 1, 9, 64, True), (16, 1, 4, 64, False), (16, 1, 5, 64, True), (16, 2, 8, 64, False), (16, 2, 10, 64, True),
        (16, 2, 9, 64, False), (8, 4, 3, 64, False), (1, 1, 64, 64, False), (64, 6, 6, 64, False), (64, 4, 8, 64, True)]:
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
for kind, refused in [("allgather", False), ("alltoall", False), ("flex", False), ("alltoall_seq", True), ("nope", True)]:
    either(refused, "MOE-16", _set=NO_OVERLAP | {"model.moe_token_dispatcher_type": kind})
refuse("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True})
accept("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True, "model.moe_token_dispatcher_type": "flex"})
refuse("MOE-17", _set=NO_OVERLAP | {"model.moe_enable_deepep": True, "model.moe_token_dispatcher_type": "flex",
                                    "model.moe_flex_dispatcher_backend": "hybridep"})
refuse("MOE-18", _set={"model.moe_token_dispatcher_type": "flex"})
refuse("MOE-18", _set={"model.moe_token_dispatcher_type": "allgather"})
accept("MOE-18", _set={"model.moe_token_dispatcher_type": "flex", "model.moe_shared_expert_intermediate_size": None})
FLEX = NO_OVERLAP | {"model.moe_token_dispatcher_type": "flex"}
for ep, etp, tp, refused in [(1, 1, 2, True), (2, 1, 2, False), (1, 2, 2, False), (1, None, 2, False), (1, None, 1, True)]:
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
accept("MOE-27", _set=BIAS | {"model.moe_grouped_gemm": False})
accept("MOE-27", _set={"model.moe_grouped_gemm": False})
refuse("MOE-27", _set={"model.moe_use_legacy_grouped_gemm": True})
accept("MOE-28", _set={"model.moe_permute_fusion": False})
refuse("MOE-29", _set={"model.moe_router_padding_for_fp8": True})
refuse("MOE-29", _set={"model.moe_router_padding_for_quantization": True})
accept("MOE-29", _set={"model.moe_router_padding_for_fp8": True, "mixed_precision": "bf16_with_mxfp8_mixed"})
refuse("MOE-29", _set=NO_OVERLAP | {"model.moe_router_padding_for_fp8": True, "mixed_precision": "bf16_with_mxfp8_mixed",
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
    refuse("MOE-31", _set=start | {"recompute.recompute_granularity": "selective", "recompute.recompute_method": "block"})
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
        ("full", "uniform", 1, False), ("full", "block", 1, False), ("full", "nope", 1, True), ("partial", None, None, True),
        ("selective", None, None, False), ("selective", None, 1, True), ("selective", "uniform", None, False),
        ("selective", "nope", None, True), (None, "nope", 7, False), ("full", "uniform", 0, True), ("full", "block", 0, False),
        ("full", "uniform", 3, False), ("full", "uniform", 9, False), ("full", "uniform", 27, False), ("full", "uniform", 2, True),
        ("full", "uniform", 4, True), ("full", "uniform", 26, True), ("full", "uniform", 28, True), ("full", "uniform", 99, True),
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
        (None, {}, False), ([], {}, False), (["core_attn"], {}, False), (["nope"], {}, True), (["core_attn", "nope"], {}, True),
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
for gbs, mbs, refused in [(2048, 1, False), (2048, 2, False), (2047, 1, True), (2048, 3, True), (8, 1, False), (4, 1, True),
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
for ramp, refused in [([16, 16, 100000], False), ([4, 4, 100000], True), ([24, 16, 100000], True), ([16, 8, 100000], True)]:
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
for values, refused in [({"use_nsys_profiler": True, "use_pytorch_profiler": True}, True), ({"use_nsys_profiler": True}, False),
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

# --- 1.9 optimizer, Muon, precision ------------------------------------------------------------------------------
NOT_AWARE = {"optimizer.use_precision_aware_optimizer": False, "optimizer.main_grads_dtype": "float32",
             "optimizer.exp_avg_dtype": "float32", "optimizer.exp_avg_sq_dtype": "float32"}
refuse("OPT-01", _set={"optimizer.optimizer": "sgd"})
accept("OPT-01", _set=NOT_AWARE | {"optimizer.use_distributed_optimizer": True})
refuse("OPT-02", _set={"optimizer.use_distributed_optimizer": False})
accept("OPT-02", _set={"ddp.use_distributed_optimizer": False})
for field in ("main_grads_dtype", "main_params_dtype", "exp_avg_dtype", "exp_avg_sq_dtype"):
    refuse("OPT-04", _set=NOT_AWARE | {f"optimizer.{field}": "bfloat16"})
for field, dtype, refused in [
        ("main_params_dtype", "float16", False), ("main_params_dtype", "bfloat16", True), ("exp_avg_dtype", "float16", False),
        ("exp_avg_dtype", "uint8", False), ("exp_avg_sq_dtype", "float32", False), ("exp_avg_sq_dtype", "uint8", False),
        ("main_grads_dtype", "float32", False), ("main_grads_dtype", "float16", False)]:
    either(refused, "OPT-05", _set={f"optimizer.{field}": dtype})
FP32 = {"mixed_precision": None, "model.bf16": False, "optimizer.bf16": False, "model.params_dtype": "float32",
        "optimizer.params_dtype": "float32"}
refuse("OPT-06", mixed_precision=None, _set={"optimizer.bf16": False})
accept("OPT-06", _set=FP32)
refuse("OPT-06", _set=FP32 | {"optimizer.bf16": True})
accept("OPT-06", mixed_precision=None)
accept("OPT-07", _set=NOT_AWARE | {"optimizer.use_distributed_optimizer": False, "ddp.use_distributed_optimizer": True})
accept("OPT-07", _set=NOT_AWARE | {"optimizer.use_distributed_optimizer": True, "ddp.use_distributed_optimizer": False})
PLAIN = NOT_AWARE | {"optimizer.use_distributed_optimizer": False, "ddp.use_distributed_optimizer": False}
refuse("OPT-08", _set=NOT_AWARE | {"optimizer.optimizer": "sgd"})
accept("OPT-08", _set=PLAIN | {"optimizer.optimizer": "sgd"})
refuse("OPT-08", _set=PLAIN | {"optimizer.optimizer": "lion"})
accept("OPT-08", _set=PLAIN)
accept("OPT-08", _set=PLAIN | FP32)
for lr, low, refused in [(3e-4, 3e-5, False), (3e-4, 3e-4, False), (3e-4, 4e-4, True), (3e-4, None, True), (None, 3e-5, True),
                         (3e-4, 0.0, False), (3e-4, -1e-5, True), (-1.0, -2.0, True), (0.0, 0.0, False), (0, 0, False)]:
    either(refused, "OPT-09", _set={"optimizer.lr": lr, "optimizer.min_lr": low})
OPT_OFFLOAD = {"optimizer.optimizer_cpu_offload": True, "optimizer.optimizer_offload_fraction": 0.0}
refuse("OPT-10", _set=OPT_OFFLOAD | {"optimizer.decoupled_weight_decay": False})
accept("OPT-10", _set={"optimizer.decoupled_weight_decay": False})
accept("MUON-01", "muon")
accept("MUON-01", "muon", _set={"optimizer.optimizer": "muon"})
refuse("MUON-03", "muon", _set={"optimizer.use_distributed_optimizer": True})
refuse("MUON-03", "muon", _set={"ddp.use_distributed_optimizer": True})
refuse("MUON-03", "muon", _set={"ddp.use_distributed_optimizer": True, "optimizer.optimizer": "muon"})
refuse("MUON-04", "muon", mixed_precision="fp16_mixed")
refuse("MUON-05", "muon", _set={"optimizer.use_precision_aware_optimizer": True})
refuse("MUON-05", "muon", _set={"optimizer.exp_avg_dtype": "bfloat16"})
for steps, refused in [(1, False), (0, True), (-1, True), (10, False)]:
    either(refused, "MUON-06", "muon", _set={"optimizer.muon_num_ns_steps": steps})
for mode in ("blockwise", "duplicated", "distributed"):
    accept("MUON-06", "muon", _set={"optimizer.muon_tp_mode": mode})
accept("MUON-07", "muon", _set={"ddp.overlap_grad_reduce": True, "ddp.overlap_param_gather": True})
refuse("MUON-09", "muon", _set={"optimizer.min_lr": None})
accept("MUON-01", "muon", nodes=4, pp=4, layout="Et*7|t*7|t*7|t*6L")
for name, refused in [("bf16_mixed", False), ("bf16-mixed", False), ("bf16_MIXED", True), ("bf16", True), ("fp16_mixed", False),
                      ("bf16_with_mxfp8_mixed", False), ("bf16_with_fp8_delayed_scaling_mixed", False),
                      ("bf16-with-fp8-current-scaling-mixed", False), ("bf16_with_fp8_subchannel_scaling_mixed", False),
                      ("fp16_with_mxfp8_mixed", False), ("nope", True), ("bf16_with_nvfp4_mixed", False),
                      ("nemotron_h_bf16_with_fp8_current_scaling_mixed", False), ("", True)]:
    either(refused, "PREC-01", mixed_precision=name)
refuse("PREC-02", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "mxfp8",
                        "mixed_precision.fp8_param_gather": True})
accept("PREC-02", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "mxfp8",
                        "mixed_precision.fp8_param_gather": True, "mixed_precision.reuse_grad_buf_for_mxfp8_param_ag": True})
refuse("PREC-02", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp4": "e2m1"})
refuse("PREC-02", _set={"ddp.reuse_grad_buf_for_mxfp8_param_ag": True, "mixed_precision": None})
refuse("PREC-03", _set={"mixed_precision.fp8_param_gather": True})
refuse("PREC-03", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "delayed",
                        "mixed_precision.first_last_layers_bf16": True})
for start, end, refused in [(1, 1, False), (27, 0, False), (28, 0, True), (0, 28, True), (-1, 0, True), (0, 0, False)]:
    either(refused, "PREC-03", _set={
        "mixed_precision.fp8": "hybrid", "mixed_precision.first_last_layers_bf16": True,
        "mixed_precision.num_layers_at_start_in_bf16": start, "mixed_precision.num_layers_at_end_in_bf16": end})
accept("PREC-04", _set={"ddp.grad_reduce_in_fp32": True})
accept("DDP-01", "muon", _set={"ddp.overlap_param_gather": True})
accept("DDP-01", comm_overlap=None, _set={"ddp.overlap_grad_reduce": False, "ddp.overlap_param_gather": True})
refuse("DDP-02", _set={"ddp.reduce_scatter_with_fp32_accumulation": True, "ddp.num_distributed_optimizer_instances": 2})
accept("DDP-02", _set={"ddp.reduce_scatter_with_fp32_accumulation": True})
refuse("DDP-03", _set={"ddp.nccl_ub": True, "env_vars": {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}})

# --- 1.10 scheduler ----------------------------------------------------------------------------------------------
def schedule(**fields):
    return {f"scheduler.{name}": value for name, value in fields.items()}


refuse("SCHED-02", _set=schedule(lr_decay_samples=1000))
refuse("SCHED-02", _set=schedule(lr_warmup_samples=1000))
refuse("SCHED-02", _set=schedule(lr_wsd_decay_samples=1000))
NO_WARMUP = schedule(lr_warmup_iters=0)
refuse("SCHED-03", _set=schedule(lr_warmup_fraction=0.1))
for fraction, refused in [(0.1, False), (0.0, False), (0.01, False), (1.0, False), (1.5, False)]:
    either(refused, "SCHED-03", _set=NO_WARMUP | schedule(lr_warmup_fraction=fraction))
refuse("SCHED-04", samples=1000000, iters=None)
refuse("SCHED-04", samples=1000000, iters=None, _set=NO_WARMUP)
refuse("SCHED-04", samples=1000000, _set=BY_SAMPLES | schedule(lr_warmup_iters=10))
accept("SCHED-04", samples=1000000, _set=BY_SAMPLES | schedule(lr_warmup_samples=1000))
accept("SCHED-04", samples=1000000, _set=BY_SAMPLES | schedule(lr_decay_samples=500000))
accept("SCHED-04", samples=1000000, _set=BY_SAMPLES | schedule(lr_warmup_fraction=0.01))
refuse("SCHED-04", _set=NO_WARMUP | schedule(lr_decay_iters=None, lr_warmup_samples=10))
for warm, decay, iters, refused in [(2000, 500000, 500000, False), (50, None, 20, False), (20, None, 20, False),
                                    (19, None, 20, False), (0, None, 1, False), (10, 0, 100, True), (10, -5, 100, True),
                                    (500, 100, 1000, False), (0, None, 0, True), (0, 10, 0, False), (10, 1000, 10, False)]:
    either(refused, "SCHED-05", iters=iters, _set=schedule(lr_warmup_iters=warm, lr_decay_iters=decay))
for begin, end, style, refused in [
        (0.033, 0.033, "constant", False), (None, 0.033, "constant", True), (0.033, None, "constant", True),
        (None, None, "constant", True), (-0.1, 0.1, "linear", True), (0.1, 0.05, "linear", True), (0.05, 0.1, "linear", False),
        (0.05, 0.1, "cosine", False), (0.05, 0.1, "constant", True), (0.1, 0.1, "linear", False), (0.05, 0.1, "nope", True),
        (0.0, 0.0, "constant", False), (0.1, 0.1, "nope", True)]:
    either(refused, "SCHED-06", _set=schedule(start_weight_decay=begin, end_weight_decay=end, weight_decay_incr_style=style))
refuse("SCHED-07", iters=0, _set=schedule(lr_decay_iters=10, lr_warmup_iters=0, start_weight_decay=0.0, end_weight_decay=0.1,
                                          weight_decay_incr_style="linear"))
refuse("SCHED-08", _set=schedule(lr_decay_style="WSD"))
for wsd in (50000, 1, 0, 500000, 600000):
    accept("SCHED-08", _set=schedule(lr_decay_style="WSD", lr_wsd_decay_iters=wsd))
accept("SCHED-08", _set=schedule(lr_decay_style="WSD", lr_wsd_decay_iters=50000, lr_wsd_decay_style="linear"))
accept("SCHED-08", samples=1000000, _set=BY_SAMPLES | schedule(lr_decay_style="WSD", lr_wsd_decay_samples=1000))
refuse("SCHED-08", samples=1000000, _set=BY_SAMPLES | schedule(lr_decay_style="WSD"))
refuse("SCHED-08", samples=1000000, _set=BY_SAMPLES | schedule(lr_decay_style="WSD", lr_wsd_decay_iters=1000))
for style in ("constant", "linear", "cosine", "inverse-square-root"):
    accept("SCHED-09", _set=schedule(lr_decay_style=style))
    accept("SCHED-09", _set=NO_WARMUP | schedule(lr_decay_style=style))
refuse("SCHED-09", _set=NO_WARMUP | schedule(lr_decay_style="nope"))
for init, refused in [(0.0, False), (3e-4, False), (4e-4, True), (1e-5, False)]:
    either(refused, "SCHED-10", _set=schedule(lr_warmup_init=init))
refuse("SCHED-11", _set=schedule(use_checkpoint_opt_param_scheduler=True))
accept("SCHED-11", _set=schedule(use_checkpoint_opt_param_scheduler=True, override_opt_param_scheduler=False))
accept("SCHED-11", _set=schedule(override_opt_param_scheduler=False))
accept("SCHED-06", "lora", _set=schedule(start_weight_decay=0.0, end_weight_decay=0.0))

# --- 1.11 data, packing, tokenizer -------------------------------------------------------------------------------
def data(**fields):
    return {f"dataset.{name}": value for name, value in fields.items()}


REAL = data(kind="indexed", data_paths=["data/text_document"])
accept("DATA-01", _set=data(split=None))
accept("DATA-01", _set=data(split="99,1,0"))
accept("DATA-02", _set=REAL)
refuse("DATA-02", _set=REAL | data(split=None))
accept("DATA-02", _set=REAL | data(data_paths=[{"path": "a", "weight": 0.3}, {"path": "b", "weight": 0.7}]))
accept("DATA-02", _set=REAL | data(data_paths=["a", "b", "c"]))
PER_SPLIT = [[["a"], None], [["b"], None], [["c"], None]]
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=data(kind="indexed", data_paths=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=REAL | data(split=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT[:2]))
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=[PER_SPLIT[0], None, None]))
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=[None, None, None]))
for split, refused in [("99,1,0", False), ("100", False), ("1,1", False), ("0.9,0.05,0.05", False), ("90;5;5", False),
                       ("90 5 5", False), ("1,1,1,1", True), ("-1,2,3", False), ("100,0,0", False), ("0,1,0", False),
                       ("1.2.3,1,1", True), (".,1", True)]:
    either(refused, "DATA-04", _set=REAL | data(split=split))
for field in ("reset_position_ids", "reset_attention_mask", "eod_mask_loss"):
    refuse("DATA-05", _set=data(**{field: None}))
    accept("DATA-05", _set=data(**{field: True}))
refuse("DATA-06", _set=data(fast_cache_load=True))
refuse("DATA-06", _set=REAL | data(fast_cache_load=True, path_to_cache="cache"))
accept("DATA-06", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT, fast_cache_load=True,
                            path_to_cache="cache"))
refuse("DATA-06", _set=data(defer_npy_index_mmap=True))
accept("DATA-06", _set=data(defer_npy_index_mmap=True, path_to_cache="cache"))
for kind, refused in [("single", False), ("cyclic", False), ("batch", False), ("external", False), (None, True), ("nope", True)]:
    either(refused, "DATA-07", _set=data(dataloader_type=kind))
accept("DATA-09", _set=data(num_workers=0))
refuse("DATA-09", _set=data(num_workers=-1))
refuse("DATA-09", _set=data(num_workers=0, persistent_workers=True))
accept("DATA-09", _set=data(persistent_workers=True))
accept("DATA-07", "sft", _set=data(dataloader_type="single"))
refuse("DATA-07", "sft", _set=data(dataloader_type=None))
accept("DATA-07", "sft", _set=data(do_validation=False))
for size, mbs, refused in [(4096, 1, False), (4096, 2, True), (0, 2, False), (-1, 2, False), (8192, 1, False)]:
    either(refused, "PACK-01", "sft", mbs=mbs, _set=data(packed_sequence_specs={"packed_sequence_size": size}))
refuse("PACK-03", "sft", _set=data(packed_sequence_specs={"packed_sequence_size": 4096,
                                                          "packed_train_data_path": "missing.npy"}))
for vp, kind, refused in [(1, "batch", True), (1, "single", False), (None, "batch", False), (2, "batch", False)]:
    either(refused, "PIPE-28", "sft", nodes=4, pp=4, vp=vp, _set=layers(32) | data(dataloader_type=kind))
refuse("TOK-01", _set={"tokenizer.vocab_size": None})
accept("TOK-01", _set={"tokenizer.vocab_size": 163840, "tokenizer.legacy_tokenizer": True})
refuse("TOK-01", _set={"tokenizer.vocab_size": None, "tokenizer.legacy_tokenizer": True})
refuse("TOK-02", _set={"tokenizer.tokenizer_type": None})
refuse("TOK-02", _set={"tokenizer.tokenizer_type": "NopeTokenizer"})
refuse("TOK-02", _set={"tokenizer.tokenizer_type": "NopeTokenizer", "tokenizer.legacy_tokenizer": True})
refuse("TOK-03", _set={"tokenizer.tokenizer_type": "HuggingFaceTokenizer"})

# --- 1.12 PEFT ---------------------------------------------------------------------------------------------------
def peft(**fields):
    return {f"peft.{name}": value for name, value in fields.items()}


refuse("PEFT-01", "lora", _set={"checkpoint.pretrained_checkpoint": None})
refuse("PEFT-03", "sft", _set={"checkpoint.pretrained_checkpoint": None, "checkpoint.load": None})
accept("PEFT-03", "sft", _set={"checkpoint.pretrained_checkpoint": None})
accept("PEFT-03", "sft", _set={"checkpoint.load": None})
accept("PEFT-04", "lora", _set=peft(peft_scheme="dora"))
refuse("PEFT-04", "lora", _set=peft(peft_scheme="dora", dropout_position="post"))
accept("PEFT-05", "lora", _set=peft(dropout_position="post"))
for dropout, refused in [(0.0, False), (0.1, False), (1.0, False), (1.1, True), (-0.1, False)]:
    either(refused, "PEFT-05", "lora", _set=peft(dropout=dropout))
for method, refused in [("xavier", False), ("normal", False), ("kaiming", False), ("zero", False), ("uniform", True)]:
    either(refused, "PEFT-06", "lora", _set=peft(lora_A_init_method=method))
    either(refused, "PEFT-06", "lora", _set=peft(lora_B_init_method=method))
for dim, tp, etp, refused in [(32, 1, 1, False), (33, 1, 1, False), (32, 2, 1, False), (33, 2, 1, True), (8, 8, 1, False),
                              (4, 8, 1, True), (1, 1, 1, False), (12, 8, 1, True)]:
    either(refused, "PEFT-07", "lora", tp=tp, sp=tp > 1, etp=etp, _set=peft(dim=dim))
FC = ["linear_fc1", "linear_fc2"]
for dim, tp, etp, refused in [(32, 2, 1, False), (33, 2, 1, True), (33, 1, 1, False), (32, 1, 2, False), (33, 1, 2, True)]:
    either(refused, "PEFT-07", "lora", tp=tp, sp=tp > 1, etp=etp, _set=peft(dim=dim, target_modules=FC))
refuse("PEFT-08", "lora", _set=peft(exclude_modules=["linear_fc1"]))
accept("PEFT-08", "lora", _set=peft(target_modules=[], exclude_modules=["linear_fc1"]))
accept("PEFT-08", "lora", _set=peft(target_modules=[]))
accept("PEFT-08", "lora", _set=peft(target_modules=[], exclude_modules=["router", "output_layer"]))
for targets, refused in [
        (["linear_qkv"], False), (["nothing"], False), (["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"], False),
        (["router"], False), (["output_layer"], False), (["word_embeddings"], True), (["input_layernorm"], True),
        (["*.self_attention.linear_proj"], False), (["*.layers.0.*.linear_proj"], False), (["*"], True),
        (["linear_*"], False), (["*linear_proj"], False), (["q_layernorm"], False), (["mlp"], True), (["final_layernorm"], True),
        (["linear_kv_up_proj"], False), (["*.experts.linear_fc1"], False), (["*.shared_experts.linear_fc2"], False)]:
    either(refused, "PEFT-11", "lora", _set=peft(target_modules=targets))
for targets, gemm, refused in [(FC, True, True), (FC, False, False), (["linear_proj"], True, False),
                               (["linear_q_proj", "linear_kv_up_proj"], True, False), (["linear_kv_down_proj"], True, False),
                               (["router"], True, False), (["output_layer"], True, False),
                               (["*.shared_experts.linear_fc1"], True, False)]:
    either(refused, "PEFT-13", "lora", _set=peft(peft_scheme="dora", target_modules=targets) | {
        "model.moe_grouped_gemm": gemm})
for scheme, targets, refused in [
        ("dora", ["linear_kv_down_proj"], True), ("lora", ["linear_kv_down_proj"], False), ("dora", ["linear_proj"], False),
        ("dora", ["linear_q_proj"], False), ("dora", ["linear_kv_up_proj"], False), ("dora", ["router"], True),
        ("lora", ["router"], False), ("dora", ["output_layer"], False), ("dora", ["*.shared_experts.linear_fc1"], False),
        ("dora", ["*.shared_experts.linear_fc2"], False)]:
    either(refused, "PEFT-16", "lora", tp=2, sp=True, _set=peft(peft_scheme=scheme, target_modules=targets))
accept("PEFT-01", "lora", _set={"optimizer.use_distributed_optimizer": True})
accept("PEFT-01", "lora", nodes=4, pp=4, layout="Et*7|t*7|t*7|t*6L")
accept("PEFT-01", "lora", nodes=4, pp=4, layout="E|t*14|t*13|L")

# --- 1.13 checkpoint, FSDP ---------------------------------------------------------------------------------------
def checkpoint(**fields):
    return {f"checkpoint.{name}": value for name, value in fields.items()}


accept("CKPT-02", _set=checkpoint(async_save=True))
refuse("CKPT-02", _set=checkpoint(async_save=True, save=None))
refuse("CKPT-02", _set=checkpoint(async_save=True, use_persistent_ckpt_worker=False))
refuse("CKPT-02", _set=checkpoint(async_save=True, ckpt_format="zarr"))
accept("CKPT-03", _set=checkpoint(ckpt_step=100))
refuse("CKPT-03", _set=checkpoint(ckpt_step=100, load=None))
refuse("CKPT-04", _set=checkpoint(ckpt_format="fsdp_dtensor"))
accept("CKPT-04", _set=checkpoint(ckpt_format="fsdp_dtensor", save=None, load=None))
refuse("CKPT-04", _set={"dist.use_megatron_fsdp": True})
refuse("CKPT-04", _set={"dist.use_megatron_fsdp": True, "dist.use_torch_fsdp2": True})
refuse("CKPT-05", _set=checkpoint(load_main_params_from_ckpt=True))
accept("CKPT-05", _set=checkpoint(load_main_params_from_ckpt=True, load_optim=False))
refuse("CKPT-06", _set=checkpoint(dist_ckpt_optim_fully_reshardable=True, distrib_optim_fully_reshardable_mem_efficient=True))
accept("CKPT-06", _set=checkpoint(dist_ckpt_optim_fully_reshardable=True))
accept("CKPT-06", _set=checkpoint(distrib_optim_fully_reshardable_mem_efficient=True))
accept("CKPT-08", _set=checkpoint(save=None, load=None))
accept("CKPT-08", _set=checkpoint(save_interval=None))

# --- 1.14 communication overlap, determinism ---------------------------------------------------------------------
accept("COMM-01", _set={"comm_overlap.tp_comm_overlap": True})
accept("COMM-01", tp=1, sp=False, _set={"comm_overlap.tp_comm_overlap": True})
accept("COMM-01", _set=DENSE | {"comm_overlap.tp_comm_overlap": True, "parallelism.sequence_parallel": False})
accept("COMM-02", comm_overlap=None)
accept("COMM-02", "layout", comm_overlap=None)
accept("COMM-02", "virtual", comm_overlap=None)
accept("COMM-03", "virtual", vp=None)
accept("COMM-03", nodes=2, pp=2, layout="Et*7|t*7|t*7|t*6L", ep=4)
accept("COMM-04", nodes=1, gpus=2, ep=2)
accept("COMM-04", comm_overlap=None, _set={"ddp.bucket_size": 40000000})
accept("COMM-04", _set={"comm_overlap.overlap_param_gather": False, "comm_overlap.overlap_grad_reduce": True})
accept("COMM-04", _set={"comm_overlap.bucket_size": 1000000})
for backend, refused in [(None, False), ("nccl", False), ("ucc", False), ("gloo", True)]:
    either(refused, "COMM-06", "layout", _set={"model.pipeline_model_parallel_comm_backend": backend})
refuse("COMM-06", "layout", _set={"model.pipeline_model_parallel_comm_backend": "ucc",
                                  "env_vars": {"CUDA_DEVICE_MAX_CONNECTIONS": "1"}})
DETERMINISTIC = {"model.deterministic_mode": True, "model.cross_entropy_loss_fusion": False}
ENV = {"NCCL_ALGO": "Ring", "NVTE_ALLOW_NONDETERMINISTIC_ALGO": "0"}
accept("DET-01", _set=DETERMINISTIC | {"env_vars": ENV})
refuse("DET-01", _set=DETERMINISTIC | {"env_vars": ENV, "model.cross_entropy_loss_fusion": True})
refuse("DET-01", _set=DETERMINISTIC | {"env_vars": ENV, "model.attention_backend": "flash"})
refuse("DET-01", _set=DETERMINISTIC | {"env_vars": {"NVTE_ALLOW_NONDETERMINISTIC_ALGO": "0"}})
refuse("DET-01", _set=DETERMINISTIC | {"env_vars": ENV | {"NCCL_ALGO": "NVLS"}})
for algo in ("Tree", "CollnetDirect", "CollnetChain", "^NVLS"):
    accept("DET-01", _set=DETERMINISTIC | {"env_vars": ENV | {"NCCL_ALGO": algo}})
refuse("DET-02", _set=DETERMINISTIC | {"env_vars": {"NCCL_ALGO": "Ring"}})
refuse("DET-02", _set=DETERMINISTIC | {"env_vars": ENV | {"NVTE_ALLOW_NONDETERMINISTIC_ALGO": "1"}})
refuse("CG-01", _set={"model.cuda_graph_impl": "transformer_engine"})
accept("CG-01", _set={"model.cuda_graph_impl": "transformer_engine", "rng.te_rng_tracker": True})
accept("CG-01", _set={"model.cuda_graph_impl": "local", "model.use_te_rng_tracker": True})
refuse("CG-01", _set={"model.cuda_graph_impl": "nope", "rng.te_rng_tracker": True})
for scope, impl, refused in [
        ("attn", "transformer_engine", False), ("moe", "transformer_engine", True), ("moe_router", "transformer_engine", False),
        ("moe,moe_router", "transformer_engine", True), ("full_iteration", "transformer_engine", True),
        ("full,attn", "transformer_engine", True), ("moe_preprocess", "transformer_engine", True), ("mlp", "local", True),
        ("full_iteration", "local", True)]:
    either(refused, "CG-01", _set={"model.cuda_graph_impl": impl, "model.cuda_graph_scope": scope, "rng.te_rng_tracker": True})
accept("CG-01", _set={"model.cuda_graph_impl": "local", "model.cuda_graph_scope": "full_iteration", "rng.te_rng_tracker": True,
                      "rerun_state_machine.check_for_nan_in_loss": False})
FINE = {"model.fine_grained_activation_offloading": True, "model.offload_modules": ["core_attn"]}
refuse("CG-02", _set=FINE)
accept("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": ["attn_proj"]})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": []})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": ["nope"]})

# --- beyond the facts: found while this was written --------------------------------------------------------------
for factor, topk, experts, refused in [(10.0, 6, 64, False), (10.6, 6, 64, False), (11.0, 6, 64, False), (1.0, 8, 8, False),
                                       (1.2, 8, 8, False), (65.0, 1, 64, False)]:
    either(refused, "MOE-24", topk=topk, experts=experts, ep=1, _set={"model.moe_expert_capacity_factor": factor})
for layout, vp, refused in [("E|t*14||t*13L", None, True), ("Et*14||t*13|L", None, True), ("Et*14|t*12|t|L", None, False),
                            ("Et*4||t*4|t*4|t*4|t*4|t*4|t*3L", 2, True), ("Et*4|t*4|t*4|t*4|t*4||t*4|t*3L", 2, False)]:
    either(refused, "PEFT-17", "lora", nodes=4, pp=4, vp=vp, layout=layout)
    accept("PEFT-17", "sft", nodes=4, pp=4, vp=vp, layout=layout)
refuse("LOG-03", _set={"logger.wandb_project": "p", "checkpoint.save": None})
refuse("LOG-03", _set={"logger.wandb_project": "p", "logger.wandb_exp_name": ""})
accept("LOG-03", _set={"logger.wandb_project": "p", "logger.wandb_exp_name": "e"})
accept("LOG-03", _set={"logger.wandb_project": "p"})
accept("LOG-03", _set={"logger.wandb_project": "p", "logger.wandb_exp_name": "e", "checkpoint.save": None,
                       "logger.wandb_save_dir": "w"})
refuse("LOG-04", _set={"logger.timing_log_option": "mean"})
for option in ("max", "minmax", "all"):
    accept("LOG-04", _set={"logger.timing_log_option": option})
refuse("GPU-11", _set={"dist.use_gloo_process_groups": False, "checkpoint.ckpt_format": "zarr"})
accept("GPU-11", "muon", _set={"dist.use_gloo_process_groups": False})
for base, refused in [("pretrain", True), ("layout", True), ("virtual", False)]:
    either(refused, "OPT-13", base, _set={"comm_overlap.overlap_param_gather_with_optimizer_step": True})
    either(refused, "OPT-13", base, _set={"comm_overlap": None, "optimizer.overlap_param_gather_with_optimizer_step": True})
    accept("OPT-13", base, _set={"optimizer.overlap_param_gather_with_optimizer_step": True})
refuse("OPT-13", "virtual", vp=1, layout=None, _set=layers(32) | {
    "comm_overlap.overlap_param_gather_with_optimizer_step": True})
for fraction in (0.0, 0.5, 1.0):
    accept("OPT-10", _set=OPT_OFFLOAD | {"optimizer.optimizer_offload_fraction": fraction})
accept("OPT-12", _set={"optimizer.decoupled_lr": 1.0e-4, "optimizer.decoupled_min_lr": 1.0e-5})
accept("TRAIN-04", _set={"rng.data_parallel_random_init": True})
accept("MUON-01", "muon", nodes=3, pp=3, emb=True, _set=layers(2))
accept("MUON-01", "muon", nodes=2, pp=2, layout="E|t*27L", ep=4)
accept("MUON-01", "muon", nodes=4, pp=4, layout="Et*27||| L".replace(" ", ""))
