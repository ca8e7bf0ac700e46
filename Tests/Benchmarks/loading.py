"""How long a sharded bf16 model of 4 GB takes to load, by two builds in turn, and what checksums and memory cost.

    python Tests/Benchmarks/loading.py .build/release/moonlight-trainer OTHER [--rounds 9] [--folder DIR]

Needs numpy and google-crc32c; OTHER is the program that this one must not be slower than. Each round asks both to generate
one token, from a warm page cache, and this one once more with a list of checksums beside the weights. Printed are seconds and
processor seconds, the fastest and the median of all rounds, and the ratios, which say less the busier the machine is:
within 1.05 of the other for the first, of itself without a list for the second. Last come what a LoRA run on it announces and
takes in memory.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import google_crc32c

from adapter_memory import base_config, launch_config, memory_of
from random_base import write_base

SHAPE = dict(vocab_size=32768, hidden_size=1024, intermediate_size=4096, moe_intermediate_size=512, num_hidden_layers=14,
             n_routed_experts=96, num_experts_per_tok=4)
TITLE = "CRC-32C, bytes and name of each file; the last line is the CRC-32C of those above\n"


def checksum(path):
    sum, count = 0, 0
    with open(path, "rb") as file:
        while piece := file.read(1 << 22):
            sum, count = google_crc32c.extend(sum, piece), count + len(piece)
    return sum, count


def write_checksums(folder):
    text = TITLE
    for path in sorted(folder.iterdir()):
        sum, count = checksum(path)
        text += f"{sum:08x} {count} {path.name}\n"
    (folder / "checksums.txt").write_text(text + f"{google_crc32c.value(text.encode()):08x}\n")


def load(program, folder):
    begin = time.perf_counter()
    process = subprocess.Popen(
        [program, "generate", folder, "--prompt", "a", "--max-tokens", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, errors.decode()
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def measure(programs, base, rounds):
    """Seconds and processor seconds of each, the first round, which warms the cache, left out."""
    times = {name: [] for name in programs}
    for round in range(rounds + 1):
        # Each goes first as often as the others: what a process leaves behind in memory serves the next one.
        turn = round % len(programs)
        for name, program in [*programs.items()][turn:] + [*programs.items()][:turn]:
            checksums = base / "checksums.txt"
            hidden = base.parent / "checksums.txt"
            if name == "with checksums":
                hidden.rename(checksums)
            times[name].append(load(program, base))
            if name == "with checksums":
                checksums.rename(hidden)
    return {name: taken[1:] for name, taken in times.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("other")
    parser.add_argument("--rounds", type=int, default=9, help="a multiple of three gives every program every turn")
    parser.add_argument("--folder", help="where the model is made, or lies already")
    options = parser.parse_args()
    program, other = os.path.abspath(options.program), os.path.abspath(options.other)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.folder or temporary).resolve()
        folder.mkdir(exist_ok=True)
        base = folder / "base"
        if not base.exists():
            write_base(base, base_config(SHAPE), shards=5)
            write_checksums(base)
            (base / "checksums.txt").rename(folder / "checksums.txt")
        size = sum(path.stat().st_size for path in base.iterdir())
        print(f"{size / 1e9:.2f} GB in {len(list(base.glob('*.safetensors')))} shards, {options.rounds} rounds")
        times = measure({"other": other, "this": program, "with checksums": program}, base, options.rounds)
        print("                 fastest   median  processor: fastest   median")
        for name, taken in times.items():
            wall, processor = zip(*taken)
            print(f"{name:14} {min(wall):9.2f} {statistics.median(wall):8.2f} {min(processor):19.2f} {statistics.median(processor):8.2f}")
        worst = 0
        for name, against in [("this", "other"), ("with checksums", "this")]:
            ratios = [f(t[kind] for t in times[name]) / f(t[kind] for t in times[against])
                      for kind in (0, 1) for f in (min, statistics.median)]
            print(f"{name} / {against}: " + ", ".join(f"{ratio:.3f}" for ratio in ratios))
            worst = max(worst, ratios[2])
        announced, peak = memory_of(program, launch_config(folder, base, SHAPE, "lora"))
        print(f"LoRA on it: announced {announced / 2**20:.0f} MiB, peak {peak / 2**20:.0f} MiB, {peak / announced:.2f}")
    sys.exit(worst > 1.05)


if __name__ == "__main__":
    main()
