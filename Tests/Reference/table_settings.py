"""The hand-written cases of facts sections 1.9 to 1.14, and of what was found beyond them: optimizer, schedule, data,
PEFT, checkpoint, communication."""

from table import CASES, DENSE, accept, layers, refuse  # noqa: F401
from table_training import A2A, BY_SAMPLES, either, recompute  # noqa: F401


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
        ("main_params_dtype", "float16", False), ("main_params_dtype", "bfloat16", True), ("exp_avg_dtype", "float16",
        False),
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
for lr, low, refused in [(3e-4, 3e-5, False), (3e-4, 3e-4, False), (3e-4, 4e-4, True), (3e-4, None, True), (None, 3e-5,
        True),
                         (3e-4, 0.0, False), (3e-4, -1e-5, True), (-1.0, -2.0, True), (0.0, 0.0, False), (0, 0, False)]:
    either(refused, "OPT-09", _set={"optimizer.lr": lr, "optimizer.min_lr": low})
OPT_OFFLOAD = {"optimizer.optimizer_cpu_offload": True, "optimizer.optimizer_offload_fraction": 0.0}
refuse("OPT-10", _set=OPT_OFFLOAD | {"optimizer.decoupled_weight_decay": False})
accept("OPT-10", _set={"optimizer.decoupled_weight_decay": False})
for formats, refused in [({"fp32": True}, True), ({"fp32": True, "params_dtype": "bfloat16"}, False),
                         ({"params_dtype": "float32"}, True), ({"bf16": True, "params_dtype": "float32"}, False)]:
    either(refused, "OPT-14", _set=OPT_OFFLOAD | {"mixed_precision": formats})
refuse("OPT-14", "lora", _set=OPT_OFFLOAD | {"mixed_precision": {"fp32": True}})
accept("OPT-14", "muon", _set=OPT_OFFLOAD | {"mixed_precision": {"fp32": True}})
refuse("OPT-14", "bare", _set=OPT_OFFLOAD | {"model.bf16": False, "model.params_dtype": "float32",
                                             "optimizer.bf16": False})
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
for name, refused in [("bf16_mixed", False), ("bf16-mixed", False), ("bf16_MIXED", True), ("bf16", True),
        ("fp16_mixed", False),
                      ("bf16_with_mxfp8_mixed", False), ("bf16_with_fp8_delayed_scaling_mixed", False),
                      ("bf16-with-fp8-current-scaling-mixed", False), ("bf16_with_fp8_subchannel_scaling_mixed", False),
                      ("fp16_with_mxfp8_mixed", False), ("nope", True), ("bf16_with_nvfp4_mixed", False),
                      ("nemotron_h_bf16_with_fp8_current_scaling_mixed", False), ("", True)]:
    either(refused, "PREC-01", mixed_precision=name)
refuse("PREC-02", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "mxfp8",
                        "mixed_precision.fp8_param_gather": True})
accept("PREC-02", _set={"mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "mxfp8",
                        "mixed_precision.fp8_param_gather": True,
                        "mixed_precision.reuse_grad_buf_for_mxfp8_param_ag": True})
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
                                    (500, 100, 1000, False), (0, None, 0, True), (0, 10, 0, False), (10, 1000, 10,
                                    False)]:
    either(refused, "SCHED-05", iters=iters, _set=schedule(lr_warmup_iters=warm, lr_decay_iters=decay))
for begin, end, style, refused in [
        (0.033, 0.033, "constant", False), (None, 0.033, "constant", True), (0.033, None, "constant", True),
        (None, None, "constant", True), (-0.1, 0.1, "linear", True), (0.1, 0.05, "linear", True), (0.05, 0.1, "linear",
        False),
        (0.05, 0.1, "cosine", False), (0.05, 0.1, "constant", True), (0.1, 0.1, "linear", False), (0.05, 0.1, "nope",
        True),
        (0.0, 0.0, "constant", False), (0.1, 0.1, "nope", True)]:
    either(refused, "SCHED-06", _set=schedule(start_weight_decay=begin, end_weight_decay=end,
        weight_decay_incr_style=style))
refuse("SCHED-07", iters=0, _set=schedule(lr_decay_iters=10, lr_warmup_iters=0, start_weight_decay=0.0,
    end_weight_decay=0.1,
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
for first, second, refused in [(0.3, 0.0, True), (1, 0.5, False), (0.3, -0.1, True), (2, 1, False), (0.0, 0.0, True)]:
    either(refused, "DATA-10", _set=REAL | data(data_paths=[{"path": "a", "weight": first},
                                                            {"path": "b", "weight": second}]))
refuse("DATA-10", _set=REAL | data(data_paths=[{"path": "a", "weight": 0.0}]))
accept("DATA-10", _set=REAL | data(data_paths=[{"path": "a", "weight": 2.0}]))
accept("DATA-10", _set=REAL | data(data_paths=["a", "b"]) | {"validation.eval_iters": 0})
PER_SPLIT = [[["a"], None], [["b"], None], [["c"], None]]
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=data(kind="indexed", data_paths=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=REAL | data(split=None, blend_per_split=PER_SPLIT))
refuse("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT[:2]))
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=[PER_SPLIT[0], None, None]))
accept("DATA-03", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=[None, None, None]))
for split, refused in [("99,1,0", False), ("100", False), ("1,1", False), ("0.9,0.05,0.05", False), ("90;5;5", False),
                       ("90 5 5", False), ("1,1,1,1", True), ("-1,2,3", False), ("100,0,0", False), ("0,1,0", False),
                       ("1.2.3,1,1", True), (".,1", True), ("0,0,0", True), ("", True), ("a,b", True)]:
    either(refused, "DATA-04", _set=REAL | data(split=split))
for field in ("reset_position_ids", "reset_attention_mask", "eod_mask_loss"):
    refuse("DATA-05", _set=data(**{field: None}))
    accept("DATA-05", _set=data(**{field: True}))
refuse("DATA-06", _set=data(fast_cache_load=True))
refuse("DATA-06", _set=REAL | data(fast_cache_load=True, path_to_cache="cache"))
accept("DATA-06", _set=data(kind="indexed", data_paths=None, split=None, blend_per_split=PER_SPLIT,
    fast_cache_load=True,
                            path_to_cache="cache"))
refuse("DATA-06", _set=data(defer_npy_index_mmap=True))
accept("DATA-06", _set=data(defer_npy_index_mmap=True, path_to_cache="cache"))
for kind, refused in [("single", False), ("cyclic", False), ("batch", False), ("external", False), (None, True),
        ("nope", True)]:
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
for dim, tp, etp, refused in [(32, 1, 1, False), (33, 1, 1, False), (32, 2, 1, False), (33, 2, 1, True), (8, 8, 1,
        False),
                              (4, 8, 1, True), (1, 1, 1, False), (12, 8, 1, True)]:
    either(refused, "PEFT-07", "lora", tp=tp, sp=tp > 1, etp=etp, _set=peft(dim=dim))
FC = ["linear_fc1", "linear_fc2"]
for dim, tp, etp, refused in [(32, 2, 1, False), (33, 2, 1, True), (33, 1, 1, False), (32, 1, 2, False), (33, 1, 2,
        True)]:
    either(refused, "PEFT-07", "lora", tp=tp, sp=tp > 1, etp=etp, _set=peft(dim=dim, target_modules=FC))
refuse("PEFT-08", "lora", _set=peft(exclude_modules=["linear_fc1"]))
accept("PEFT-08", "lora", _set=peft(target_modules=[], exclude_modules=["linear_fc1"]))
accept("PEFT-08", "lora", _set=peft(target_modules=[]))
accept("PEFT-08", "lora", _set=peft(target_modules=[], exclude_modules=["router", "output_layer"]))
for targets, refused in [
        (["linear_qkv"], False), (["nothing"], False), (["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"],
        False),
        (["router"], False), (["output_layer"], False), (["word_embeddings"], True), (["input_layernorm"], True),
        (["*.self_attention.linear_proj"], False), (["*.layers.0.*.linear_proj"], False), (["*"], True),
        (["linear_*"], False), (["*linear_proj"], False), (["q_layernorm"], False), (["mlp"], True),
        (["final_layernorm"], True),
        (["linear_kv_up_proj"], False), (["*.experts.linear_fc1"], False), (["*.shared_experts.linear_fc2"], False)]:
    either(refused, "PEFT-11", "lora", _set=peft(target_modules=targets))
for targets, gemm, refused in [(FC, True, True), (FC, False, False), (["linear_proj"], True, False),
                               (["linear_q_proj", "linear_kv_up_proj"], True, False), (["linear_kv_down_proj"], True,
                               False),
                               (["router"], True, False), (["output_layer"], True, False),
                               (["*.shared_experts.linear_fc1"], True, False)]:
    either(refused, "PEFT-13", "lora", _set=peft(peft_scheme="dora", target_modules=targets) | {
        "model.moe_grouped_gemm": gemm})
for scheme, targets, refused in [
        ("dora", ["linear_kv_down_proj"], True), ("lora", ["linear_kv_down_proj"], False), ("dora", ["linear_proj"],
        False),
        ("dora", ["linear_q_proj"], False), ("dora", ["linear_kv_up_proj"], False), ("dora", ["router"], True),
        ("lora", ["router"], False), ("dora", ["output_layer"], False), ("dora", ["*.shared_experts.linear_fc1"],
        False),
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
refuse("CKPT-06", _set=checkpoint(dist_ckpt_optim_fully_reshardable=True,
    distrib_optim_fully_reshardable_mem_efficient=True))
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
        ("attn", "transformer_engine", False), ("moe", "transformer_engine", True), ("moe_router",
        "transformer_engine", False),
        ("moe,moe_router", "transformer_engine", True), ("full_iteration", "transformer_engine", True),
        ("full,attn", "transformer_engine", True), ("moe_preprocess", "transformer_engine", True), ("mlp", "local",
        True),
        ("full_iteration", "local", True)]:
    either(refused, "CG-01", _set={"model.cuda_graph_impl": impl, "model.cuda_graph_scope": scope,
        "rng.te_rng_tracker": True})
accept("CG-01", _set={"model.cuda_graph_impl": "local", "model.cuda_graph_scope": "full_iteration",
    "rng.te_rng_tracker": True,
                      "rerun_state_machine.check_for_nan_in_loss": False})
FINE = {"model.fine_grained_activation_offloading": True, "model.offload_modules": ["core_attn"]}
refuse("CG-02", _set=FINE)
accept("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": ["attn_proj"]})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": []})
refuse("CG-02", _set=FINE | {"env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}, "model.offload_modules": ["nope"]})

# --- found while this was written ---------------------------------------------------------------------------
for factor, topk, experts, refused in [(10.0, 6, 64, False), (10.6, 6, 64, False), (11.0, 6, 64, False), (1.0, 8, 8,
        False),
                                       (1.2, 8, 8, False), (65.0, 1, 64, False)]:
    either(refused, "MOE-24", topk=topk, experts=experts, ep=1, _set={"model.moe_expert_capacity_factor": factor})
for layout, vp, refused in [("E|t*14||t*13L", None, True), ("Et*14||t*13|L", None, True), ("Et*14|t*12|t|L", None,
        False),
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
    either(refused, "OPT-13", base, _set={"comm_overlap": None,
        "optimizer.overlap_param_gather_with_optimizer_step": True})
    accept("OPT-13", base, _set={"optimizer.overlap_param_gather_with_optimizer_step": True})
refuse("OPT-13", "virtual", vp=1, layout=None, _set=layers(32) | {
    "comm_overlap.overlap_param_gather_with_optimizer_step": True})
for fraction in (0.0, 0.5, 1.0):
    accept("OPT-10", _set=OPT_OFFLOAD | {"optimizer.optimizer_offload_fraction": fraction})
accept("OPT-12", _set={"optimizer.decoupled_lr": 1.0e-4, "optimizer.decoupled_min_lr": 1.0e-5})
accept("TRAIN-04", _set={"rng.data_parallel_random_init": True})
refuse("CKPT-04", _set={"dist.use_torch_fsdp2": True})
for backend, name, value, refused in [
        ("auto", "NVTE_FLASH_ATTN", "0", True), ("auto", "NVTE_FUSED_ATTN", "1", False), ("flash", "NVTE_FLASH_ATTN",
        "0", True),
        ("flash", "NVTE_FUSED_ATTN", "0", False), ("flash", "NVTE_UNFUSED_ATTN", "1", True), ("fused",
        "NVTE_FLASH_ATTN", "1", True),
        ("unfused", "NVTE_UNFUSED_ATTN", "1", False), (None, "NVTE_FLASH_ATTN", "0", False)]:
    either(refused, "DET-03", _set={"model.attention_backend": backend, "env_vars": {name: value}})
for method, count, refused in [("uniform", 1, False), ("uniform", 3, True), ("block", 3, False)]:
    either(refused, "MTP-02", _set=recompute("full", method, count) | {"model.mtp_num_layers": 1})
for size in ("4096", "8192"):
    accept("SEQ-03", "sft", _set={"model.seq_length": int(size), "dataset.seq_length": int(size)})
accept("MUON-01", "muon", nodes=3, pp=3, emb=True, _set=layers(2))
accept("MUON-01", "muon", nodes=2, pp=2, layout="E|t*27L", ep=4)
accept("MUON-01", "muon", nodes=4, pp=4, layout="Et*27||| L".replace(" ", ""))

# --- found by the sweep over all fields (field_cases.py) ---------------------------------------------------------
def model(**fields):
    return {f"model.{name}": value for name, value in fields.items()}


for dp, ep, refused in [(33, 3, True), (32, 2, False), (35, 5, True), (39, 13, True), (36, 3, False), (66, 6, True),
                        (33, 1, False), (30, 3, False)]:
    either(refused, "DDP-04", nodes=dp, gpus=1, tp=1, sp=False, ep=ep, experts=ep * 8, gbs=dp * 8)
accept("DDP-04", nodes=33, gpus=1, tp=1, sp=False, ep=3, experts=24, gbs=264, _set={"ddp.average_in_collective": False})
refuse("DDP-04", nodes=33, gpus=1, tp=1, sp=False, etp=3, ep=1, gbs=264, _set=DENSE)
accept("DDP-04", nodes=33, gpus=1, tp=1, sp=False, ep=3, experts=24, gbs=264, _set={
    "ddp.num_distributed_optimizer_instances": 11})
accept("DDP-04", nodes=66, gpus=1, tp=1, sp=False, cp=3, ep=2, experts=24, gbs=264, _set={
    "model.seq_length": 6144, "dataset.seq_length": 6144, "ddp.num_distributed_optimizer_instances": 3})
for field in ("use_kitchen", "heterogeneous_block_specs", "is_hybrid_model", "restore_modelopt_state",
              "inference_fuse_tp_communication", "batch_invariant_mode", "hybrid_context_parallel"):
    refuse("DIM-14", _set=model(**{field: True}))
accept("DIM-14", "dense", _set=model(is_hybrid_model=True))
accept("DIM-14", _set=model(restore_modelopt_state=True, gradient_accumulation_fusion=False))
accept("DIM-14", _set=model(batch_invariant_mode=True, attention_backend="flash"))
accept("DIM-14", "layout", _set=model(hybrid_context_parallel=True))
GDN = dict(experimental_attention_variant="gated_delta_net", linear_attention_freq=4)
refuse("DIM-14", _set=model(experimental_attention_variant="gated_delta_net"))
accept("DIM-14", _set=model(**GDN))
refuse("DIM-14", _set=model(**GDN, linear_conv_kernel_dim=None))
refuse("DIM-14", tp=4, _set=model(**GDN, linear_num_key_heads=6, linear_num_value_heads=12))
refuse("DIM-14", _set=model(**GDN, linear_num_key_heads=16, linear_num_value_heads=24))
refuse("DIM-14", cp=2, _set=model(**GDN))
accept("DIM-14", _set=model(experimental_attention_variant="dsa"))
refuse("DIM-14", cp=2, _set=model(experimental_attention_variant="dsa"))
refuse("DIM-14", _set=model(experimental_attention_variant="dsa", apply_rope_fusion=True))
for value, refused in [(0, False), (3, False), (2, True), (27, False), (-1, False), ([1] * 27, False), ([1] * 26, True)]:
    either(refused, "DIM-14", _set=model(no_rope_freq=value))
refuse("DIM-14", _set=model(no_rope_freq=3, flash_decode=True))
refuse("DIM-14", _set=model(moe_latent_size=-1))
refuse("DIM-14", _set=model(embedding_init_method_std=-1.0))
accept("DIM-14", _set=model(activation_func_fp8_input_store=True))
refuse("DIM-14", _set=model(activation_func_fp8_input_store=True, gated_linear_unit=False, bias_activation_fusion=False))
refuse("DIM-12", _set=model(use_te_activation_func=True))
accept("DIM-12", _set=model(use_te_activation_func=True, bias_activation_fusion=False))
refuse("DIM-12", _set=model(use_te_activation_func=True, bias_activation_fusion=False, activation_func="squared_relu"))
refuse("DIM-12", _set=model(glu_linear_offset=1.0))
accept("DIM-12", _set=model(glu_linear_offset=1.0, bias_activation_fusion=False))
for function, gated, grouped, extra, refused in [
        ("silu", True, True, {}, False), ("silu", False, True, {}, True), ("gelu", True, True, {}, True),
        ("gelu", True, False, {}, True), ("gelu", True, True, DENSE, False), ("gelu", False, True, DENSE, True),
        ("gelu", False, True, DENSE | model(add_bias_linear=True), False), ("silu", False, True, DENSE, True),
        ("silu", True, True, DENSE | model(add_bias_linear=True), False),
        ("silu", True, False, model(add_bias_linear=True, moe_shared_expert_intermediate_size=None), True),
        ("squared_relu", False, True, DENSE, True)]:
    either(refused, "DIM-12", _set=extra | model(activation_func=function, gated_linear_unit=gated,
                                                 moe_grouped_gemm=grouped))
for grouped in (True, False):
    refuse("MOE-35", _set=model(moe_apply_probs_on_input=True, moe_grouped_gemm=grouped))
    accept("MOE-35", topk=1, _set=model(moe_apply_probs_on_input=True, moe_grouped_gemm=grouped))
for width, kind, refused in [(63, "yarn", True), (62, "yarn", False), (63, "rope", True), (62, "rope", False)]:
    either(refused, "MLA-12", _set=model(qk_pos_emb_head_dim=width, rope_type=kind))
for base, kind, refused in [(1.0, "yarn", True), (1.0, "rope", False), (1.5, "yarn", False)]:
    either(refused, "MLA-13", _set=model(rotary_base=base, rope_type=kind))
refuse("MOE-32", _set=model(ep_overlap_early_attn_memory_release=True))
accept("MOE-32", _set=A2A | model(ep_overlap_early_attn_memory_release=True))
for switch, impl in [("enable_cuda_graph", "local"), ("external_cuda_graph", "transformer_engine")]:
    refuse("CG-01", _set=model(**{switch: True}))
    accept("CG-01", _set=model(**{switch: True}) | {"rng.te_rng_tracker": True})
    refuse("CG-01", _set=model(**{switch: True, "cuda_graph_impl": impl}) | {"rng.te_rng_tracker": True})
refuse("CG-01", _set=model(enable_cuda_graph=True, external_cuda_graph=True) | {"rng.te_rng_tracker": True})
accept("CG-01", _set=model(external_cuda_graph=True, cuda_graph_scope="mlp") | {"rng.te_rng_tracker": True})
refuse("CG-01", _set=model(enable_cuda_graph=True, cuda_graph_scope="mlp") | {"rng.te_rng_tracker": True})
refuse("GPU-15", _set={"dist.lazy_init": True})
for base in ("pretrain", "bare"):
    refuse("PREC-03", base, _set=model(fp4_param=True))
refuse("PREC-03", "bare", _set=model(fp8_param=True))
accept("PREC-03", _set=model(fp8_param=True))
for number, refused in [(-1.0, True), (0.0, False), (128.0, False), (None, False)]:
    either(refused, "PREC-05", _set={"mixed_precision.loss_scale": number})
    either(refused, "PREC-05", "bare", _set={"optimizer.loss_scale": number})
FP16 = {"mixed_precision": {"fp16": True, "params_dtype": "float16", "pipeline_dtype": "float16"}}
accept("PREC-05", _set=FP16)
for field, value, refused in [("min_loss_scale", 0.0, True), ("min_loss_scale", 2.0 ** 33, True), ("hysteresis", 0, True),
                              ("hysteresis", 1, False), ("loss_scale_window", 0.0, True), ("loss_scale", 8.0, False),
                              ("initial_loss_scale", 0.5, True), ("initial_loss_scale", 1.0, False)]:
    either(refused, "PREC-05", _set={"mixed_precision": FP16["mixed_precision"] | {field: value}})
accept("OPT-13", "muon", _set={"optimizer.overlap_param_gather_with_optimizer_step": True})
