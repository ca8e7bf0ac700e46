"""Writes Tests/Fixtures/exports/bridge.json: what the real packages make of the exports in Tests/Fixtures/exports.

    MOONLIGHT_RECORD_FIXTURES=1 swift test --filter ExportersTests    # writes the exports
    python bridge_exports.py [--check] [NAME...]

Each `bridge.yaml` goes through `ConfigContainer.from_yaml` in strict mode; every field that the file writes is noted as
it was loaded: `loaded` for the first case, `differs` from it for the others.
Then it goes through the whole start-up (bridge_export_check.py --start-up: validate, process groups, tokenizer, model,
optimizer, loaders, first step). The fixture holds the file's SHA-256, so an export that has changed since is found.
"""

import argparse
import enum
import functools
import hashlib
import inspect
import json
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import bridge_export_check  # First: it installs the stand-ins.
import torch
import yaml
from fake_distributed import World
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "exports"
DTYPES = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}


def plain(value):
    """A loaded value as JSON, in the words of our configs."""
    if isinstance(value, torch.dtype):
        return DTYPES[value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, functools.partial):
        return {"partial": f"{value.func.__module__}.{value.func.__qualname__}", "keywords": value.keywords}
    if is_dataclass(value) and not isinstance(value, type):
        return values(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, set):
        return sorted(value)
    if callable(value):
        module = inspect.getmodule(value)
        return f"{getattr(value, '__module__', None) or module.__name__}.{value.__name__}"
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def values(loaded):
    cls = type(loaded)
    result = {"class": f"{cls.__module__}.{cls.__qualname__}"}
    for field in fields(loaded):
        if field.init and hasattr(loaded, field.name):
            result[field.name] = plain(getattr(loaded, field.name))
    return result


def written(document, loaded):
    """Of the loaded fields those that the file writes: the rest are the classes' defaults."""
    result = {}
    for attribute, fields_written in document.items():
        if attribute == "_target_":
            continue
        value = loaded[attribute]
        if isinstance(value, dict):
            value = {name: value[name] for name in ["class", *fields_written] if name in value}
        result[attribute] = value
    return result


def difference(loaded, base):
    """Only what is not as in the first case; an object of another class is given whole."""
    result = {}
    for attribute, value in loaded.items():
        other = base.get(attribute)
        if isinstance(value, dict) and isinstance(other, dict) and value["class"] == other["class"]:
            missing = [name for name in other if name not in value]
            value = {name: item for name, item in value.items() if name not in other or other[name] != item}
            if missing:
                value["missing"] = missing
            if value:
                result[attribute] = value
        elif attribute not in base or value != other:
            result[attribute] = value
    return result


def load(path, world_size):
    World.enter(world_size)
    container = ConfigContainer.from_yaml(str(path), mode=InstantiationMode.STRICT)
    loaded = {}
    for field in fields(container):
        value = getattr(container, field.name)
        if not field.name.startswith("_"):
            loaded[field.name] = plain(value)
    return written(yaml.safe_load(path.read_text()), loaded)


def case(name, facts):
    path = FIXTURES / name / "bridge.yaml"
    answer = bridge_export_check.check(str(path), facts["world_size"], facts["mode"], True)
    answer.pop("file")
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "start_up": answer,
        "loaded": load(path, facts["world_size"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true", help="compare with the fixture instead of writing it")
    options = parser.parse_args()
    index = json.loads((FIXTURES / "index.json").read_text())
    target = FIXTURES / "bridge.json"
    known = json.loads(target.read_text()) if target.exists() else {}
    result = {} if not options.names else dict(known)
    ok = True
    for name, facts in index.items():
        if options.names and name not in options.names:
            continue
        result[name] = case(name, facts)
        ok = ok and result[name]["start_up"]["ok"]
        print(name, json.dumps(result[name]["start_up"]))
    base = result[next(iter(index))]["loaded"]
    for name in list(result):
        if options.names and name not in options.names:
            continue
        if result[name]["loaded"] is not base:
            result[name]["differs"] = difference(result[name].pop("loaded"), base)
    text = "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(result[name])}" for name in index if name in result) + "\n}\n"
    if options.check:
        ok = ok and text == target.read_text()
        print("unchanged" if ok else "differs from the fixture")
    else:
        target.write_text(text)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
