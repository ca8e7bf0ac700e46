"""How the agreement bases and cases, written in the names of megatron-bridge 0.3.1, are spelled for the installed release."""

import copy
import json

import bridge_mapping
import stand_ins

RENAMED = {
    "optimizer.muon_use_nesterov": "optimizer.muon_nesterov",
    "dist.lazy_init": "dist.lazy_mpu_init",
    "dataset.packed_sequence_specs": "dataset.offline_packing_specs",
}
SECTIONS = json.loads(stand_ins.RELEASE.fields.read_text())["sections"]
# Sections of ours whose fields are those of classes by another name.
CLASSES = {"parallelism": ["model"], "recompute": ["model"], "validation": ["validation", "train"],
           "dataset": ["dataset_pretrain", "dataset_finetune"], "peft": ["peft_lora", "peft_dora"]}
OURS_ALONE = bridge_mapping.OURS_ALONE | {"peft": {"peft_scheme"}}


class NoCounterpart(Exception):
    """The release has no field that means the same."""


def known(path):
    section, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    classes = [SECTIONS[cls] for cls in CLASSES.get(section, [section]) if cls in SECTIONS]
    return (not classes or not name or name in OURS_ALONE.get(section, ())
            or any(field["name"] == name for cls in classes for field in cls["fields"]))


def path_for(path):
    if known(path):
        return path
    for old, new in RENAMED.items():
        if path == old or path.startswith(old + "."):
            return new + path[len(old):]
    raise NoCounterpart(path)


def case(overrides):
    """A case's `set` for the release; NoCounterpart where it names a field that the release lacks."""
    result = {}
    for path, value in overrides.items():
        if "." not in path and isinstance(value, dict):
            result[path] = section(path, value, drops=False)
            continue
        spelled = path_for(path)
        result[spelled] = value
        if spelled.startswith("dataset.offline_packing_specs") and value is not None:
            result["dataset.enable_offline_packing"] = True
    return result


def section(name, values, drops):
    """A section's fields; those that the release lacks are left out when `drops`."""
    result = {}
    for field, value in values.items():
        try:
            spelled = path_for(f"{name}.{field}").partition(".")[2]
        except NoCounterpart:
            if drops:
                continue
            raise
        result[spelled] = copy.deepcopy(value)
        if spelled == "offline_packing_specs" and value is not None:
            result["enable_offline_packing"] = True
    return result


def base(config):
    """A base for the release. What it lacks goes: the bases hold such fields at values without an effect."""
    result = {}
    for name, values in config.items():
        result[name] = section(name, values, drops=True) if isinstance(values, dict) else copy.deepcopy(values)
    if stand_ins.RELEASE.megatron_bridge != "0.3.1":
        result["software"] = {"megatron_bridge": stand_ins.RELEASE.megatron_bridge}
    return result
