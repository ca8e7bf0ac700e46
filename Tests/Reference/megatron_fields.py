"""Writes megatron-fields-RELEASE.json: every config class of the installed pair, its fields, types and defaults.

    python megatron_fields.py [--check]

    sections   ConfigContainer, the classes of its attributes, and those of RELEASE.sections
    attributes each attribute of the container with the classes that its annotation names
    nested     every other dataclass that a field of those may hold, by path
    families   what else a `_target_` of a container may name, so that a file for another model is recognised: model
               providers and configs, datasets, adapters; `mla` marks models built with multi-head latent attention, and
               `defaults` says where such a class differs from MLAModelProvider
    aliases    classes that can also be named by a path in megatron.bridge.training.config, and where they are defined
    recipes    the functions of the Moonlight, DeepSeek and Kimi recipes by module; an alias names the function it is
    targets    what the loader lets a `_target_` name, where the release restricts it

A field: name, type (as the annotation resolves), default, the class that declares it, whether `__init__` takes it, and
`deprecated` with the sentence of its documentation that says so. Private fields (`_name`) are left out: no file has
them. A default that JSON has no form for stands in angle brackets: `<required>`, `<function>`, `<set>`, or the class of
an object. Type and default are those of the dataclass field, which are not always those that reading the classes
suggests: of two bases that share one, the later one's changes of it are lost (GPTModelProvider's in MLAModelProvider).
"""

import argparse
import ast
import dataclasses
import enum
import functools
import importlib
import inspect
import json
import math
import re
import sys
import types
import typing
from pathlib import Path

import stand_ins

stand_ins.install()

import torch  # noqa: E402

import megatron.bridge.models  # noqa: E402
import megatron.bridge.peft  # noqa: E402
import megatron.bridge.recipes  # noqa: E402
from megatron.bridge.models.mla_provider import MLAModelProvider  # noqa: E402
from megatron.bridge.peft.base import PEFT  # noqa: E402
from megatron.bridge.peft.dora import DoRA  # noqa: E402
from megatron.bridge.peft.lora import LoRA  # noqa: E402
from megatron.bridge.training import config as bridge  # noqa: E402
from megatron.bridge.utils import instantiate_utils  # noqa: E402
from megatron.core.transformer.transformer_config import TransformerConfig  # noqa: E402

RELEASE = stand_ins.RELEASE
FAMILIES = ("moonlight", "deepseek", "kimi")


def named(path):
    """The class at a dotted path."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def path_of(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


# --- one class --------------------------------------------------------------------------------------------------


def type_of(annotation):
    """An annotation as text, classes by their full paths."""
    if annotation is type(None):
        return "NoneType"
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation.__qualname__ if annotation.__module__ == "builtins" else path_of(annotation)
    return re.sub(r"\btyping\.", "", str(annotation))


def default_of(field):
    if field.default_factory is not dataclasses.MISSING:
        return plain(field.default_factory())
    return "<required>" if field.default is dataclasses.MISSING else plain(field.default)


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "." + str(value) if value > 0 or math.isnan(value) else "-.inf"  # as YAML writes it; JSON has no such number
    if value is None or isinstance(value, (bool, int, float, str)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, enum.IntEnum):
        return int(value)
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, set):
        return "<set>"
    return "<function>" if callable(value) and not dataclasses.is_dataclass(value) else f"<{type(value).__name__}>"


@functools.cache
def documentation(cls):
    """Field name to the text under it, of the fields that the class itself declares."""
    try:
        body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls))).body[0].body
    except (OSError, TypeError, SyntaxError):
        return {}
    found = {}
    for statement, following in zip(body, body[1:]):
        if (isinstance(statement, ast.AnnAssign) and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant) and isinstance(following.value.value, str)):
            found[statement.target.id] = " ".join(following.value.value.split())
    return found


def deprecation(cls, name):
    text = documentation(cls).get(name, "")
    return next((part for part in re.split(r"(?<=[.!])\s+", text) if "deprecated" in part.lower()), None)


def declared_in(cls, name):
    return next(base.__name__ for base in reversed(cls.__mro__) if name in base.__dict__.get("__annotations__", {}))


def owner(cls, field):
    """The class whose declaration of a field counts in `cls`."""
    return next(base for base in cls.__mro__ if field.name in base.__dict__.get("__annotations__", {})
                and base.__dict__.get("__dataclass_fields__", {}).get(field.name) is field)


@functools.cache
def annotations(cls):
    return typing.get_type_hints(cls)


def fields_of(cls):
    result = []
    for field in dataclasses.fields(cls):
        if field.name.startswith("_"):
            continue
        entry = {
            "name": field.name,
            "type": type_of(annotations(owner(cls, field))[field.name]),
            "default": default_of(field),
            "declared_in": declared_in(cls, field.name),
            "init": field.init,
        }
        reason = deprecation(owner(cls, field), field.name)
        if reason:
            entry["deprecated"] = reason
        result.append(entry)
    return result


def dataclasses_in(annotation):
    """The dataclasses that an annotation names, at any depth."""
    if dataclasses.is_dataclass(annotation):
        return [annotation]
    return [cls for argument in typing.get_args(annotation) for cls in dataclasses_in(argument)]


# --- the container ----------------------------------------------------------------------------------------------


def sections():
    """Name in our tables -> class. Attributes of the container under their own names, but for those of which a file
    names one of several classes."""
    result = {"model": MLAModelProvider}
    apart = {"dataset": "dataset_pretrain", "peft": None}
    for name, annotation in annotations(bridge.ConfigContainer).items():
        classes = dataclasses_in(annotation)
        if classes and name != "model" and not name.startswith("_") and apart.get(name, name):
            result[apart.get(name, name)] = classes[0]
    result |= {name: named(path) for name, path in RELEASE.sections.items()}
    return result | {"peft_lora": LoRA, "peft_dora": DoRA, "container": bridge.ConfigContainer}


def nested(known):
    """The dataclasses that fields of `known` may hold, and theirs."""
    known = set(known)
    found, waiting = {}, list(known - {bridge.ConfigContainer})
    while waiting:
        cls = waiting.pop()
        for annotation in annotations(cls).values():
            for inner in dataclasses_in(annotation):
                if inner not in known and path_of(inner) not in found and not issubclass(inner, TransformerConfig):
                    found[path_of(inner)] = inner
                    waiting.append(inner)
    return dict(sorted(found.items()))


# --- what else a file may name ----------------------------------------------------------------------------------


def modules_of(package):
    """Every module below a package; not all of its folders have an `__init__.py`."""
    for folder in map(Path, package.__path__):
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            yield ".".join([package.__name__, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def import_all(package):
    """The modules below a package that cannot be imported here, and why."""
    missing = []
    for name in modules_of(package):
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  Whatever an import raises: its classes are not to be had.
            missing.append(f"{name}: {type(error).__name__}: {error}"[:160])
    return missing


def subclasses(cls):
    return {cls}.union(*(subclasses(sub) for sub in cls.__subclasses__()))


def families():
    import megatron.bridge.data as data

    missing = [line for package in (megatron.bridge.models, megatron.bridge.peft, data) for line in import_all(package)]
    for line in missing:
        print("not imported:", line, file=sys.stderr)
    bases = dataclasses_in(annotations(bridge.ConfigContainer)["model"])
    models = set().union(*(subclasses(base) for base in [*bases, TransformerConfig]))
    loaders = set().union(*(subclasses(base) for base in dataclasses_in(annotations(bridge.ConfigContainer)["dataset"])))
    return {
        "model": {path_of(cls): model_family(cls) for cls in in_bridge(models)},
        "dataset": [path_of(cls) for cls in in_bridge(loaders)],
        "peft": [path_of(cls) for cls in in_bridge(subclasses(PEFT))],
    }


def aliases():
    return {f"{bridge.__name__}.{name}": path_of(value) for name, value in sorted(vars(bridge).items())
            if dataclasses.is_dataclass(value) and path_of(value) != f"{bridge.__name__}.{name}"}


def in_bridge(classes):
    return sorted((cls for cls in classes if dataclasses.is_dataclass(cls) and cls.__module__.startswith("megatron.")),
                  key=path_of)


def model_family(cls):
    if not issubclass(cls, MLAModelProvider):
        return {"mla": "multi_latent_attention" in {f.name for f in dataclasses.fields(cls)}
                and default_of(next(f for f in dataclasses.fields(cls) if f.name == "multi_latent_attention")) is True}
    base = {field.name: default_of(field) for field in dataclasses.fields(MLAModelProvider)}
    own = {field.name: default_of(field) for field in dataclasses.fields(cls)}
    return {"mla": True, "defaults": {name: value for name, value in own.items()
                                      if name not in base or base[name] != value}}


def recipes():
    result = {}
    for module_name in modules_of(megatron.bridge.recipes):
        family = module_name.removeprefix(megatron.bridge.recipes.__name__ + ".").partition(".")[0]
        if family.split("_")[0] not in FAMILIES:
            continue
        module = importlib.import_module(module_name)
        names = {}
        for name, value in vars(module).items():
            if not name.startswith("_") and returns_container(value):
                own = (module.__name__, name) == (value.__module__, value.__name__)
                names[name] = None if own else f"{value.__module__}.{value.__name__}"
        if names:
            result[module_name] = dict(sorted(names.items()))
    return result


def returns_container(value):
    return inspect.isfunction(value) and value.__annotations__.get("return") in (bridge.ConfigContainer, "ConfigContainer")


def targets():
    """What `_target_` may name, where the loader has a list."""
    return {
        "prefixes": sorted(getattr(instantiate_utils, "_ALLOWED_TARGET_PREFIXES", [])),
        "refused": sorted(getattr(instantiate_utils, "_DISALLOWED_TARGETS", [])),
        "refused_under_fields": sorted(getattr(instantiate_utils, "_DISALLOWED_CALLABLE_FIELD_NAMES", [])),
        "private": sorted(getattr(instantiate_utils, "_ALLOWED_PRIVATE_TARGETS", [])),
    }


def table():
    known = sections()
    return {
        "versions": {"megatron-core": RELEASE.megatron_core, "megatron-bridge": RELEASE.megatron_bridge},
        "sections": {name: {"class": path_of(cls), "fields": fields_of(cls)} for name, cls in known.items()},
        "attributes": {name: [path_of(cls) for cls in dataclasses_in(annotation)]
                       for name, annotation in annotations(bridge.ConfigContainer).items() if dataclasses_in(annotation)},
        "nested": {name: {"fields": fields_of(cls)} for name, cls in nested(known.values()).items()},
        "families": families(),
        "aliases": aliases(),
        "recipes": recipes(),
        "targets": targets(),
    }


def text_of(value, depth=0):
    """JSON with a line for each field or entry, so that a change of release reads as one."""
    compact = json.dumps(value, ensure_ascii=True)
    if not isinstance(value, (dict, list)) or not value or "name" in value or depth > 0 and len(compact) < 100:
        return compact
    indent = "  " * (depth + 1)
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {text_of(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(indent + line for line in inner) + "\n" + "  " * depth + "}"
    return "[\n" + ",\n".join(indent + text_of(item, depth + 1) for item in value) + "\n" + "  " * depth + "]"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    options = parser.parse_args()
    text = text_of(table()) + "\n"
    if options.check:
        same = RELEASE.fields.read_text() == text
        print("unchanged" if same else f"{RELEASE.fields.name} differs")
        return 0 if same else 1
    RELEASE.fields.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
