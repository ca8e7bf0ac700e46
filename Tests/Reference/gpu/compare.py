"""Compares what the machine measured with the one-GPU run, the CPU engine, and our own numbers.

    python compare.py --root /tmp/moonlight-gpu --results results.jsonl [--rows]

- Losses of every layout against the one-GPU run of its family: 1e-3 in fp32, 2e-2 in bf16, and the first loss of the fp32
  run against the CPU engine's: 1e-5, all relative.
- Layers, ranks and parameters of every rank against `stages --ranks` and `estimate`: equal.
- Peak memory of every rank against `estimate`, and step times against its order, for the large model: 5 %, and Kendall's
  tau of at least 0.6 over the layouts on the same number of GPUs.

Prints a line for each check, and with --rows a table of the measurements; status 1 where a check fails.
"""

import argparse
import itertools
import json
import statistics
import sys
from pathlib import Path

TOLERANCE = {"fp32": 1e-3, "bf16": 2e-2}
FIRST_LOSS, MEMORY, TAU = 1e-5, 0.05, 0.6
GIB = 2**30


class Checks:
    def __init__(self):
        self.failed = 0

    def __call__(self, holds, text):
        self.failed += not holds
        print("ok  " if holds else "FAIL", text)


def losses(result):
    return [step["loss"] for step in result["steps"] if "loss" in step]


def largest_difference(ours, theirs):
    """The largest relative difference of two curves, and its step."""
    pairs = [(abs(a - b) / abs(b), step) for step, (a, b) in enumerate(zip(ours, theirs), 1)]
    return max(pairs)


def step_seconds(result):
    """Median of the steps after the first two, which warm up."""
    return statistics.median(step["ms"] for step in result["steps"][2:]) / 1000


def kendall(pairs):
    """Kendall's tau of (estimate, measurement): concordant less discordant pairs, over all."""
    signs = [(a[0] - b[0]) * (a[1] - b[1]) for a, b in itertools.combinations(pairs, 2)]
    return sum((sign > 0) - (sign < 0) for sign in signs) / len(signs)


def placement(check, name, result, expected):
    """What every rank holds, against the stages."""
    stages, estimates = expected["stages"]["stages"], expected["estimate"]["memory"]["ranks"]
    for rank in result["ranks"]:
        mine = [stage for stage in stages if rank["rank"] in stage["ranks"]]
        ours = [list(range(stage["first_layer"] + 1, stage["first_layer"] + stage["num_layers"] + 1)) for stage in
                sorted(mine, key=lambda stage: stage["vp"])]
        check(rank["layers"] == ours, f"{name} rank {rank['rank']}: layers {rank['layers']}, ours {ours}")
        peers = sorted(
            other for stage in stages for other in stage["ranks"]
            if other % len(mine[0]["ranks"]) == rank["rank"] % len(mine[0]["ranks"]))
        check(sorted(rank["groups"]["pp"]) == sorted(set(peers)), f"{name} rank {rank['rank']}: pipeline {rank['groups']['pp']}")
        estimate = next(row for row in estimates if row["pp"] == mine[0]["pp"])
        check(rank["parameters"] == estimate["parameters"],
              f"{name} rank {rank['rank']}: {rank['parameters']} parameters, estimated {estimate['parameters']}")


def memory(check, name, result, expected):
    for rank in result["ranks"]:
        pp = next(stage["pp"] for stage in expected["stages"]["stages"] if rank["rank"] in stage["ranks"])
        estimate = next(row for row in expected["estimate"]["memory"]["ranks"] if row["pp"] == pp)
        # The allocator's own waste is reserved, not allocated.
        ours = estimate["total_bytes"] - estimate["allocator_bytes"]
        part = rank["peak"] / ours - 1
        check(abs(part) <= MEMORY, f"{name} rank {rank['rank']}: peak {rank['peak'] / GIB:.2f} GiB, estimated "
              f"{ours / GIB:.2f} ({part:+.1%}); reserved {rank['reserved'] / GIB:.2f}, estimated {estimate['total_bytes'] / GIB:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--rows", action="store_true")
    options = parser.parse_args()
    results = {}
    for line in options.results.read_text().splitlines():
        result = json.loads(line)
        results[result["run"]] = result
    check, times = Checks(), {}
    for name, result in results.items():
        folder = options.root / "runs" / name
        expected = json.loads((folder / "expected.json").read_text())
        family, format = expected["family"], expected["format"]
        ours = losses(result)
        check(result["status"] == 0 and bool(ours), f"{name}: status {result['status']}, {len(ours)} steps")
        if not ours:
            continue
        if (folder / "reference.jsonl").exists():
            engine = [json.loads(line)["loss"] for line in (folder / "reference.jsonl").read_text().splitlines()]
            bound = expected.get("first_loss", FIRST_LOSS)
            first, (most, step) = abs(ours[0] - engine[0]) / engine[0], largest_difference(ours, engine)
            check(first <= bound, f"{name}: first loss {ours[0]:.6f}, CPU engine {engine[0]:.6f} ({first:.1e})")
            print(f"     {name}: largest difference from the CPU engine {most:.1e} in step {step}")
        base = results.get(f"{family}-{format}-one")
        if family == "tiny" and base and base is not result and losses(base):
            most, step = largest_difference(ours, losses(base))
            check(most <= TOLERANCE[format], f"{name}: losses within {most:.1e} of one GPU's (step {step})")
        if family in ("tiny", "large"):
            placement(check, name, result, expected)
        if family == "large":
            memory(check, name, result, expected)
            times.setdefault(expected["gpus"], []).append(
                (expected["estimate"]["step"]["seconds"], step_seconds(result), expected["case"]))
    for gpus, rows in times.items():
        for estimate, measured, case in sorted(rows, key=lambda row: row[1]):
            print(f"     {case} on {gpus}: {measured:.3f} s a step, estimated {estimate:.3f}")
        if len(rows) > 2:
            tau = kendall([row[:2] for row in rows])
            check(tau >= TAU, f"order of {len(rows)} layouts on {gpus} GPUs: Kendall's tau {tau:.2f}")
    if options.rows:
        print("\n| run | losses, first and last | s a step | peak GiB by rank |\n|---|---|---|---|")
        for name, result in results.items():
            if losses(result):
                peaks = ", ".join(f"{rank['peak'] / GIB:.2f}" for rank in result["ranks"])
                print(f"| {name} | {losses(result)[0]:.4f}, {losses(result)[-1]:.4f} | {step_seconds(result):.3f} | {peaks} |")
    sys.exit(check.failed > 0)


if __name__ == "__main__":
    main()
