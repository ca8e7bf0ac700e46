"""How our launch config's sections and fields become the objects of the installed megatron-bridge.

Field names are the release's own, so the mapping is by section: a field keeps its name and moves to the class that owns
it. What is not a plain move is listed in this file and nowhere else; how a config of one release is spelled for another
is in spelling.py. `stand_ins.install()` must have run.
"""

import importlib
from dataclasses import fields
from functools import partial

import stand_ins
import torch
import torch.nn.functional as F
from megatron.bridge.models.mla_provider import MLAModelProvider
from megatron.bridge.peft.dora import DoRA
from megatron.bridge.peft.lora import LoRA
from megatron.bridge.training import config as bridge
from megatron.bridge.training.comm_overlap import CommOverlapConfig
from megatron.bridge.training.mixed_precision import MixedPrecisionConfig
from megatron.bridge.training.tokenizers.config import TokenizerConfig
from megatron.core.activations import quick_gelu, squared_relu
from megatron.core.models.gpt.gpt_layer_specs import get_gpt_decoder_block_spec
from megatron.core.transformer.enums import AttnBackend


def class_at(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


ATTRIBUTES = {field.name for field in fields(bridge.ConfigContainer)}
PackedSequenceSpecs = class_at(stand_ins.RELEASE.sections["packed_sequence_specs"])
# Data files for fine-tuning: the class that takes them without a Hugging Face dataset.
FileDatasetConfig = getattr(bridge, "GPTSFTDatasetConfig", bridge.FinetuningDatasetConfig)

# Sections of ours whose fields all go to one class (several of our sections may share a class).
CLASSES = {
    "model": MLAModelProvider,
    "parallelism": MLAModelProvider,
    "recompute": MLAModelProvider,
    "train": bridge.TrainingConfig,
    "validation": bridge.ValidationConfig if "validation" in ATTRIBUTES else bridge.TrainingConfig,
    "optimizer": bridge.OptimizerConfig,
    "scheduler": bridge.SchedulerConfig,
    "ddp": bridge.DistributedDataParallelConfig,
    "comm_overlap": CommOverlapConfig,
    "tokenizer": TokenizerConfig,
    "checkpoint": bridge.CheckpointConfig,
    "logger": bridge.LoggerConfig,
    "rng": bridge.RNGConfig,
    "dist": bridge.DistributedInitConfig,
    "profiling": bridge.ProfilingConfig,
    "rerun_state_machine": bridge.RerunStateMachineConfig,
}

# Fields of ours that Megatron has no field for: they steer us, or are kept for readers.
OURS_ALONE = {
    "model": {"max_position_embeddings"},
    "dataset": {"kind", "data_paths", "shuffle", "seq_length"},
}

DTYPES = {
    "float32": torch.float32, "fp32": torch.float32,
    "bfloat16": torch.bfloat16, "bf16": torch.bfloat16,
    "float16": torch.float16, "fp16": torch.float16,
    "uint8": torch.uint8, "fp8": torch.uint8,
}
ACTIVATIONS = {"silu": F.silu, "gelu": F.gelu, "relu": F.relu, "squared_relu": squared_relu, "quick_gelu": quick_gelu}


class MappingError(Exception):
    """The config names a field that the class of its section does not have."""


def value_of(name, value):
    """A config value as Megatron's object: dtypes, the activation function and the attention backend are names."""
    if name.endswith("dtype") and name != "moe_router_dtype" and isinstance(value, str):
        return DTYPES[value]
    if name == "activation_func" and isinstance(value, str):
        return ACTIVATIONS[value]
    if name == "attention_backend" and isinstance(value, str):
        return AttnBackend[value]
    return value


def arguments(section, values, cls):
    """The keyword arguments that a section's fields are for `cls`."""
    known = {f.name for f in fields(cls)}
    own = OURS_ALONE.get(section, set())
    unknown = [name for name in values if name not in known and name not in own]
    if unknown:
        raise MappingError(f"{section}: {cls.__name__} has no field {', '.join(unknown)}")
    return {name: value_of(name, value) for name, value in values.items() if name in known}


def section(config, *names):
    """One object from one or more of our sections."""
    cls = CLASSES[names[0]]
    merged = {}
    for name in names:
        merged.update(arguments(name, config.get(name) or {}, cls))
    return cls(**merged)


def layer_spec(config):
    """The decoder block spec, as the DeepSeek-V3 bridge sets it: it alone honours `moe_layer_freq`.
    `transformer_impl: local` asks for the spec without Transformer Engine."""
    use_te = config["model"].get("transformer_impl", "transformer_engine") != "local"
    return partial(get_gpt_decoder_block_spec, use_transformer_engine=use_te)


def model(config):
    provider = section(config, "model", "parallelism", "recompute")
    provider.transformer_layer_spec = layer_spec(config)
    return provider


def blend(data_paths):
    """`data_paths` (paths, or mappings of path and weight) as Megatron's (prefixes, weights or None)."""
    if not data_paths:
        return None
    paths = [entry["path"] if isinstance(entry, dict) else entry for entry in data_paths]
    weights = [entry["weight"] for entry in data_paths if isinstance(entry, dict) and entry.get("weight") is not None]
    return (paths, weights or None)


def dataset(config):
    """`mock`, `jsonl`, `tokens` and `indexed` are GPTDatasetConfig; `sft` is the class of data files."""
    values = dict(config["dataset"])
    kind = values["kind"]
    specs = {name: values.pop(name) for name in ("packed_sequence_specs", "offline_packing_specs") if name in values}
    source = values.pop("hf_dataset", None)
    if kind == "sft":
        cls = FileDatasetConfig
        if "random_seed" in values:
            values["seed"] = values.pop("random_seed")
        for name in ("split", "reset_position_ids", "reset_attention_mask", "eod_mask_loss"):
            values.pop(name, None)
    else:
        cls = bridge.GPTDatasetConfig
        if "seed" in values:
            values["random_seed"] = values.pop("seed")
    keywords = arguments("dataset", values, cls)
    keywords["seq_length"] = values["seq_length"]
    if kind == "sft":
        known = {field.name for field in fields(cls)}
        if unknown := [name for name in specs if name not in known]:
            raise MappingError(f"dataset: {cls.__name__} has no field {', '.join(unknown)}")
        keywords |= {name: None if value is None else PackedSequenceSpecs(**value) for name, value in specs.items()}
        if source is not None:
            keywords["hf_dataset"] = class_at(stand_ins.RELEASE.sections["hf_dataset_source"])(**source)
        paths = values.get("data_paths") or [None]
        keywords["dataset_root"] = paths[0]["path"] if isinstance(paths[0], dict) else paths[0]
    else:
        keywords["blend"] = None if kind == "mock" else blend(values.get("data_paths"))
        split_blends = values.get("blend_per_split")
        if split_blends is not None:
            keywords["blend_per_split"] = [None if b is None else tuple(b) for b in split_blends]
    return cls(**keywords)


def mixed_precision(config):
    value = config.get("mixed_precision")
    if value is None or isinstance(value, str):
        return value
    return MixedPrecisionConfig(**arguments("mixed_precision", value, MixedPrecisionConfig))


def peft(config):
    value = config.get("peft")
    if value is None:
        return None
    values = dict(value)
    cls = {"lora": LoRA, "dora": DoRA}[values.pop("peft_scheme")]
    return cls(**arguments("peft", values, cls))


def container(config):
    """The ConfigContainer of a launch config."""
    parts = {
        "model": model(config),
        "dataset": dataset(config),
        "mixed_precision": mixed_precision(config),
        "peft": peft(config),
        "comm_overlap": None if config.get("comm_overlap") is None else section(config, "comm_overlap"),
    }
    if "validation" in ATTRIBUTES:
        parts |= {"train": section(config, "train"), "validation": section(config, "validation")}
    else:
        parts["train"] = section(config, "train", "validation")
    if "env_vars" in ATTRIBUTES:
        parts["env_vars"] = dict(config.get("env_vars") or {})
    for name in ("optimizer", "scheduler", "ddp", "tokenizer", "checkpoint", "logger", "rng", "dist", "profiling",
                 "rerun_state_machine"):
        parts[name] = section(config, name)
    return bridge.ConfigContainer(**parts)
