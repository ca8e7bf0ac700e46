"""Writes Tests/Fixtures/bridge/cases.jsonl: dumps of Megatron-Bridge 0.3.1 with the verdict of the real start-up.

Cases of the agreement fixture are drawn with a seed, made containers of the real classes, written by the real
`ConfigContainer.to_yaml`, and read and started from that file (`bridge_export_check.check` with the whole start-up). A dump
is kept as what differs from its base's (base_*.yaml): `[first line, lines taken out, [lines put in]]`, lines from 0.

    python bridge_cases.py [--seed S] [--count N] [--output FILE]
"""

import argparse
import difflib
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import phases  # noqa: F401  First: it installs the stand-ins.
import base_configs
import bridge_export_check
import bridge_mapping

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures"
# A set does not load at all; without it the rest of an adapter's dump can be judged.
SET_LINE = "  params_to_save: !!set {}\n"


def dump(config, path):
    """The lines of the real `to_yaml`, without the line that never loads."""
    bridge_mapping.container(config).to_yaml(str(path))
    text = path.read_text().replace(SET_LINE, "")
    path.write_text(text)
    return text.splitlines(keepends=True)


def edits(base, lines):
    matcher = difflib.SequenceMatcher(None, base, lines, autojunk=False)
    return [[i1, i2 - i1, lines[j1:j2]] for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20260)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--output", type=Path, default=FIXTURES / "bridge" / "cases.jsonl")
    options = parser.parse_args()
    os.getcwd = lambda: "/workspace"
    bases = base_configs.load()
    cases = [json.loads(line) for line in (FIXTURES / "agreement" / "cases.jsonl").open()]
    # What is set outside the container cannot be in its file.
    cases = [case for case in cases if not any(path.startswith("env_vars") for path in case["set"])]
    random.Random(options.seed).shuffle(cases)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        base_lines = {name: dump(config, path) for name, config in bases.items()}
        for case in cases:
            if len(found) == options.count:
                break
            config = base_configs.changed(bases[case["base"]], case["set"])
            try:
                lines = dump(config, path)
            except Exception:  # noqa: BLE001  The classes refuse the values themselves: there is no dump.
                continue
            cluster = config["cluster"]
            world = cluster["num_nodes"] * cluster["gpus_per_node"]
            answer = bridge_export_check.check(str(path), world, config["recipe"]["mode"], True)
            if "NVIDIA driver" in answer.get("error", ""):
                continue  # a check that nothing here stands in for
            found.append({
                "id": case["id"], "base": case["base"], "num_nodes": cluster["num_nodes"],
                "gpus_per_node": cluster["gpus_per_node"], "mode": config["recipe"]["mode"],
                "edits": edits(base_lines[case["base"]], lines), "ok": answer["ok"],
                **{key: answer[key] for key in ("phase", "rule", "error") if answer.get(key)},
                **({"hole": case["hole"]} if "hole" in case else {}),
            })
    with options.output.open("w") as out:
        for case in found:
            out.write(json.dumps(case, separators=(",", ":")) + "\n")
    print(len(found), "cases,", sum(case["ok"] for case in found), "accepted")


if __name__ == "__main__":
    sys.exit(main())
