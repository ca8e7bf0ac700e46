"""Dumps of the release's own recipes with a slip in them: diagnosed at its place, and after --fix still read by the release.

    swift build --product moonlight
    python edited_dumps.py --moonlight ../../.build/debug/moonlight [--count 20] [--seed 1]

Each dump of Fixtures/recipes/RELEASE gets slips one by one, `--count` of them, drawn from the kinds below at a field drawn
at random. `moonlight validate` has to say something at the line of each that the real `ConfigContainer.from_yaml` (strict)
refuses. `validate --fix` may leave a file as it is; but what the release read before it has to read after, with the same
values unless an error stood there, and where no error is left, it reads the file. --fix changes nothing in a dump as it is,
and nothing the second time. The line that no release reads back, `params_to_save: !!set {}`, is left out.
"""

import argparse
import collections
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import bridge_export_check  # noqa: F401  First: it installs the stand-ins.
import container_values
import releases
from fake_distributed import World
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode
from migrated_dumps import SET_LINE

RELEASE = releases.installed().megatron_bridge
FOLDER = Path(__file__).resolve().parent.parent / "Fixtures" / "recipes" / RELEASE
FIELD = re.compile(r"^(  )([a-z]\w+): (\S.*)$")
SECTION = re.compile(r"^([a-z]\w+):$")


def swapped(generator, name):
    """Two letters beside each other that differ, the other way round."""
    places = [index for index in range(1, len(name) - 1) if name[index] != name[index + 1] and "_" not in name[index:index + 2]]
    index = generator.choice(places or [0])
    return name[:index] + name[index + 1] + name[index] + name[index + 2:]


def doubled(generator, name):
    index = generator.randrange(1, len(name))
    return name[:index] + name[index - 1] + name[index:]


# A kind: which lines it is for, and what becomes of one.
KINDS = {
    "two letters swapped": (FIELD, lambda g, m: f"  {swapped(g, m[2])}: {m[3]}"),
    "a letter twice": (FIELD, lambda g, m: f"  {doubled(g, m[2])}: {m[3]}"),
    "a hyphen in a name": (re.compile(r"^(  )(\w+_\w+): (\S.*)$"), lambda g, m: f"  {m[2].replace('_', '-')}: {m[3]}"),
    "a section's name": (SECTION, lambda g, m: swapped(g, m[1]) + ":"),
    "a quoted number": (re.compile(r"^(  )([a-z]\w+): (\d+)$"), lambda g, m: f"  {m[2]}: '{m[3]}'"),
    "an exponent without a point": (re.compile(r"^(  )(lr|min_lr|init_method_std|adam_eps|moe_aux_loss_coeff|layernorm_epsilon): \S+$"),
                                    lambda g, m: f"  {m[2]}: 3e-4"),
    "a quoted truth": (re.compile(r"^(  )([a-z]\w+): (true|false)$"), lambda g, m: f"  {m[2]}: '{m[3]}'"),
    "a class": (re.compile(r"^(  )(_target_): (megatron\S+)$"), lambda g, m: f"  _target_: {m[3][:-2]}{m[3][-1]}"),
    "a word": (re.compile(r"^(  )([a-z]\w+): ([a-z]{4,}(?:_[a-z]+)*)$"), lambda g, m: f"  {m[2]}: {doubled(g, m[3])}"),
    "a tab behind the colon": (FIELD, lambda g, m: f"  {m[2]}:\t{m[3]}"),
    "no blank behind the colon": (FIELD, lambda g, m: f"  {m[2]}:{m[3]}"),
    "a blank too many": (FIELD, lambda g, m: f"   {m[2]}: {m[3]}"),
    "a negative size": (re.compile(r"^(  )(\w+_size|num_\w+|\w+_iters): (\d+)$"), lambda g, m: f"  {m[2]}: -{m[3]}"),
    "a line twice": (FIELD, lambda g, m: f"  {m[2]}: {m[3]}\n  {m[2]}: {m[3]}"),
}


def loaded(path):
    """Every value as the release loads it; None with the reason where it does not."""
    World.enter(16)
    try:
        container = ConfigContainer.from_yaml(str(path), mode=InstantiationMode.STRICT)
        return container_values.of_container(container), None
    except Exception as error:  # noqa: BLE001  Whatever is raised is the answer.
        return None, f"{type(error).__name__}: {error}".splitlines()[0][:160]


def findings(moonlight, path):
    done = subprocess.run([moonlight, "validate", "--format", "json", "--megatron-bridge", RELEASE, path], capture_output=True, text=True)
    return [item for file in json.loads(done.stdout) for item in file["diagnostics"] if item["severity"] != "note"]


def fix(moonlight, path):
    subprocess.run([moonlight, "validate", "--fix", "--quiet", "--megatron-bridge", RELEASE, path], capture_output=True, text=True)
    return path.read_text()


def lines_of(item):
    places = [item.get("range")] + [related.get("range") for related in item["related"]]
    return {line for place in places if place for line in range(place["start"]["line"], place["end"]["line"] + 1)}


def judged(moonlight, path, text, number, line, base, known):
    """What is wrong with how an edited dump was taken, and what became of it."""
    lines = text.splitlines()
    lines[number] = line
    path.write_text("\n".join(lines) + "\n")
    before, reason = loaded(path)
    found = findings(moonlight, path)
    new = [item for item in found if (item["code"], item["path"], item["message"]) not in known]
    # A line that stands twice is diagnosed at either.
    places = set(range(number + 1, number + 2 + line.count("\n")))
    said = [item for item in new if lines_of(item) & places]
    if before is None and not said:
        return f"nothing at its line: the release says {reason}; ours {[item['message'][:90] for item in new][:3]}", "missed"
    fixed = fix(moonlight, path)
    after, reason_after = loaded(path)
    left = findings(moonlight, path)
    if before is not None and after is None:
        return f"--fix broke it: {reason_after}", "broken"
    if after not in (None, before, base) and before is not None and not any(item["severity"] == "error" for item in said):
        return "--fix changed what it means", "changed"
    if after is None and not any(item["severity"] == "error" for item in left):
        return f"no error is left, and the release does not read it: {reason_after}", "not an error"
    if fix(moonlight, path) != fixed:
        return "--fix changes it again", "unstable"
    if after is None:
        return None, "diagnosed and left"
    if after == base:
        return None, "mended" if before != base else "the same to the release"
    if after != before:
        return None, "mended as it was written"
    return None, "another value, diagnosed" if said else "another value, taken by both"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("--count", type=int, default=20, help="slips of each dump")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, problems = collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted(FOLDER.glob("*.yaml")):
            text = source.read_text().replace(SET_LINE, "")
            path = Path(folder) / source.name
            path.write_text(text)
            base, reason = loaded(path)
            if base is None:
                counts["dumps that the release does not read itself"] += 1
                continue
            counts["dumps"] += 1
            known = {(item["code"], item["path"], item["message"]) for item in findings(options.moonlight, path)}
            if fix(options.moonlight, path) != text:
                problems.append(f"{source.name}: --fix changes it as it is")
            generator = random.Random(f"{options.seed} {source.name}")
            lines = text.splitlines()
            kinds = list(KINDS)
            for index in range(options.count):
                kind = kinds[(index + options.seed) % len(kinds)]
                pattern, change = KINDS[kind]
                number = generator.choice([place for place, line in enumerate(lines) if pattern.match(line)])
                line = change(generator, pattern.match(lines[number]))
                if line == lines[number]:
                    continue
                problem, verdict = judged(options.moonlight, path, text, number, line, base, known)
                counts[verdict] += 1
                if problem:
                    problems.append(f"{source.name}:{number + 1}: {kind}: {line.strip()!r}: {problem}")
    print(json.dumps(counts, indent=2))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
