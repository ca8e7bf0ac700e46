"""Writes Tests/Fixtures/exports/RELEASE/megatron_lm.json: what Megatron-LM makes of the argument lists in that folder.

    MOONLIGHT_RECORD_FIXTURES=1 swift test --filter ExportersTests    # writes the lists
    python megatron_lm_exports.py [--megatron-lm CHECKOUT] [--check] [NAME...]

Each list goes through the installed release's real `parse_args` and `validate_args`, with the defaults of
pretrain_gpt.py; the core of 0.3.1 needs a checkout of its tag (megatron_lm.py).
What Megatron-LM then builds from its arguments, it builds here: the transformer's config, the optimizer's, the one of
DDP (in `get_model`), the scheduler. Each of their fields, and each argument that says how to train, save, log and read
data, is held against what Megatron-Bridge makes of the `bridge.yaml` of the same case (its config after
`runtime_config_update` and `finalize`). The fixture holds the list's SHA-256, the number of values compared, and each
that differs: field of the launch config, value in Megatron-Bridge, value in Megatron-LM.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import io
import json
import sys
from pathlib import Path

import bridge_export_check  # First: it installs the stand-ins.
import container_values
import torch
from bridge_exports import FIXTURES
from container_values import plain
from megatron_lm import MegatronLM
from megatron.bridge.training.tokenizers.tokenizer import build_tokenizer

# Fields of Megatron-Bridge's classes that Megatron-LM has by another name: argument, and how its value is read.
SPELLINGS = {
    ("checkpoint", "save_optim"): ("no_save_optim", lambda value: not value),
    ("checkpoint", "save_rng"): ("no_save_rng", lambda value: not value),
    ("checkpoint", "load_optim"): ("no_load_optim", lambda value: not value),
    ("checkpoint", "load_rng"): ("no_load_rng", lambda value: not value),
    ("checkpoint", "fully_parallel_save"): ("ckpt_fully_parallel_save", bool),
    ("checkpoint", "fully_parallel_load"): ("ckpt_fully_parallel_load", bool),
    ("train", "exit_signal"): ("exit_signal", int),
    ("dist", "use_gloo_process_groups"): ("enable_gloo_process_groups", bool),
    ("dist", "enable_megatron_core_experimental"): ("enable_experimental", bool),
}
# Fields that a process finds out for itself.
RUNTIME = {("dist", "local_rank"), ("train", "data_parallel_size")}
NOT_SET = (None, False, [])
# Differences without a meaning: when, and why.
WITHOUT_EFFECT = {
    "model.batch_p2p_comm": lambda cfg, *_: cfg.model.pipeline_model_parallel_size == 1,  # nothing is sent
    "model.deallocate_pipeline_outputs": lambda *_: True,  # frees memory early; Megatron-LM always does
    "model.cp_comm_type": lambda _, theirs, ours: (theirs, ours) == (None, "p2p"),  # what Transformer Engine does
    "model.inference_sampling_seed": lambda *_: True,
    "optimizer.barrier_with_L1_time": lambda cfg, *_: cfg.logger.timing_log_level == 0,  # no such timer runs
    "optimizer.optimizer_offload_fraction": lambda cfg, *_: not cfg.optimizer.optimizer_cpu_offload,
    "checkpoint.strict_fsdp_dtensor_load": lambda cfg, *_: cfg.checkpoint.ckpt_format != "fsdp_dtensor",
    # Bridge's default is the level that Megatron-LM's own messages are printed with.
    "logger.logging_level": lambda _, theirs, ours: (theirs, ours) == (20, None),
    # Worked out by Megatron-Bridge and by the loader; used by hybrid context parallelism alone.
    "dataset.data_parallel_size": lambda *_: True,
    "dataset.sequence_parallel_size": lambda *_: True,
    "dataset.context_parallel_size": lambda _, theirs, ours: (theirs, ours) == (None, 1),
}


def bridge(name, facts):
    """Megatron-Bridge's config of the same case, as it starts with it."""
    start = bridge_export_check.FileStart(str(FIXTURES / name / "bridge.yaml"), facts["world_size"], facts["mode"], False)
    start.run()
    start.cfg.model.finalize()
    return start.cfg


def value_of(value):
    """A value as both sides can be compared: an argument and a field may hold the same thing as list and tuple."""
    if isinstance(value, torch.dtype):
        return container_values.DTYPES.get(value, str(value))
    return plain(value)


class Comparison:
    def __init__(self, cfg):
        self.cfg, self.count, self.differs = cfg, 0, {}

    def add(self, path, theirs, ours):
        if path.startswith("optimizer.muon_") and "muon" not in self.cfg.optimizer.optimizer:
            return
        self.count += 1
        theirs, ours = value_of(theirs), value_of(ours)
        if theirs == ours or theirs in NOT_SET and ours in NOT_SET:
            return
        if path not in WITHOUT_EFFECT or not WITHOUT_EFFECT[path](self.cfg, theirs, ours):
            self.differs[path] = [theirs, ours]

    def objects(self, section, theirs, ours):
        """Every field of Megatron-LM's object against the same field of Megatron-Bridge's."""
        for field in dataclasses.fields(ours):
            if field.init and hasattr(theirs, field.name) and field.name != "tokenizer":
                self.add(f"{section}.{field.name}", getattr(theirs, field.name), getattr(ours, field.name))

    def arguments(self, section, theirs, args):
        """Every field of Megatron-Bridge's object against the argument of the same meaning."""
        for field in dataclasses.fields(theirs):
            path = (section, field.name)
            if not field.init or field.name.startswith("_") or path in RUNTIME:
                continue
            name, read = SPELLINGS.get(path, (field.name, None))
            value = getattr(theirs, field.name)
            if hasattr(args, name):
                found = getattr(args, name)
                self.add(".".join(path), value, read(found) if read else found)
            elif value_of(value) != value_of(default(field)):
                self.differs[".".join(path)] = [value_of(value), "<no argument>"]


def default(field):
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default


def compare(lm, args, cfg):
    model, optimizer, ddp, scheduler, dataset = lm.objects(args)
    comparison = Comparison(cfg)
    comparison.objects("model", cfg.model, model)
    comparison.objects("optimizer", cfg.optimizer, optimizer)
    comparison.objects("ddp", cfg.ddp, ddp)
    if dataset is not None:
        comparison.objects("dataset", cfg.dataset, dataset)
    for ours, theirs in (
        ("init_lr", cfg.scheduler.lr_warmup_init), ("max_lr", cfg.optimizer.lr), ("min_lr", cfg.optimizer.min_lr),
        ("lr_warmup_steps", cfg.scheduler.lr_warmup_steps), ("lr_decay_steps", cfg.scheduler.lr_decay_steps),
        ("lr_decay_style", cfg.scheduler.lr_decay_style), ("start_wd", cfg.scheduler.start_weight_decay),
        ("end_wd", cfg.scheduler.end_weight_decay), ("wd_incr_steps", cfg.scheduler.wd_incr_steps),
        ("wd_incr_style", cfg.scheduler.weight_decay_incr_style), ("wsd_decay_steps", cfg.scheduler.wsd_decay_steps),
        ("lr_wsd_decay_style", cfg.scheduler.lr_wsd_decay_style),
        ("override_opt_param_scheduler", cfg.scheduler.override_opt_param_scheduler),
        ("use_checkpoint_opt_param_scheduler", cfg.scheduler.use_checkpoint_opt_param_scheduler),
    ):
        comparison.add(f"scheduler.{ours}", theirs, getattr(scheduler, ours))
    for section in ("train", "checkpoint", "logger", "rng", "dist", "tokenizer", "profiling", "rerun_state_machine"):
        theirs = getattr(cfg, section)
        if theirs is not None:
            comparison.arguments(section, theirs, args)
    if args.tokenizer_type == "NullTokenizer" and dataset is not None:
        # Megatron-LM's counts the end of a document on top of what it is told: the built ones are compared.
        comparison.differs.pop("tokenizer.vocab_size", None)
        comparison.add("tokenizer.vocab_size", build_tokenizer(cfg.tokenizer).vocab_size, dataset.tokenizer.vocab_size)
    comparison.add("model.vocab_size", cfg.model.vocab_size, args.padded_vocab_size)
    comparison.add("model.share_embeddings_and_output_weights", cfg.model.share_embeddings_and_output_weights,
                   not args.untie_embeddings_and_output_weights)
    for name in ("seq_length", "position_embedding_type", "rotary_base", "rotary_percent"):
        comparison.add(f"model.{name}", getattr(cfg.model, name), getattr(args, name))
    return comparison


def case(lm, name, facts):
    path = FIXTURES / name / "megatron-lm.args"
    result = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    words = path.read_text().splitlines()
    try:
        args = lm.args(words, facts["world_size"])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            comparison = compare(lm, args, bridge(name, facts))
    except Exception as error:  # noqa: BLE001  Whatever is raised is the answer.
        return result | {"accepted": False, "error": f"{error}"[:300]}
    return result | {"accepted": True, "compared": comparison.count, "differs": comparison.differs}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--megatron-lm", type=Path, help="a checkout of Megatron-LM, where the core wheel lacks megatron.training")
    parser.add_argument("--check", action="store_true", help="compare with the fixture instead of writing it")
    options = parser.parse_args()
    lm = MegatronLM(options.megatron_lm and options.megatron_lm.resolve())
    index = json.loads((FIXTURES / "index.json").read_text())
    target = FIXTURES / "megatron_lm.json"
    known = json.loads(target.read_text()) if target.exists() else {}
    result = {}
    ok = True
    for name, facts in index.items():
        if not (FIXTURES / name / "megatron-lm.args").exists():
            continue
        if options.names and name not in options.names:
            if name in known:
                result[name] = known[name]
            continue
        result[name] = case(lm, name, facts)
        ok = ok and result[name]["accepted"]
        print(name, json.dumps({key: value for key, value in result[name].items() if key != "sha256"}))
    text = "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(result[name])}" for name in result) + "\n}\n"
    if options.check:
        ok = ok and text == target.read_text()
        print("unchanged" if ok else "differs from the fixture")
    else:
        target.write_text(text)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
