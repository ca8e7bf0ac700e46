"""Writes Tests/Fixtures/exports/RELEASE/bridge.json: what the real packages make of the exports in that folder.

    MOONLIGHT_RECORD_FIXTURES=1 swift test --filter ExportersTests    # writes the exports
    python bridge_exports.py [--check] [NAME...]

Each `bridge.yaml` goes through `ConfigContainer.from_yaml` in strict mode; every field that the file writes is noted as
it was loaded: `loaded` for the first case, `differs` from it for the others.
Then it goes through the whole start-up (bridge_export_check.py --start-up: validate, process groups, tokenizer, model,
optimizer, loaders, first step). The fixture holds the file's SHA-256, so an export that has changed since is found.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import bridge_export_check  # First: it installs the stand-ins.
import stand_ins
import yaml
from container_values import difference, of_container
from fake_distributed import World
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "exports" / stand_ins.RELEASE.megatron_bridge


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


def load(path, world_size):
    World.enter(world_size)
    container = ConfigContainer.from_yaml(str(path), mode=InstantiationMode.STRICT)
    return written(yaml.safe_load(path.read_text()), of_container(container))


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
