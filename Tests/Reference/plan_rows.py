"""Runs rows of `moonlight plan` through the start-up of Megatron-Bridge: every one must be accepted.

    python plan_rows.py --moonlight ../../.build/release/moonlight [--seed 8] [--sample 60] [--jobs 1]

For each plan below: the rows a user sees first, as `--emit` and `moonlight export` write them; and rows drawn from the
first 10,000, as the first one's export with the row's fields. `--record` writes Tests/Fixtures/planning/rows.json: how
many rows ran, how many were accepted, and how many got as far as a GPU's kernel in the first step.
"""

import argparse
import collections
import contextlib
import copy
import io
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import bridge_export_check
import yaml

FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "planning" / "rows.json"
WEIGHTS = ("--set", "checkpoint.pretrained_checkpoint=/weights")
PLANS = [
    ("moonlight_16b_pretrain_config", "pretrain", 16, ()), ("moonlight_16b_pretrain_config", "pretrain", 64, ()),
    ("moonlight_16b_pretrain_config", "pretrain", 1024, ()), ("moonlight_16b_pretrain_muon_config", "pretrain", 64, ()),
    ("moonlight_16b_finetune_config", "peft", 16, WEIGHTS),
]
# Fields of a row that Megatron-Bridge's model section has under the same name.
MODEL = [
    "tensor_model_parallel_size", "pipeline_model_parallel_size", "virtual_pipeline_model_parallel_size",
    "context_parallel_size", "expert_model_parallel_size", "expert_tensor_parallel_size", "sequence_parallel",
    "pipeline_model_parallel_layout", "recompute_granularity", "recompute_modules", "recompute_method",
    "recompute_num_layers",
]
SHOWN = 10


def refusal(path, gpus, mode):
    """Why the real start-up refuses a file; None where it does not."""
    with contextlib.redirect_stdout(io.StringIO()):
        result = bridge_export_check.check(str(path), gpus, mode, whole=True)
    return None if result["ok"] else f"{result['phase']} {result['rule']}: {result['error'][:160]}"


def run(tool, *arguments):
    return subprocess.run(
        [tool, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout


def export(tool, plan, number, folder):
    """The file of one row as a user gets it."""
    emitted, exported = folder / f"row{number}.yaml", folder / f"row{number}.bridge.yaml"
    run(tool, *plan, "--emit", str(number), "-o", str(emitted))
    run(tool, "export", str(emitted), "--to", "megatron-bridge", "-o", str(exported))
    return exported


def of_row(first, row, folder):
    """The first row's file with another row's choice."""
    config = copy.deepcopy(first)
    for name in MODEL:
        if row[name] is None:
            config["model"].pop(name, None)
        else:
            config["model"][name] = row[name]
    config["train"]["micro_batch_size"] = row["micro_batch_size"]
    path = folder / f"sample{row['rank']}.bridge.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def check_plan(tool, recipe, mode, gpus, extra, sample, jobs):
    """[(row's number, refusal or None)]"""
    plan = ["plan", "--recipe", recipe, "--gpus", str(gpus), *extra]
    rows = json.loads(run(tool, *plan, "--top", "10000", "--format", "json"))["rows"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [(row["rank"], export(tool, plan, row["rank"], folder)) for row in rows[:SHOWN]]
        first = yaml.safe_load(paths[0][1].read_text())
        paths += [(row["rank"], of_row(first, row, folder)) for row in sample(rows)]
        with multiprocessing.Pool(jobs, maxtasksperchild=10) as pool:
            reasons = pool.starmap(refusal, [(path, gpus, mode) for _, path in paths], chunksize=1)
        return [(number, reason) for (number, _), reason in zip(paths, reasons)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="rows that start at a time")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    results, wrong = [], 0
    for recipe, mode, gpus, extra in PLANS:
        found = check_plan(options.moonlight, recipe, mode, gpus, extra,
                           lambda rows: rng.sample(rows, min(options.sample, len(rows))), options.jobs)
        reasons = collections.Counter(why for _, why in found if why)
        for why, count in reasons.most_common(5):
            print(recipe, gpus, count, "rows, such as", next(n for n, w in found if w == why), why)
        # What only then asks for a GPU, recomputing modules in the first step, has passed everything that is checked.
        driver = sum(count for why, count in reasons.items() if why.startswith("S ") and "no NVIDIA driver" in why)
        refused = sum(reasons.values()) - driver
        wrong += refused
        results.append({"recipe": recipe, "gpus": gpus, "rows": len(found), "accepted": len(found) - refused - driver,
                        "stopped_for_a_gpu_in_first_step": driver, "refused": refused})
        print(json.dumps(results[-1]), file=sys.stderr)
    if options.record:
        FIXTURE.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
