"""Peak memory of training runs, against what the trainer announces before it starts.

    python Tests/Benchmarks/peak_memory.py .build/release/moonlight-trainer

Prints for each way of storing numbers and recomputing activations, in MiB: what is announced, the process' peak, and
peak / announced, which must stay between 0.75 and 1.3, and within 2 % for a model so small that the program itself is most of
it, on one, two and twelve threads. A run of two steps touches all memory that a longer one does.
"""

import os
import pathlib
import sys
import tempfile

from adapter_memory import memory_of, write_launch_config

MODEL = dict(
    num_layers=6, hidden_size=512, ffn_hidden_size=1408, num_attention_heads=8, num_query_groups=8, kv_lora_rank=128,
    qk_head_dim=64, qk_pos_emb_head_dim=32, v_head_dim=64, num_moe_experts=24, moe_router_topk=4,
    moe_ffn_hidden_size=192, moe_layer_freq=[0] + [1] * 5, moe_shared_expert_intermediate_size=384, vocab_size=8192,
    max_position_embeddings=4096, seq_length=512)
SMALL = dict(model=dict(
    num_layers=4, hidden_size=128, ffn_hidden_size=512, num_attention_heads=4, num_query_groups=4, kv_lora_rank=64,
    qk_head_dim=32, qk_pos_emb_head_dim=16, v_head_dim=32, num_moe_experts=8, moe_router_topk=2, moe_ffn_hidden_size=64,
    moe_layer_freq=[0] + [1] * 3, moe_shared_expert_intermediate_size=128, vocab_size=1024, seq_length=64))
NOT_SAVED = dict(checkpoint=dict(save=None))
FP32 = {}
BF16 = dict(
    mixed_precision=dict(bf16=True),
    optimizer=dict(use_precision_aware_optimizer=True, main_grads_dtype="bf16", exp_avg_dtype="bf16",
                   exp_avg_sq_dtype="bf16"))
ADAM = {}
MUON = dict(
    optimizer=dict(optimizer="muon", use_distributed_optimizer=False, use_precision_aware_optimizer=False,
                   main_grads_dtype="fp32", exp_avg_dtype="fp32", exp_avg_sq_dtype="fp32"),
    ddp=dict(use_distributed_optimizer=False))
SGD = dict(
    optimizer=dict(optimizer="sgd", use_distributed_optimizer=False), ddp=dict(use_distributed_optimizer=False))
NONE = dict(recompute=dict(recompute_granularity=None))
SELECTIVE = dict(recompute=dict(recompute_granularity="selective", recompute_modules=["core_attn", "moe", "mlp"]))
FULL = dict(recompute=dict(recompute_granularity="full", recompute_method="uniform", recompute_num_layers=1))

RUNS = [
    ("fp32, AdamW, no recompute", [FP32, ADAM, NONE]),
    ("fp32, AdamW, selective", [FP32, ADAM, SELECTIVE]),
    ("fp32, AdamW, full", [FP32, ADAM, FULL]),
    ("fp32, Muon, no recompute", [FP32, MUON, NONE]),
    ("fp32, Muon, full", [FP32, MUON, FULL]),
    ("fp32, SGD, full", [FP32, SGD, FULL]),
    ("bf16, AdamW, no recompute", [BF16, ADAM, NONE]),
    ("bf16, AdamW, selective", [BF16, ADAM, SELECTIVE]),
    ("bf16, AdamW, full", [BF16, ADAM, FULL]),
    ("bf16, Muon, no recompute", [BF16, MUON, NONE]),
    ("bf16, Muon, full", [BF16, MUON, FULL]),
]

SMALL_RUNS = [
    (f"small, {name}, {threads} threads", parts, threads)
    for name, parts in [
        ("fp32", [SMALL, FP32, NOT_SAVED]), ("fp32, saved", [SMALL, FP32]), ("bf16", [SMALL, BF16, NOT_SAVED])]
    for threads in [1, 2, 12]
]


def merged(parts):
    values = dict(
        extends="moonlight_tiny_pretrain_config", model=MODEL,
        train=dict(train_iters=2, global_batch_size=8, micro_batch_size=4),
        validation=dict(eval_iters=0), scheduler=dict(lr_warmup_iters=1), dataset=dict(kind="mock"))
    for part in parts:
        for section, fields in part.items():
            values[section] = {**values.get(section, {}), **fields}
    return values


def main():
    trainer = os.path.abspath(sys.argv[1])
    ratios, small = [], []
    print(f"{'run':28} announced     peak  ratio")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, parts in RUNS:
            announced, peak = memory_of(trainer, write_launch_config(folder, merged([*parts, NOT_SAVED])))
            ratios.append(peak / announced)
            print(f"{name:28} {announced / 2**20:9.0f} {peak / 2**20:8.0f} {ratios[-1]:6.2f}", flush=True)
        for name, parts, threads in SMALL_RUNS:
            announced, peak = memory_of(trainer, write_launch_config(folder, merged(parts)), threads)
            small.append(peak / announced)
            print(f"{name:28} {announced / 2**20:9.1f} {peak / 2**20:8.1f} {small[-1]:6.3f}", flush=True)
    sys.exit(not (0.75 <= min(ratios) <= max(ratios) <= 1.3 and 0.98 <= min(small) <= max(small) <= 1.02))


if __name__ == "__main__":
    main()
