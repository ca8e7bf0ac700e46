"""Judges `moonlight migrate` by the real packages: dumps of one release, made ones for another and back.

    python migrated_dumps.py --moonlight ../../.build/debug/moonlight --from-python PYTHON [--from 0.3.1] [--every N]

Started in the environment of the release to migrate to; PYTHON is that of the release that the dumps are of. The dumps are
those of the recipes (Fixtures/recipes) and, of 0.3.1, the cases of Fixtures/bridge with the verdict recorded there.

Of each: the migrated file loads strictly and starts as far as the dump did, every field that both releases have holds the
same value, and the file that is migrated back loads with the values of the dump. What `migrate` refuses to carry over is
counted by its words; a dump that starts must be migrated. Exit status 1 where something is otherwise.

From 0.3.1 to 0.6.2, all 367 dumps: 357 are migrated and load, 184 of the 185 that started start again, no value differs but
a refused `num_workers` of -1 that is mended, and 344 come back with every value they had. The other 13 come back without
what 0.6.2 refuses or its classes lack (`max_position_embeddings` of a model's own class, 5; packing to a size of 0 or less,
3; sequence parallelism that nothing is split for, 3; those workers), or, of 1, with the length of WSD's last phase that
0.6.2 has by itself and 0.3.1 asks for. Of the 10 that are not migrated 9 did not start: batches, experts and replicas that do
not divide. The tenth overlaps experts on a pipeline of one virtual stage, which 0.3.1 starts; 0.6.2 fails with one virtual
stage, and refuses the overlap without.

From 0.5.1 to 0.6.2, all 9 dumps of recipes: 6 load with the same values, and come back with them; the other 3 do not load in
0.5.1 either.
"""

import argparse
import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures"
SET_LINE = "  params_to_save: !!set {}\n"
# Where a field stands in the newer release: the fields of one object may belong to another.
MOVED = {
    "train.eval_interval": "validation.eval_interval", "train.eval_iters": "validation.eval_iters",
    "train.skip_train": "validation.skip_train", "optimizer.muon_use_nesterov": "optimizer.muon_nesterov",
    "dist.lazy_init": "dist.lazy_mpu_init", "dataset.packed_sequence_specs": "dataset.offline_packing_specs",
    "dataset.val_proportion": "dataset.hf_validation_proportion", "dataset.rewrite": "dataset.hf_rewrite",
    "dataset.dataset_name": "dataset.hf_dataset.dataset_name", "dataset.split": "dataset.hf_dataset.split",
    "dataset.dataset_subset": "dataset.hf_dataset.subset", "dataset.hf_kwargs": "dataset.hf_dataset.load_kwargs",
}
# Values that have to be others: the release refuses two numbers for one thing (transformer_config.py:1617 of core 0.19.2).
REFUSED_PAIR = {"model.moe_deepep_num_sms", "model.moe_hybridep_num_sms"}
ETP = "model.expert_tensor_parallel_size"
VIRTUAL = "model.virtual_pipeline_model_parallel_size"


def dumps(release, every):
    """(name, text, world size, mode, whether it starts under its own release; None where nobody knows)."""
    found = []
    for path in sorted((FIXTURES / "recipes" / release).glob("*.yaml")):
        text = path.read_text().replace(SET_LINE, "")
        mode = "peft" if "_peft_" in path.name else "sft" if "_sft_" in path.name else "pretrain"
        found.append((path.name, text, None, mode, None))
    if release == "0.3.1":
        folder = FIXTURES / "bridge"
        bases = {}
        for line in (folder / "cases.jsonl").open():
            case = json.loads(line)
            if case["base"] not in bases:
                text = (folder / f"base_{case['base']}.yaml").read_text().replace(SET_LINE, "")
                bases[case["base"]] = text.splitlines(keepends=True)
            lines, text, position = bases[case["base"]], [], 0
            for start, removed, added in case["edits"]:
                text += lines[position:start] + added
                position = start + removed
            text += lines[position:]
            world = case["num_nodes"] * case["gpus_per_node"]
            found.append((case["id"].replace("/", "-"), "".join(text), world, case["mode"], case["ok"]))
    return found[::every]


def load(files):
    """Runs in the environment of a release: one JSON line a file."""
    import phases  # noqa: F401  First: it installs the stand-ins.
    import bridge_export_check
    import rules

    for line in files.splitlines():
        path, world, mode, whole = json.loads(line)
        start = bridge_export_check.FileStart(path, world or 1, mode, whole)
        answer = {"file": path, "ok": True}
        try:
            start.run()
        except Exception as error:  # noqa: BLE001  Whatever is raised is the answer.
            text, rule = rules.describe(error, start.phase)
            answer |= {"ok": False, "phase": start.phase, "error": text[:300], "rule": rule}
        if start.loaded is not None:
            answer["loaded"] = start.loaded
        print(json.dumps(answer), flush=True)


def loaded(python, files):
    """The answers of another Python, by file."""
    result = subprocess.run([python, __file__, "--load"], input="\n".join(map(json.dumps, files)),
                            capture_output=True, text=True)
    answers = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    if len(answers) != len(files):
        sys.exit(result.stderr[-3000:])
    return {answer["file"]: answer for answer in answers}


def migrate(moonlight, source, release, target, destination, *flags):
    result = subprocess.run(
        [moonlight, "migrate", source, "--megatron-bridge", release, "--to", target, "-o", destination, *flags],
        capture_output=True, text=True)
    return result.returncode, result.stderr


def flat(values, prefix=""):
    result = {}
    for name, value in (values or {}).items():
        path = prefix + name
        if isinstance(value, dict) and "class" in value:
            result |= flat({key: item for key, item in value.items() if key != "class"}, path + ".")
        else:
            result[path] = value
    return result


def place(path):
    for old, new in MOVED.items():
        if path == old or path.startswith(old + "."):
            return new + path[len(old):]
    return path


def explicit(values, release):
    """The fields of a container. An unset ETP is the tensor parallel size, but 1 with expert parallelism in 0.6.2; a virtual
    pipeline of one stage, which newer releases refuse, is none."""
    result = flat(values)
    if result[ETP] is None:
        spread = release == "0.6.2" and result["model.expert_model_parallel_size"] > 1
        result[ETP] = 1 if spread else result["model.tensor_model_parallel_size"]
    if result[VIRTUAL] == 1:
        result[VIRTUAL] = None
    return result


def differences(old, new):
    """Fields that both have, with other values. `process_example_fn` and its like have no counterpart."""
    found = []
    # 0.5.1 has both places, and takes the older one where it is set.
    said = {place(path) for path, value in old.items() if value is not None and place(path) != path}
    for path, value in old.items():
        other = place(path)
        if other != path and value is None and other in old:
            continue
        if path in said or other not in new or path in REFUSED_PAIR and new[other] is None:
            continue
        if new[other] != value and not (path == "dataset.dataset_kwargs" and not value and not new[other]):
            found.append(f"{other}: {value!r} -> {new[other]!r}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--moonlight", default="../../.build/debug/moonlight")
    parser.add_argument("--from", dest="source", default="0.3.1")
    parser.add_argument("--from-python")
    parser.add_argument("--every", type=int, default=1, help="one dump of so many")
    parser.add_argument("--keep", help="a folder for the files")
    options = parser.parse_args()
    if options.load:
        return load(sys.stdin.read())

    import releases
    target = releases.installed().megatron_bridge
    source = options.source
    folder = Path(options.keep or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    counts, problems, refusals = collections.Counter(), [], collections.Counter()
    migrated = []
    for name, text, world, mode, ok in dumps(source, options.every):
        stem = name.removesuffix(".yaml")
        before, after, back = (str(folder / f"{stem}.{kind}.yaml") for kind in ("before", "after", "back"))
        Path(before).write_text(text)
        counts["dumps"] += 1
        status, report = migrate(options.moonlight, before, source, target, after)
        if status:
            counts["refused to migrate"] += 1
            reasons = [line for line in report.splitlines()
                       if line.startswith("error: ") and "nothing was written" not in line] or [report[-300:]]
            if ok:
                problems.append(f"{name}: starts, and is refused")
            for reason in reasons:
                refusals[reason[7:170]] += 1
            continue
        # What the older release refuses of a dump, it refused before.
        status, report = migrate(options.moonlight, after, target, source, back, "--allow-losses")
        if status:
            problems.append(f"{name}: not back: {report[-600:]}")
            back = None
        migrated.append((name, before, after, back, world, mode, ok))
    originals = loaded(options.from_python, [
        (path, world, mode, False) for _, before, _, back, world, mode, _ in migrated for path in (before, back) if path])
    news = loaded(sys.executable, [
        (after, world, mode, ok is not None) for _, _, after, _, world, mode, ok in migrated])
    for name, before, after, back, world, mode, ok in migrated:
        old, new = originals[before], news[after]
        if "loaded" not in old:
            counts["does not load in its own release"] += 1
            continue
        if "loaded" not in new:
            problems.append(f"{name}: does not load: {new['error']}")
            continue
        counts["load"] += 1
        if ok is not None:
            counts[f"starts: {ok} before, {new['ok']} after"] += 1
            if ok and not new["ok"]:
                problems.append(f"{name}: does not start: {new['phase']}: {new['error']}")
        problems += [f"{name}: {line}" for line in differences(explicit(old["loaded"], source), explicit(new["loaded"], target))]
        if back:
            if "loaded" not in originals[back]:
                problems.append(f"{name}: does not load, back: {originals[back]['error']}")
                continue
            one, other = explicit(old["loaded"], source), explicit(originals[back]["loaded"], source)
            for path in REFUSED_PAIR:
                # Left out on the way there, for all releases.
                if other.get(path) is None:
                    one[path] = other.get(path)
            if one == other:
                counts["back with the same values"] += 1
            else:
                problems += [f"{name}: back: {path}: {one.get(path)!r} -> {other.get(path)!r}"
                             for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]
    print(json.dumps(counts, indent=2))
    for reason, number in refusals.most_common():
        print(f"refused {number}: {reason}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
