"""Writes Tests/Fixtures/agreement/RELEASE/: what the installed release says of the recorded cases, and of cases of its own.

    python release_agreement.py [--mixed N --seed S] [--part I/N --out FILE]

The cases of Fixtures/agreement/cases.jsonl (recorded with 0.3.1) are spelled for the release (spelling.py) and started
under it. A line of the release's cases.jsonl is what differs from the recorded case of the same id:

    {"id", "left_out": why}                  the release cannot be asked: it has no such field, or it cannot be decided here
    {"id", "set", ...}                       the fields have other names there
    {"id", "verdict", "phase", ...}          another verdict, or a refusal elsewhere: as in a recorded case
    {"id", "derived": {...}}                 accepted in both: the derived values that differ

A case that is not named is as recorded. Lines with a "base" are whole cases that the recorded ones lack: those of
new_field_cases.py, and N of them mixed. base_*.json are the bases for the release. With --part and --out a share of the
lines goes to a file; the fixture is all of them, in order.
"""

import argparse
import itertools
import json
import sys
import time

import megatron_agreement  # First: it installs the stand-ins.
import base_configs
import new_field_cases
import spelling
import stand_ins
from megatron_agreement import line, record

RECORDED = base_configs.FIXTURES / "cases.jsonl"
FIXTURES = base_configs.FIXTURES / stand_ins.RELEASE.megatron_bridge
SEED = 20261129


def difference(recorded, overrides, result):
    """What a release's line says beyond the recorded one's; None where it is the same."""
    changes = {}
    if "left_out" in result:
        return {"id": recorded["id"]} | result
    if overrides != recorded["set"]:
        changes["set"] = overrides
    if result["verdict"] != recorded["verdict"]:
        changes |= result
    elif result["verdict"] == "accept":
        derived = {name: value for name, value in result["derived"].items() if recorded["derived"].get(name) != value}
        derived |= {name: None for name in recorded["derived"] if name not in result["derived"]}
        changes |= {"derived": derived} if derived else {}
    elif (result["phase"], result["rule"]) != (recorded["phase"], recorded["rule"]):
        changes |= result
    return {"id": recorded["id"]} | changes if changes else None


def recorded_lines(bases):
    for text in RECORDED.open():
        recorded = json.loads(text)
        try:
            overrides = spelling.case(recorded["set"])
        except spelling.NoCounterpart as path:
            yield lambda recorded=recorded, path=path: {"id": recorded["id"], "left_out": f"no field {path}"}
            continue
        config = base_configs.changed(bases[recorded["base"]], overrides)
        yield lambda recorded=recorded, overrides=overrides, config=config: difference(recorded, overrides, record(config))


def new_lines(bases, seed, count):
    numbers = {}
    mixed = (("mixed", base, overrides) for base, overrides in new_field_cases.generate(seed, count))
    for rule, base, overrides in itertools.chain(new_field_cases.table(), mixed):
        numbers[rule] = numbers.get(rule, 0) + 1
        if not all(spelling.known(path) for path in overrides):
            continue
        name, config = f"{rule}/new-{numbers[rule]}", base_configs.changed(bases[base], overrides)

        def whole(name=name, base=base, overrides=overrides, config=config):
            result = record(config)
            return None if "left_out" in result else {"id": name, "base": base, "set": overrides} | result

        yield whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--mixed", type=int, default=0, metavar="N", help="cases of several new settings together")
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every N-th case, from the I-th")
    parser.add_argument("--out", help="a file instead of the fixture")
    options = parser.parse_args()
    bases = {name: spelling.base(config) for name, config in base_configs.load().items()}
    part, parts = map(int, options.part.split("/"))
    cases = itertools.islice(itertools.chain(recorded_lines(bases), new_lines(bases, options.seed, options.mixed)), part - 1, None, parts)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, config in bases.items():
        (FIXTURES / f"base_{name}.json").write_text(json.dumps(config, indent=2) + "\n")
    began, counts = time.time(), {}
    with open(options.out or FIXTURES / "cases.jsonl", "w") as out:
        for case in cases:
            found = case()
            kind = "as recorded" if found is None else "whole" if "base" in found else "left out" if "left_out" in found else "different"
            counts[kind] = counts.get(kind, 0) + 1
            if found is not None:
                out.write(line(found) + "\n")
    print(counts)
    print(f"{time.time() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
