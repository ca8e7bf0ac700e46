"""Writes Tests/Fixtures/recipes/RELEASE/*.yaml: what the release's own recipe functions resolve to, every field.

    python recipe_fixtures.py [--check]

The recipes are those of Moonlight, and the pretraining ones of DeepSeek-V2-Lite, DeepSeek-V3 and Kimi-K2, by the names of
the functions that define them; an argument other than the default is told in the file's name. Each file is what the release's
`ConfigContainer.to_yaml` writes of the container that the function returns. Models that a recipe reads from Hugging Face
are built from the config.json in hugging_face_configs.py. `index.json` says of each file its function, the short names
that mean it, and why the release's own `from_yaml` (strict) refuses the file, where it does.
"""

import argparse
import importlib
import inspect
import json
import os
import sys
import tempfile
from pathlib import Path

import stand_ins

stand_ins.install()

import hugging_face_configs  # noqa: E402
from megatron.bridge.training.config import ConfigContainer  # noqa: E402
from megatron.bridge.utils.instantiate_utils import InstantiationMode  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "recipes" / stand_ins.RELEASE.megatron_bridge
WANTED = ("moonlight_16b", "deepseek_v2_lite_pretrain", "deepseek_v3_pretrain", "kimi_k2_pretrain")
# The values of an argument that are recipes of their own.
ARGUMENTS = {"peft_scheme": ("lora", "dora"), "optimizer_type": ("muon", "adam")}


def functions():
    """(path of a recipe's function, the short paths that mean it)"""
    table = json.loads(stand_ins.RELEASE.fields.read_text())["recipes"]
    defined = {f"{module}.{name}": [] for module, names in table.items() for name, real in names.items()
               if real is None and name.startswith(WANTED)}
    for module, names in table.items():
        for name, real in names.items():
            if real in defined:
                defined[real].append(f"{module}.{name}")
    return defined


def calls(function):
    """(what the file's name says of the arguments, the arguments)"""
    for name, values in ARGUMENTS.items():
        parameter = inspect.signature(function).parameters.get(name)
        if parameter is not None:
            return [("" if value == parameter.default else f".{value}", {name: value}) for value in values]
    return [("", {})]


def refusal(file):
    """What the strict loader says against a file, or None."""
    try:
        ConfigContainer.from_yaml(str(file), mode=InstantiationMode.STRICT)
    except Exception as error:  # noqa: BLE001  Whatever is raised is the refusal.
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return None


def documents():
    """(file name, its entry in the index, its text)"""
    os.getcwd = lambda: "/workspace"  # the recipes write paths below it
    with hugging_face_configs.offline(), tempfile.TemporaryDirectory() as folder:
        for path, aliases in sorted(functions().items()):
            module, _, name = path.rpartition(".")
            function = getattr(importlib.import_module(module), name)
            for suffix, arguments in calls(function):
                file = Path(folder) / "recipe.yaml"
                function(**arguments).to_yaml(str(file))
                entry = {"function": path, "arguments": arguments, "aliases": aliases, "refused": refusal(file)}
                yield f"{name}{suffix}.yaml", entry, file.read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the fixtures instead of writing them")
    options = parser.parse_args()
    index, texts = {}, {}
    for file, entry, text in documents():
        index[file], texts[file] = entry, text
    texts["index.json"] = json.dumps(index, indent=2) + "\n"
    if options.check:
        there = {path.name: path.read_text() for path in FIXTURES.iterdir()}
        different = [name for name in sorted(texts.keys() | there.keys()) if texts.get(name) != there.get(name)]
        print("unchanged" if not different else "\n".join(f"{name} differs" for name in different))
        return 1 if different else 0
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (FIXTURES / name).write_text(text)
    print(len(index), "recipes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
