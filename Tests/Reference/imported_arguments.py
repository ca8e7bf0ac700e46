"""Holds `moonlight import` against Megatron-LM's real parser, on argument lists that nobody wrote.

    python imported_arguments.py --program .build/debug/moonlight [--count 100] [--seed 1] [--megatron-lm CHECKOUT]

Each list is a shipped export with some options removed and some of the parser's own options added with random values.
It is imported, exported again, and both lists are parsed by the installed release's real parser: every argument that the
first list sets and that `import` did not leave out by name (ARGS-06) must come back, and nothing else may change.
Lists that the exporter refuses by name are counted apart. The exit status is 1 when an argument differs.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from megatron_lm import MegatronLM
from megatron_lm_check import plain
from releases import installed

ROOT = Path(__file__).resolve().parents[2]

# What an import makes of these is said in other options: another spelling, or a part in one.
SAID_OTHERWISE = {
    "recompute_activations", "use_rotary_position_embeddings", "position_embedding_type", "recompute_granularity",
    "num_layers_per_virtual_pipeline_stage", "profile", "use_pytorch_profiler",
    # Made from others: the tokenizer's entries, the dataset's files.
    "vocab_size", "split",
    # None stands for what the model's class takes.
    "rope_type",
    # Gathering of parameters needs it, and the exporter says so.
    "overlap_grad_reduce",
    # Without what they belong to: gelu or swiglu, `--profile`, `--bf16`.
    "bias_gelu_fusion", "bias_swiglu_fusion", "profile_ranks",
    "grad_reduce_in_bf16", "accumulate_allreduce_grads_in_fp32",
    # validate_args turns it off without virtual stages, refuses a start where the decay is constant, and needs a length.
    "overlap_p2p_comm", "start_weight_decay", "end_weight_decay", "seq_length", "max_position_embeddings",
    # validate_args takes `single` for none.
    "dataloader_type",
    # The length of the run is what it takes where it is not given.
    "lr_decay_iters", "lr_decay_samples",
}
# Options that make the parser read something else, or print and leave.
NOT_DRAWN = {"--yaml-cfg", "--help", "--no-load-rng", "--config", "--use-checkpoint-args", "--enable-msc"}


def value_of(entry, rng):
    takes = entry["takes"]
    kind = takes.split(" ")[0]
    words = [word.split(".")[-1] for word in entry.get("choices", []) if isinstance(word, str)]

    def one():
        if words:
            return rng.choice(words)
        if kind == "int":
            return str(rng.choice([1, 2, 3, 4, 7, 8, 16, 64, 128, 1000]))
        if kind == "float":
            return str(rng.choice([0.5, 0.25, 1.0, 0.1, 1e-5, 2.0]))
        return rng.choice(["alpha", "/data/x y", "b'c"])

    if kind.endswith("freq_type"):
        return [rng.choice(["1", "2", "([0]*1+[1]*26)"])]
    if kind == "tuple_type":
        return [rng.choice(["128,0", "64,64"])]
    if kind not in ("int", "float", "str"):
        return None
    if takes.endswith(("*", "+")):
        return [one() for _ in range(rng.choice([1, 2]))]
    count = int(takes.split(" ")[1]) if " " in takes else 1
    return [one() for _ in range(count)]


def groups(words):
    """An argument list option by option."""
    result = []
    for word in words:
        if word.startswith("--"):
            result.append([word])
        else:
            result[-1].append(word)
    return result


def draw(bases, options, rng):
    chosen = [group for group in rng.choice(bases) if rng.random() > 0.01]
    given = {group[0].split("=")[0] for group in chosen}
    for name in rng.sample(sorted(options), 4):
        entry = options[name]
        if "same_as" in entry or name in NOT_DRAWN or name in given:
            continue
        if entry["takes"] == "":
            chosen.append([name])
        elif (value := value_of(entry, rng)) is not None:
            chosen.append([name, *value])
    rng.shuffle(chosen)
    return [word for group in chosen for word in group]


def means_nothing(name, args):
    """Whether another argument decides that this one is not looked at."""
    return (name.startswith("muon_") and "muon" not in args["optimizer"]
            or name.startswith("sgd_") and args["optimizer"] != "sgd"
            or name.startswith("mtp_") and args["mtp_num_layers"] is None
            or name == "num_query_groups" and not args["group_query_attention"]
            or name == "optimizer_offload_fraction" and not args["optimizer_cpu_offload"]
            or name == "moe_flex_dispatcher_backend" and args["moe_token_dispatcher_type"] != "flex"
            or name.endswith("data_path") and args["mock_data"])


def same(left, right):
    """The parser keeps a default by itself, and what is given in a list."""
    return left == right or [left] == right or left == [right]


def parsed(lm, words):
    args = {name: plain(value) for name, value in vars(lm.parse(words)).items()}
    if args["no_weight_decay_cond_type"] is not None:  # As validate_args does.
        args[args["no_weight_decay_cond_type"]], args["no_weight_decay_cond_type"] = True, None
    args["tokenizer_type"] = args["tokenizer_type"] or "GPT2BPETokenizer"  # As pretrain_gpt.py does.
    return args


def run(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=60)


def check(lm, program, release, words, folder):
    source, config = folder / "arguments.txt", folder / "config.yaml"
    source.write_text("\n".join(words) + "\n")
    first = parsed(lm, words)
    imported = run(program, "import", source, "--megatron-bridge", release)
    if imported.returncode:
        return "not imported", imported.stderr.strip()
    config.write_text(imported.stdout)
    for nodes in (2, 4, 8, 32, 128):
        exported = run(program, "export", config, "--to", "megatron-lm", "--set", f"cluster.num_nodes={nodes}")
        if exported.returncode == 0:
            break
    if exported.returncode:
        return "not exported", exported.stderr.strip()
    second = parsed(lm, exported.stdout.splitlines())
    left_out = re.findall(r"note\[ARGS-06\]: (?:.* for )?`(--[^`]+)`", imported.stderr)
    unsaid = re.findall(r"note: [\w.]+: not exported", exported.stderr)
    ignored = SAID_OTHERWISE | {lm.destination[name] for name in left_out}
    differing = {name: (first[name], second[name]) for name in first
                 if not same(first[name], second[name]) and name not in ignored and not means_nothing(name, first)}
    return ("differs", json.dumps(differing)) if differing else ("same", f"{len(unsaid)} unsaid")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--megatron-lm", type=Path)
    arguments = parser.parse_args()
    release = installed().megatron_bridge
    program = arguments.program.resolve()
    options = json.loads((ROOT / f"Tests/Reference/megatron-lm-options-{release}.json").read_text())
    bases = [groups(path.read_text().splitlines())
             for path in sorted((ROOT / f"Tests/Fixtures/exports/{release}").glob("*/megatron-lm.args"))
             if "hostile" not in str(path)]
    lm = MegatronLM(arguments.megatron_lm and arguments.megatron_lm.resolve())
    lm.destination = {name: entry.get("dest") or options[entry["same_as"]]["dest"] for name, entry in options.items()}
    rng = random.Random(arguments.seed)
    counts, reasons = Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        done = 0
        while done < arguments.count:
            words = draw(bases, options, rng)
            try:
                lm.parse(words)
            except SystemExit:
                continue
            done += 1
            outcome, said = check(lm, program, release, words, Path(folder))
            counts[outcome] += 1
            if outcome == "differs":
                for name, pair in json.loads(said).items():
                    reasons[f"{name}: {pair[0]!r} -> {pair[1]!r}"] += 1
            elif outcome != "same":
                for line in said.splitlines():
                    if line.startswith("error"):
                        reasons[f"{outcome}: {line[:150]}"] += 1
    print(f"{release}: {dict(counts)}")
    for reason, count in reasons.most_common(60):
        print(f"{count:5} {reason}")
    return 1 if counts["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
