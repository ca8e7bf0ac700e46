"""Holds what `moonlight` writes against the tools that will read it.

- Every config of ours in Examples: PyYAML (YAML 1.1), ruamel.yaml (YAML 1.2) and json read the same values of the same types,
  `moonlight` reads it back to the same config, and the emitted JSON Schema accepts it.
- The JSON Schema is itself one (2020-12), and refuses what it should.
- SARIF output is valid against the official schema of SARIF 2.1.0.

    python3 -m venv .venv && .venv/bin/pip install pyyaml ruamel.yaml jsonschema
    pip download --no-deps --no-binary :all: sarif-om && tar xzf sarif_om-*.tar.gz
    .venv/bin/python Tests/Reference/check_outputs.py .build/debug/moonlight sarif_om-*/sarif-2.1.0-rtm.4.json
"""

import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema
import ruamel.yaml
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def moonlight(*arguments, status=0):
    done = subprocess.run([MOONLIGHT, *arguments], capture_output=True, text=True)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout


def typed(value):
    """The value with its types: 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return {str(key): typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return (type(1.0) if isinstance(value, float) else type(1), float(value))


def plain(value):
    """ruamel's types as Python's."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    return str(value)


def check_configs(schema):
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(glob.glob(f"{ROOT}/Examples/*.yaml")):
        text = open(path, encoding="utf-8").read()
        old = yaml.safe_load(text)
        if "_target_" in old:
            continue  # Megatron-Bridge's form, which has no schema of ours
        new = plain(ruamel.yaml.YAML(typ="safe", pure=True).load(text))
        assert typed(old) == typed(new), f"{path}: YAML 1.1 and 1.2 differ"
        validator.validate(old)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(old, file)
            file.flush()
            moonlight("diff", path, file.name)
        print(f"{os.path.relpath(path, ROOT)}: ok")
    for path in sorted(glob.glob(f"{ROOT}/Examples/*.json")):
        if path.endswith(".schema.json"):
            continue
        validator.validate(json.load(open(path, encoding="utf-8")))
        print(f"{os.path.relpath(path, ROOT)}: ok")


def check_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = yaml.safe_load(open(f"{ROOT}/Examples/pretrain.yaml", encoding="utf-8"))
    for section, field, value in [
        ("train", "trian_iters", 1), ("train", "train_iters", 0), ("train", "train_iters", "many"),
        ("parallelism", "tensor_model_parallel_size", -1), ("optimizer", "optimizer", "adamw"),
        ("model", "num_layers", None), ("dataset", "data_paths", [{"weight": 1}]), ("nothing", "x", 1),
    ]:
        bad = copy.deepcopy(good)
        bad.setdefault(section, {})[field] = value
        assert not validator.is_valid(bad), f"the schema accepts {section}.{field}: {value}"
    print("schema: ok")


def check_sarif(schema):
    with tempfile.TemporaryDirectory() as folder:
        text = open(f"{ROOT}/Examples/pretrain.yaml", encoding="utf-8").read()
        bad = f"{folder}/bad config.yaml"
        with open(bad, "w", encoding="utf-8") as file:
            file.write(
                text.replace("tensor_model_parallel_size: 2", "tensor_model_parallel_size: 3")
                .replace("train_iters:", "train_iter:").replace("lr: 0.0003\n", "lr: 3e-4\n"))
        for arguments, status in [([bad], 1), ([bad, f"{folder}/missing.yaml"], 66), ([f"{ROOT}/Examples/pretrain.yaml"], 0)]:
            log = json.loads(moonlight("validate", "--format", "sarif", *arguments, status=status))
            jsonschema.Draft4Validator(schema).validate(log)
            print(f"sarif: {len(log['runs'][0]['results'])} results, ok")


MOONLIGHT = os.path.abspath(sys.argv[1])
schema = json.loads(moonlight("schema"))
check_schema(schema)
check_configs(schema)
check_sarif(json.load(open(sys.argv[2], encoding="utf-8")))
