"""Writes Tests/Fixtures/agreement/cases.jsonl: launch configs, and what the real Megatron start-up says of each.

    python megatron_agreement.py                                      the fixture: the table, random cases of both
    generators, and what a sweep over all fields finds refused
    python megatron_agreement.py --check                              runs the fixture's cases again and compares
    python megatron_agreement.py --generator fields --seed 7 --count 5000 --out FILE    other cases, elsewhere, for
    the installed release
    python megatron_agreement.py --full N                             N random cases at full depth,
    against the fixture's way
    python megatron_agreement.py --predictions                        the verdicts against those that the table expects

A line: {"id", "base", "set": {dotted path: value}, "verdict": "accept"|"refuse", "phase", "error", "rule", "derived"}.
`derived` is there for accepted cases: see README.md. The Swift tests compare other cases than the fixture's with
MOONLIGHT_AGREEMENT_CASES=FILE, of another release than 0.3.1 with MOONLIGHT_AGREEMENT_RELEASE=RELEASE beside it.
"""

import argparse
import itertools
import json
import random
import sys
import time
from pathlib import Path

import base_configs
import field_cases
import phases
import random_cases
import rules
import spelling
import table
from megatron.core import utils as core_utils
import table_settings  # noqa: F401  Its import adds its cases, and those of table_training, to the table.

FIXTURES = base_configs.FIXTURES
SEED, COUNT = 20251123, 2400
FIELDS_SEED, FIELDS_COUNT = 2, 800
# What the stand-ins cannot decide under the newer releases, by a part of the refusal.
UNDECIDED = {
    "'Group' object is not iterable": "torch's FSDP2 makes a device mesh of real groups",
    "device(): argument 'index'": "NCCL's user buffers are made on a GPU",
    "'NoneType' object has no attribute 'rank'": "Megatron-FSDP makes a device mesh of real groups",
    "cannot unpack non-iterable fused_topk": "a fused routing that nothing here stands in for",
    "'comet_ml' package is not installed": "a logger's package that is not installed here",
    "wget library": "a tokenizer's package that is not installed here",
    "NVIDIA driver": "a check that nothing here stands in for",
    "'_Gives' object has no attribute": "a layer that nothing here stands in for",
    "Attempted to pop NVTX range": "a step that the profiler's ranges see end in its middle",
}


def verdict(config, full_depth=False):
    """What the real code says of one config: the case's fields after `set`."""
    start = phases.Start(config, full_depth=full_depth)
    try:
        start.run()
    except Exception as error:  # noqa: BLE001  Whatever is raised is the refusal.
        line, rule = rules.describe(error, start.phase)
        model = config["model"]
        if rule == "MOE-11" and model["moe_router_topk"] > model["num_moe_experts"]:
            rule = "MOE-06"  # both fail in the same torch.topk
        return {"verdict": "refuse", "phase": start.phase, "error": line[:160], "rule": rule}
    return {"verdict": "accept", "derived": start.derived}


def hole(config):
    """The rule by which an accepted config has no meaning, where Megatron does not look; a validator may refuse it."""
    parallelism = config["parallelism"]
    first, last = (parallelism[f"num_layers_in_{end}_pipeline_stage"] for end in ("first", "last"))
    if parallelism["pipeline_model_parallel_layout"] is None and (first is not None or last is not None):
        given = [n for n in (first, last) if n is not None]
        if sum(given) > config["model"]["num_layers"] or len(given) > parallelism["pipeline_model_parallel_size"]:
            return "PIPE-08"
    if (config.get("peft") or {}).get("dropout", 0) < 0:
        return "PEFT-05"
    freq = config["model"].get("moe_layer_freq")
    if isinstance(freq, int) and freq < 0:
        return "MOE-04"
    if config["model"].get("moe_latent_size") and config["model"].get("moe_shared_expert_overlap"):
        return "NEW-MOE-10"  # the layer's forward pass refuses it while training, later than the checks here reach
    if config["model"].get("qk_pos_emb_head_dim") == 1:
        return "MLA-12"  # a pair needs two: YaRN's table is empty, and nothing is rotated
    return None


GENERATORS = {
    "table": lambda *_: [(rule, base, overrides) for rule, _, base, overrides in table.CASES],
    "random": lambda seed, count: [("random", *case) for case in random_cases.generate(seed, count)],
    "fields": lambda seed, count: [("fields", *case) for case in field_cases.generate(seed, count)],
    "sweep": lambda *_: [("sweep", *case) for case in field_cases.sweep()],
}


def all_cases(seed, count, *generators):
    """(id, base, overrides), without doubles."""
    seen = set()
    numbers = {}
    entries = [entry for name in generators for entry in GENERATORS[name](seed, count)]
    for rule, base, overrides in entries:
        key = (base, json.dumps(overrides, sort_keys=True))
        if key in seen:
            continue
        seen.add(key)
        numbers[rule] = numbers.get(rule, 0) + 1
        yield f"{rule}/{numbers[rule]}", base, overrides


def line(record):
    return json.dumps(record, separators=(",", ":"), ensure_ascii=True)


def record(config):
    """The verdict on a config, as a case holds it; `left_out` where it cannot be had."""
    try:
        phases.bridge_mapping.container(config)
    except phases.bridge_mapping.MappingError as error:
        return {"left_out": str(error)}  # a field of another class of the same section
    except Exception:  # noqa: BLE001  A class that refuses its arguments: that is a verdict.
        pass
    result = json.loads(line(verdict(config)))
    if hasattr(core_utils, "configure_nvtx_profiling"):  # of the process, and so of the cases behind it
        core_utils.configure_nvtx_profiling(False)
        core_utils._nvtx_range_messages.clear()
    for text, why in UNDECIDED.items():
        if text in result.get("error", ""):
            return {"left_out": why}
    if result["verdict"] == "accept" and (why := hole(config)):
        result["hole"] = why
    return result


def write(path, cases, keeps_accepted_sweep):
    bases = {name: spelling.base(config) for name, config in base_configs.load().items()}
    counts = {"accept": 0, "refuse": 0}
    unknown = 0
    with open(path, "w") as out:
        for name, base, overrides in cases:
            try:
                overrides = spelling.case(overrides)
            except spelling.NoCounterpart:
                continue
            result = record(base_configs.changed(bases[base], overrides))
            if "left_out" in result:
                continue
            if name.startswith("sweep") and result["verdict"] == "accept" and not keeps_accepted_sweep:
                continue
            counts[result["verdict"]] += 1
            unknown += result["verdict"] == "refuse" and result["rule"] is None
            out.write(line({"id": name, "base": base, "set": overrides} | result) + "\n")
            out.flush()
    print(f"{counts['accept']} accepted, {counts['refuse']} refused, {unknown} without a rule id")


def check(seed):
    """Runs the fixture again in another order: no case may depend on those before it."""
    bases = base_configs.load()
    wrong = 0
    lines = open(FIXTURES / "cases.jsonl").readlines()
    random.Random(seed).shuffle(lines)
    for text in lines:
        record = json.loads(text)
        result = verdict(base_configs.changed(bases[record["base"]], record["set"]))
        if any(json.loads(line(result)).get(key) != record.get(key) for key in ("verdict", "phase", "rule", "derived")):
            wrong += 1
            print(record["id"], record["verdict"], record.get("phase"), "->", line(result)[:300])
    print(f"{wrong} cases differ")
    return wrong


def full(seed, count):
    """The fixture's way builds one layer of each kind; this builds all of them and compares."""
    bases = base_configs.load()
    wrong = 0
    for name, base, overrides in all_cases(seed, count, "random", "fields"):
        config = base_configs.changed(bases[base], overrides)
        short, long = verdict(config), verdict(config, full_depth=True)
        if line(short) != line(long):
            wrong += 1
            print(name, line(overrides), "\n ", line(short)[:200], "\n ", line(long)[:200])
    print(f"{wrong} differ at full depth")
    return wrong


def predictions():
    bases = base_configs.load()
    wrong = 0
    for rule, predicted, base, overrides in table.CASES:
        result = verdict(base_configs.changed(bases[base], overrides))
        if predicted is not None and result["verdict"] != predicted:
            wrong += 1
            print(rule, "predicted", predicted, base, line(overrides), "\n ", line(result)[:200])
    print(f"{wrong} of {len(table.CASES)} predictions wrong")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--predictions", action="store_true")
    parser.add_argument("--generator", choices=GENERATORS, help="one alone")
    parser.add_argument("--out", type=Path, default=FIXTURES / "cases.jsonl")
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every N-th case, from the I-th")
    parser.add_argument("--full", type=int, metavar="N")
    options = parser.parse_args()
    began = time.time()
    if options.check:
        wrong = check(options.seed)
    elif options.predictions:
        wrong = predictions()
    elif options.full is not None:
        wrong = full(options.seed, options.full)
    else:
        if options.generator:
            cases = all_cases(options.seed, options.count, options.generator)
        else:
            cases = itertools.chain(all_cases(options.seed, options.count, "table", "random"),
                                    all_cases(FIELDS_SEED, FIELDS_COUNT, "fields", "sweep"))
        part, parts = map(int, options.part.split("/"))
        cases = itertools.islice(cases, part - 1, None, parts)
        wrong = write(options.out, cases, keeps_accepted_sweep=options.generator is not None)
    print(f"{time.time() - began:.0f} s", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
