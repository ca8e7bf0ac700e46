"""Peak memory of LoRA and DoRA runs on bf16 bases of some hundred MB, against what the trainer announces.

    python Tests/Benchmarks/adapter_memory.py .build/release/moonlight-trainer

Needs numpy. Prints, in MiB: the base's bytes, what the trainer announces, the process' peak, and peak / announced, which must
stay within 1.3. The bases are random: one with wide experts, one whose vocabulary is most of it, one sharded.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from random_base import write_base

SHAPES = {
    "experts": dict(vocab_size=8192, hidden_size=512, intermediate_size=1408, moe_intermediate_size=384,
                    num_hidden_layers=6, n_routed_experts=48, num_experts_per_tok=6),
    "vocabulary": dict(vocab_size=163840, hidden_size=512, intermediate_size=1024, moe_intermediate_size=128,
                       num_hidden_layers=3, n_routed_experts=16, num_experts_per_tok=4),
    "two layers": dict(vocab_size=16384, hidden_size=1024, intermediate_size=4096, moe_intermediate_size=512,
                       num_hidden_layers=2, n_routed_experts=96, num_experts_per_tok=4),
}
HEADS, NOPE, ROPE, VALUE, LATENT, SHARED = 8, 64, 32, 64, 256, 2


def base_config(shape):
    return dict(
        shape, num_attention_heads=HEADS, n_shared_experts=SHARED, kv_lora_rank=LATENT, qk_nope_head_dim=NOPE,
        qk_rope_head_dim=ROPE, v_head_dim=VALUE, max_position_embeddings=4096)


def launch_config(folder, base, shape, scheme):
    layers = shape["num_hidden_layers"]
    values = dict(
        extends="moonlight_tiny_pretrain_config",
        recipe=dict(mode="peft"),
        model=dict(
            num_layers=layers, hidden_size=shape["hidden_size"], ffn_hidden_size=shape["intermediate_size"],
            num_attention_heads=HEADS, kv_lora_rank=LATENT, q_lora_rank=None, qk_head_dim=NOPE, qk_pos_emb_head_dim=ROPE,
            v_head_dim=VALUE, num_moe_experts=shape["n_routed_experts"], moe_router_topk=shape["num_experts_per_tok"],
            moe_ffn_hidden_size=shape["moe_intermediate_size"], moe_layer_freq=[0] + [1] * (layers - 1),
            moe_shared_expert_intermediate_size=SHARED * shape["moe_intermediate_size"], vocab_size=shape["vocab_size"],
            max_position_embeddings=4096, seq_length=128),
        train=dict(train_iters=3, global_batch_size=2, micro_batch_size=2),
        validation=dict(eval_iters=0),
        scheduler=dict(lr_warmup_iters=1),
        mixed_precision=dict(bf16=True),
        peft=dict(peft_scheme=scheme, dim=8, alpha=16, dropout=0.1,
                  target_modules=["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"]),
        dataset=dict(kind="mock"),
        checkpoint=dict(pretrained_checkpoint=str(base), save_interval=3))
    return write_launch_config(folder, values)


def write_launch_config(folder, values):
    """A run of that name in that folder."""
    values["recipe"] = {**values.get("recipe", {}), "name": "run", "dir": str(folder)}
    path = folder / "run.json"
    path.write_text(json.dumps(values))
    return path


def memory_of(trainer, path, threads=1):
    """What was announced and what was taken, in bytes."""
    with open(path.parent / "errors", "w+", encoding="utf-8") as log:
        process = subprocess.Popen([trainer, "train", path, "--no-resume", "--threads", str(threads)], stderr=log, stdout=subprocess.DEVNULL)
        # The system's maximum for a child counts this program before the child replaced it; /proc counts the child alone.
        peak = 0
        while process.poll() is None:
            try:
                found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
                peak = max(peak, int(found.group(1)) if found else 0)
            except OSError:
                pass
            time.sleep(0.02)
        log.seek(0)
        errors = log.read()
    assert process.returncode == 0, errors
    number, unit = re.search(r"memory: ([0-9.]+) (MiB|GiB)", errors).groups()
    return float(number) * (1 << 20 if unit == "MiB" else 1 << 30), peak * 1024


def main():
    trainer = os.path.abspath(sys.argv[1])
    worst = 0
    print("base            scheme  weights  announced     peak  ratio")
    with tempfile.TemporaryDirectory() as temporary:
        for name, shape in SHAPES.items():
            folder = pathlib.Path(temporary) / name.replace(" ", "-")
            folder.mkdir()
            weights = write_base(folder / "base", base_config(shape), shards=3 if name == "two layers" else 1)
            for scheme in ["lora", "dora"]:
                announced, peak = memory_of(trainer, launch_config(folder, folder / "base", shape, scheme))
                worst = max(worst, peak / announced)
                print(f"{name:14}  {scheme:6} {weights / 2**20:8.0f} {announced / 2**20:10.0f} {peak / 2**20:8.0f} "
                      f"{peak / announced:6.2f}", flush=True)
            subprocess.run(["rm", "-r", folder / "base"], check=True)
    sys.exit(worst > 1.3)


if __name__ == "__main__":
    main()
