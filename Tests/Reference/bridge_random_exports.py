"""Exports configs with random values in many fields, loads them with the real classes, and compares every value.

    swift build --product moonlight
    python bridge_random_exports.py --moonlight ../../.build/debug/moonlight [--count 100] [--seed 1] [--fields 12] [--valid]

The values need not make sense together: nothing but `moonlight export --allow-invalid` and `ConfigContainer.from_yaml` in
strict mode runs. Texts are chosen to be taken for something else: numbers, null, YAML syntax, OmegaConf's `${}`, quotes.
Every kind of run takes its turn: pretraining with Adam and Muon, all weights, LoRA, DoRA, each model preset.

With `--valid` the configs make sense: presets, layouts, optimizers, adapters, data and features are drawn at random, and
those that `moonlight generate` accepts must pass `validate()` of the real ConfigContainer as well. `--count` are then
configs that it accepts. Of these the dataset's section is compared too, by what its fields mean (dataset_values.py).
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import bridge_export_check  # First: it installs the stand-ins.
import bridge_exports
import container_values
import dataset_values
import releases
from fake_distributed import World
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode

RELEASE = releases.installed()
SECTIONS = json.loads(RELEASE.fields.read_text())["sections"]
ATTRIBUTES = {"parallelism": "model", "recompute": "model"}
# Until a release has it as an attribute of its own.
if "validation" not in SECTIONS:
    ATTRIBUTES["validation"] = "train"
APART = {"schema_version", "software", "recipe", "cluster", "env_vars", "dataset", "peft"}
WITHOUT_COUNTERPART = {("model", "max_position_embeddings"), ("optimizer", "muon_coefficient_type")}
LOADER_ARGUMENTS = {("tokenizer", "hf_tokenizer_kwargs"), ("tokenizer", "sp_tokenizer_kwargs")}
# Written by the loader's own classes, or refused by our types for other reasons than their form.
FIXED = {"_target_", "pipeline_model_parallel_layout", "virtual_pipeline_model_parallel_size", "fp8_param",
         "fp8_param_gather", "fp4_param", "fp4_param_gather", "pad_vocab_size", "async_strategy", "activation_func", "local_rank", "data_parallel_size", "tokenizer_type"}
TEXTS = ["1e-5", "null", "~", "true", "0x10", "1_000", ".5", "a: b", "- x", "#c", "it's", '"q"', "${x}", "\\${y}", "a\\", "ü 漢",
         "$(touch x)", "`id`", " lead", "trail ", "{a}", "[b]", "%d", "&a", "*b", "!t", "|", ">", "@", "2020-01-01", "1:30",
         "-", "--flag", "x${a.b}y\\\\${c}", "tab\tend", "line\nbreak", "0", "1", "no", "=", "<<", "\\\\${d}\\"]
FLOATS = [1e-5, 3e-4, 0.1, 1e22, 5e-324, 1.0, 123456.789, 2.446]


RUNS = [
    ["pretrain"], ["pretrain", "--recipe", "moonlight_16b_pretrain_muon_config"], ["finetune", "--peft", "none"],
    ["finetune", "--peft", "lora"], ["finetune", "--peft", "dora"],
    *(["pretrain", "--model", name] for name in ("kimi-k2", "deepseek-v3", "deepseek-v2-lite", "moonlight-16b-a3b-documented")),
    ["pretrain", "--recipe", "moonlight_16b_pretrain_muon_config", "--model", "kimi-k2"],
    ["finetune", "--peft", "lora", "--model", "deepseek-v3"],
]
# What a config that makes sense is made of; each with one of its values, or left as it is.
CHOICES = {
    "cluster.num_nodes": [1, 2, 4, 8, 16, 32],
    "parallelism.tensor_model_parallel_size": [1, 2, 4, 8],
    "parallelism.pipeline_model_parallel_size": [1, 2, 4, 8],
    "parallelism.virtual_pipeline_model_parallel_size": ["null", 2],
    "parallelism.context_parallel_size": [1, 2],
    "parallelism.expert_model_parallel_size": [1, 4, 8, 16],
    "parallelism.sequence_parallel": [True, False],
    "optimizer.optimizer": ["adam", "dist_muon", "muon", "sgd"],
    "model.mtp_num_layers": ["null", 1, 2],
    "model.rotary_scaling_factor": [1, 32, 40],
    "model.moe_token_dispatcher_type": ["alltoall", "allgather", "flex"],
    "recompute.recompute_granularity": ["null", "selective", "full"],
    "comm_overlap.tp_comm_overlap": [True, False],
    "mixed_precision.fp8": ["null", "hybrid"],
    "train.exit_signal_handler": [True, False],
    "scheduler.lr_decay_style": ["constant", "linear", "cosine", "WSD", "inverse-square-root"],
    "checkpoint.async_save": [True, False],
    "dataset.num_workers": [0, 2],
    "logger.log_throughput": [True, False],
    "rng.seed": [1, 1234],
}


def random_value(generator, field):
    """A value of a field's type; None where no value is tried."""
    kind = field["type"]
    if kind.startswith("Optional[") and generator.random() < 0.2:
        return "null", True
    kind = kind.removeprefix("Optional[").removesuffix("]") if kind.startswith("Optional[") else kind
    if kind == "int":
        return generator.choice([0, 1, 2, 7, 64, 1024, 2147483647]), True
    if kind == "float":
        return generator.choice(FLOATS), True
    if kind == "bool":
        return generator.random() < 0.5, True
    if kind == "str":
        return generator.choice(TEXTS), True
    if kind in ("list[int]", "List[int]"):
        return [generator.randrange(9) for _ in range(generator.randrange(4))], True
    if kind in ("list[str]", "List[str]"):
        return generator.sample(TEXTS, generator.randrange(4)), True
    if kind in ("torch.dtype",):
        return generator.choice(["fp32", "bf16", "fp16"]), True
    return None, False


def overrides(generator, count):
    result = {}
    for section in ("model", "parallelism", "train", "validation", "optimizer", "scheduler", "ddp", "mixed_precision", "comm_overlap",
                    "tokenizer", "checkpoint", "logger", "rng", "dist", "profiling", "rerun_state_machine"):
        fields = SECTIONS[ATTRIBUTES.get(section, section)]["fields"]
        for field in generator.sample(fields, min(len(fields), count)):
            if field["name"] in FIXED or not field["init"]:
                continue
            value, known = random_value(generator, field)
            if known:
                result[f"{section}.{field['name']}"] = value
    return result


def same(ours, theirs):
    if isinstance(ours, bool) or isinstance(theirs, bool) or ours is None or theirs is None:
        return ours is theirs or ours == theirs and type(ours) is type(theirs)
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return float(ours) == float(theirs)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs))
    return ours == theirs and type(ours) is type(theirs)


def run(moonlight, *arguments):
    return subprocess.run([moonlight, *arguments], capture_output=True, text=True)


def flow(value):
    """A value for `--set`, on one line."""
    return value if value == "null" else json.dumps(value, ensure_ascii=False)


def recipe_of(index):
    recipe = RUNS[index % len(RUNS)]
    recipe = [*recipe, "--megatron-bridge", RELEASE.megatron_bridge]
    return recipe + (["--mock"] if recipe[0] == "pretrain" else ["--pretrained-checkpoint", "/checkpoints/m"])


def valid(moonlight, index, generator, folder):
    """What is wrong with a config that ours accepts, and how many values of it were compared; None where ours does not."""
    config, exported = folder / "config.json", folder / "bridge.yaml"
    names = generator.sample(sorted(CHOICES), generator.randrange(1, 7))
    chosen = {name: generator.choice(CHOICES[name]) for name in names}
    if index % 4:
        chosen |= dataset_values.drawn(generator, recipe_of(index)[0] == "pretrain", folder)
    chosen = [f"{name}={flow(value)}" for name, value in chosen.items()]
    flags = [part for setting in chosen for part in ("--set", setting)]
    made = run(moonlight, "generate", *recipe_of(index), *flags, "--force", "-o", str(config))
    if made.returncode != 0:
        return None
    answer = run(moonlight, "export", str(config), "--to", "megatron-bridge", "--force", "-o", str(exported))
    if answer.returncode != 0:
        return [("export", answer.stderr, chosen)], 0
    document = json.loads(config.read_text())
    world = document["cluster"]["num_nodes"] * document["cluster"]["gpus_per_node"]
    result = bridge_export_check.check(str(exported), world, document["recipe"]["mode"], False)
    if not result["ok"]:
        return [(recipe_of(index), chosen, result["error"])], 0
    World.enter(world)
    loaded = container_values.of_container(ConfigContainer.from_yaml(str(exported), mode=InstantiationMode.STRICT))
    wrong, count = differences(document, loaded)
    of_data, more = dataset_values.differences(document, loaded["dataset"], answer.stderr)
    return [(recipe_of(index), chosen, *item) for item in wrong + of_data], count + more


def differences(document, loaded):
    """The fields of a config that were loaded with another value, and how many were compared."""
    wrong, count = [], 0
    for section, fields in document.items():
        if section in APART or section.startswith("$") or fields is None:
            continue
        for name, value in fields.items():
            if (section, name) in WITHOUT_COUNTERPART or name in FIXED:
                continue
            count += 1
            theirs = loaded[ATTRIBUTES.get(section, section)].get(name, "<nothing>")
            if (section, name) in LOADER_ARGUMENTS:
                # Fields of the class that it takes from these arguments alone stand there as well.
                theirs = {key: theirs[key] for key in value if key in theirs}
            if not same(value, theirs):
                wrong.append((f"{section}.{name}", value, theirs))
    adapter = document["peft"]
    for name, value in (adapter or {}).items():
        if name != "peft_scheme" and (name in loaded["peft"] or adapter["peft_scheme"] == "lora"):
            count += 1
            if not same(value, loaded["peft"].get(name, "<nothing>")):
                wrong.append((f"peft.{name}", value, loaded["peft"].get(name, "<nothing>")))
    if (adapter is None) != (loaded["peft"] is None):
        wrong.append(("peft", adapter, loaded["peft"]))
    return wrong, count


def one(moonlight, index, generator, folder, fields):
    """The fields that arrived otherwise, and how many were compared."""
    config = folder / "config.json"
    recipe = recipe_of(index)
    chosen = overrides(generator, fields)
    while True:
        accepted = [part for name, value in chosen.items() for part in ("--set", f"{name}={flow(value)}")]
        made = run(moonlight, "generate", *recipe, "--allow-invalid", *accepted, "-o", str(config))
        # Our types refuse some values (ranges, closed sets of words); those are not this script's business.
        refused = [name for name in chosen if any(name in block for block in made.stderr.split("\nerror[")
                                                  if block.removeprefix("error[").startswith(("FIELD-", "DOC-")))]
        if not refused:
            break
        for name in refused:
            del chosen[name]
    if made.returncode != 0:
        return [("generate", made.stderr, "")], 0
    exported = folder / "bridge.yaml"
    answer = run(moonlight, "export", str(config), "--allow-invalid", "--to", "megatron-bridge", "-o", str(exported))
    if answer.returncode != 0:
        return [("export", answer.stderr, "")], 0
    try:
        loaded = bridge_exports.load(exported, 16)
    except Exception as error:  # noqa: BLE001  Whatever is raised is a finding.
        return [("load", str(error)[:500], accepted)], 0
    return differences(json.loads(config.read_text()), loaded)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fields", type=int, default=12, help="how many fields of a section get a random value")
    parser.add_argument("--valid", action="store_true", help="configs that make sense, which the real validate() must accept")
    options = parser.parse_args()
    bad = total = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for index in itertools.count():
            if (total if options.valid else index) >= options.count:
                break
            generator = random.Random(options.seed * 100003 + index)
            if options.valid:
                found = valid(options.moonlight, index, generator, Path(folder))
                wrong, count = found or ([], 0)
                compared += count
                total += found is not None
            else:
                wrong, count = one(options.moonlight, index, generator, Path(folder), options.fields)
                total += count
            for item in wrong:
                bad += 1
                print(index, item)
    what = f"valid ones started, {compared} values compared" if options.valid else "values compared"
    print(f"{index} configs, {total} {what}, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
