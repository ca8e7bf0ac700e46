"""Tokens a second of `moonlight-trainer generate`, of one or several builds in turn.

    python Tests/Benchmarks/generation.py .build/release/moonlight-trainer [another build ...] [--fp32] [--threads 2]
        [--rounds 5] [--tokens 1000]

Needs numpy. The model is engine-benchmark's mini with random weights. Each program continues a short text by few tokens
and by many; what the many take longer is the time of the tokens between, without the program's start and its reading of
weights. A text of 2,000 tokens continued by one shows what a token of a prompt takes. Printed are for each program the
fastest of all rounds, in time that passed and in processor time, and how often the first program's speed that is. On a busy
machine only the processor time says something, and that with one thread: of two, one waits for the other by spinning.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import time

from random_base import write_base

MINI = dict(
    vocab_size=4096, hidden_size=256, intermediate_size=1408, moe_intermediate_size=176, num_hidden_layers=6,
    num_attention_heads=4, n_shared_experts=2, n_routed_experts=32, num_experts_per_tok=6, kv_lora_rank=128,
    qk_nope_head_dim=64, qk_rope_head_dim=32, v_head_dim=64, max_position_embeddings=8192)
FEW = 20
PROMPT = 2000


def run(program, folder, threads, prompt, tokens):
    """Seconds passed and processor seconds. Greedy, so that all programs give the same tokens."""
    command = [program, "generate", str(folder), "--prompt", prompt, "--max-tokens", str(tokens), "--threads", str(threads)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    passed = time.perf_counter() - start
    assert status == 0, command
    return passed, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--fp32", action="store_true", help="fp32 weights; bf16 if not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=1000)
    arguments = parser.parse_args()
    cases = dict(few=("A short text", FEW), many=("A short text", FEW + arguments.tokens), prompt=("x" * PROMPT, FEW))
    best = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "mini"
        write_base(folder, MINI, bf16=not arguments.fp32)
        for _ in range(arguments.rounds):
            for program in arguments.programs:
                for case, (prompt, tokens) in cases.items():
                    times = run(program, folder, arguments.threads, prompt, tokens)
                    best[program, case] = [min(pair) for pair in zip(times, best.get((program, case), times))]
    first = None
    print(f"{'fp32' if arguments.fp32 else 'bf16'} weights, {arguments.threads} threads, best of {arguments.rounds}")
    print("tokens/s  processor ms a token    prompt tokens/s  processor ms a token    times the first's speed")
    for program in arguments.programs:
        rows = [
            [(slow - fast) / count for slow, fast in zip(best[program, case], best[program, "few"])]
            for case, count in [("many", arguments.tokens), ("prompt", PROMPT)]]
        first = first or rows
        columns = "    ".join(f"{1 / passed:8.0f}  {processor * 1e3:20.4f}" for passed, processor in rows)
        ratios = ", ".join(f"{old / new:.2f}" for row, other in zip(rows, first) for new, old in zip(row, other))
        print(f"{columns}    {ratios}  {program}")


if __name__ == "__main__":
    main()
