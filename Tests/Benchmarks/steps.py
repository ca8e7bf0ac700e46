"""Time of a training step, of one or several builds in turn.

    swift build -c release
    python Tests/Benchmarks/steps.py .build/release [another build's .build/release ...] [--rounds 4] [--threads 2]
        [--rows mini,tiny-bf16,...]

Needs numpy. Models and optimizers are engine-benchmark's; the LoRA rows are `moonlight-trainer train` with adapters on a bf16
base of mini's sizes. A build's step is the median of a turn; printed are the median and the least of all turns, in time that passed,
the least processor time where engine-benchmark says it, the peak memory, and how often the first build's speed that is. Two cores
that share no cache, or work beside it, make steps of two threads slower by up to two times, for minutes or for seconds. So the
median's speed is the median of the rounds' own. Every second round runs the builds in reverse order: ask for an even number.
Rows in bf16 are left out where the processor has no AVX512-BF16.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile

from adapter_memory import memory_of, write_launch_config
from generation import MINI
from random_base import write_base

# engine-benchmark's arguments: model, optimizer, steps, further ones.
ROWS = {
    "mini-bf16": ("mini", "adam", 12, "bf16"),
    "mini": ("mini", "adam", 12),
    "mini-muon": ("mini", "muon", 6),
    "mini-muon-bf16": ("mini", "muon", 6, "bf16"),
    "tiny": ("tiny", "adam", 300),
    "tiny-bf16": ("tiny", "adam", 300, "bf16"),
}
# Rank and modules: those of the shipped recipe, and few ranks on everything.
ATTENTION = ["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"]
LORA_ROWS = {"lora-bf16": (32, ATTENTION), "lora-experts-bf16": (8, ATTENTION + ["linear_fc1", "linear_fc2"])}
LORA_STEPS = 12


def has_bf16_products():
    return "avx512_bf16" in pathlib.Path("/proc/cpuinfo").read_text()


def lora_config(folder, base, rank, modules):
    layers = MINI["num_hidden_layers"]
    return write_launch_config(folder, dict(
        extends="moonlight_tiny_pretrain_config",
        recipe=dict(mode="peft"),
        model=dict(
            num_layers=layers, hidden_size=MINI["hidden_size"], ffn_hidden_size=MINI["intermediate_size"],
            num_attention_heads=MINI["num_attention_heads"], kv_lora_rank=MINI["kv_lora_rank"], q_lora_rank=None,
            qk_head_dim=MINI["qk_nope_head_dim"], qk_pos_emb_head_dim=MINI["qk_rope_head_dim"],
            v_head_dim=MINI["v_head_dim"], num_moe_experts=MINI["n_routed_experts"],
            moe_router_topk=MINI["num_experts_per_tok"], moe_ffn_hidden_size=MINI["moe_intermediate_size"],
            moe_layer_freq=[0] + [1] * (layers - 1),
            moe_shared_expert_intermediate_size=MINI["n_shared_experts"] * MINI["moe_intermediate_size"],
            vocab_size=MINI["vocab_size"], max_position_embeddings=8192, seq_length=256),
        train=dict(train_iters=LORA_STEPS, global_batch_size=4, micro_batch_size=4),
        validation=dict(eval_iters=0),
        scheduler=dict(lr_warmup_iters=1),
        mixed_precision=dict(bf16=True),
        peft=dict(peft_scheme="lora", dim=rank, alpha=rank, dropout=0.0, target_modules=modules),
        dataset=dict(kind="mock"),
        checkpoint=dict(pretrained_checkpoint=str(base), save_interval=LORA_STEPS)))


def lora_step(build, path, threads):
    _, peak = memory_of(build / "moonlight-trainer", path, threads)
    lines = (path.parent / "run" / "metrics.jsonl").read_text().splitlines()
    times = [json.loads(line)["seconds"] for line in lines]
    return statistics.median(times[2:]) * 1000, None, peak / 2**20


def engine_step(build, row, threads):
    model, optimizer, steps, *others = ROWS[row]
    command = [build / "engine-benchmark", model, optimizer, str(steps), str(threads), *others]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    median, processor, peak = re.search(r"median ([0-9.]+) ms.*processor ([0-9.]+) ms.*peak (\d+) MiB", text).groups()
    return float(median), float(processor), float(peak)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="+", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", default=",".join([*ROWS, *LORA_ROWS]))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        print(f"{arguments.threads} threads, ms a step: median and least of {arguments.rounds} turns, processor; MiB; speed")
        for row in arguments.rows.split(","):
            if row.endswith("bf16") and not has_bf16_products():
                print(f"{row}: left out, this processor has no AVX512-BF16")
                continue
            if row in LORA_ROWS:
                base = folder / "base"
                if not base.exists():
                    write_base(base, MINI)
                path = lora_config(folder, base, *LORA_ROWS[row])
            turns = [[] for _ in arguments.builds]
            for index in range(arguments.rounds):
                for place, build in list(enumerate(arguments.builds))[::1 if index % 2 == 0 else -1]:
                    turns[place].append(lora_step(build, path, arguments.threads) if row in LORA_ROWS
                                        else engine_step(build, row, arguments.threads))
            first_steps, first_least = None, None
            for build, results in zip(arguments.builds, turns):
                steps, processors, peaks = zip(*results)
                least = [min(steps)] + ([min(processors)] if processors[0] else [])
                first_steps, first_least = first_steps or steps, first_least or least
                speeds = [statistics.median(old / new for old, new in zip(first_steps, steps))]
                speeds += [old / new for old, new in zip(first_least, least)]
                print(f"{row:17} " + " ".join(f"{figure:8.2f}" for figure in [statistics.median(steps), *least])
                      + f"  {max(peaks):5.0f}  " + " ".join(f"{speed:.2f}" for speed in speeds) + f"  {build}", flush=True)


if __name__ == "__main__":
    main()
