"""Exports configs with random values in many fields to Megatron-LM's arguments, parses them, and compares every value.

    swift build --product moonlight
    python megatron_lm_random_exports.py --megatron-lm Megatron-LM --moonlight ../../.build/debug/moonlight [--count 60] [--seed 1]

The values need not make sense together: nothing but `moonlight export --allow-invalid` and the real `parse_args` runs. A
value has to arrive equal, or the export has to say that it does not: in a note, or by refusing (such fields are left out
then, and the rest is exported).
"""

import argparse
import contextlib
import enum
import io
import json
import random
import sys
import tempfile
from pathlib import Path

import megatron_lm_exports  # First: it installs the stand-ins.
import torch
from bridge_exports import DTYPES
from bridge_random_exports import APART, flow, overrides, run, same

# Fields whose argument has another name; `~` turns a flag round.
NAMES = {
    "num_moe_experts": "num_experts", "layernorm_epsilon": "norm_epsilon", "add_bias_linear": "add_bias_linear",
    "share_embeddings_and_output_weights": "~untie_embeddings_and_output_weights", "persist_layer_norm": "~no_persist_layer_norm",
    "num_layers_in_first_pipeline_stage": "decoder_first_pipeline_num_layers",
    "num_layers_in_last_pipeline_stage": "decoder_last_pipeline_num_layers", "save_optim": "~no_save_optim",
    "save_rng": "~no_save_rng", "load_optim": "~no_load_optim", "load_rng": "~no_load_rng",
    "fully_parallel_save": "ckpt_fully_parallel_save", "fully_parallel_load": "ckpt_fully_parallel_load",
    "use_gloo_process_groups": "enable_gloo_process_groups", "enable_megatron_core_experimental": "enable_experimental",
    "average_in_collective": "ddp_average_in_collective", "check_for_nan_in_grad": "check_for_nan_in_loss_and_grad",
    "reduce_scatter_with_fp32_accumulation": "ddp_reduce_scatter_with_fp32_accumulation", "vocab_size": "padded_vocab_size",
}
# Decided with other fields, or by their section's rules; megatron_lm_exports.py compares what comes of them.
TOGETHER = {
    "model": {"num_query_groups", "bias_activation_fusion", "gated_linear_unit", "overlap_p2p_comm", "batch_p2p_comm", "tp_comm_overlap",
              "fp16", "bf16", "fp8", "fp8_recipe", "first_last_layers_bf16", "num_layers_at_start_in_bf16", "num_layers_at_end_in_bf16",
              "defer_embedding_wgrad_compute", "wgrad_deferral_limit", "overlap_moe_expert_parallel_comm", "delay_wgrad_compute",
              "use_te_rng_tracker", "should_pad_vocab", "moe_flex_dispatcher_backend", "cpu_offloading", "cpu_offloading_num_layers",
              "original_max_position_embeddings", "beta_fast", "beta_slow", "position_embedding_type", "mtp_loss_scaling_factor",
              "deterministic_mode", "seq_length", "max_position_embeddings", "inference_rng_tracker"},
    "parallelism": {"pipeline_dtype"},
    "optimizer": {"weight_decay", "use_distributed_optimizer", "overlap_param_gather", "params_dtype", "fp16", "bf16", "fp8_recipe",
                  "muon_coefficient_type", "barrier_with_L1_time", "reuse_grad_buf_for_mxfp8_param_ag", "config_logger_dir",
                  "main_params_dtype", "main_grads_dtype", "exp_avg_dtype", "exp_avg_sq_dtype", "optimizer_offload_fraction", "sgd_momentum"},
    "ddp": {"use_distributed_optimizer", "grad_reduce_in_fp32", "overlap_grad_reduce", "overlap_param_gather", "align_param_gather",
            "bucket_size", "fp8_param_gather", "reuse_grad_buf_for_mxfp8_param_ag", "use_megatron_fsdp", "delay_wgrad_compute"},
    "mixed_precision": {"fp32", "params_dtype", "pipeline_dtype", "grad_reduce_in_fp32"},
    "scheduler": {"start_weight_decay", "end_weight_decay"},
    "train": {"rampup_batch_size"},
    "tokenizer": {"vocab_size", "hf_tokenizer_kwargs", "special_tokens", "chat_template"},
    "dist": {"use_megatron_fsdp", "local_rank"},
    "rng": {"te_rng_tracker", "inference_rng_tracker"},
    "profiling": {"use_nsys_profiler", "use_pytorch_profiler"},
}
SECTIONS = APART | {"comm_overlap"}


def plain(value):
    if isinstance(value, enum.Enum):
        return value.value if isinstance(value, int) else value.name
    if isinstance(value, torch.dtype):
        return DTYPES[value]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def paths(text, mark):
    """The fields that lines of the export's answer begin with."""
    return {line.removeprefix(mark).split(":")[0] for line in text.splitlines() if line.startswith(mark)}


def parse(lm, words):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return lm.parse(words)
    except SystemExit:
        return said.getvalue().strip().splitlines()[-1]


def one(lm, moonlight, generator, folder):
    config, exported = folder / "config.json", folder / "arguments"
    chosen = {name: value for name, value in overrides(generator, 20).items() if name.split(".")[0] not in SECTIONS}
    while True:
        flags = [part for name, value in chosen.items() for part in ("--set", f"{name}={flow(value)}")]
        made = run(moonlight, "generate", "pretrain", "--mock", "--allow-invalid", *flags, "-o", str(config))
        refused = [name for name in chosen if any(name in block for block in made.stderr.split("\nerror[")
                                                  if block.removeprefix("error[").startswith(("FIELD-", "DOC-")))]
        if not refused:
            answer = run(moonlight, "export", str(config), "--allow-invalid", "--to", "megatron-lm", "-o", str(exported))
            refused = [name for name in chosen if name in paths(answer.stderr, "error: ")]
            if answer.returncode == 0:
                break
            # A field that others decide about: it goes with one of them.
            refused = refused or [generator.choice(sorted(chosen))]
        for name in refused:
            del chosen[name]
    args = parse(lm, exported.read_text().splitlines())
    if isinstance(args, str):
        return [("parse", args, exported.read_text().splitlines()[-3:])], 0
    mentioned = paths(answer.stderr, "note: ")
    wrong, count = [], 0
    document = json.loads(config.read_text())
    for path in chosen:
        section, name = path.split(".")
        if path in mentioned or name in TOGETHER.get(section, ()) or name.startswith("muon_"):
            continue
        value, target = document[section][name], NAMES.get(name, name)
        count += 1
        theirs = plain(getattr(args, target.removeprefix("~"), "<no argument>"))
        theirs = not theirs if target.startswith("~") else theirs
        absent = value in (None, []) and theirs in (None, [], False)
        if not (absent or same(value, theirs) or isinstance(value, list) and same(value, list(theirs or []))):
            default = lm.defaults.get(target.removeprefix("~"))
            # Null leaves the argument out, and the class's own default stands.
            if not (value is None and theirs == plain(default)):
                wrong.append((path, value, theirs))
    return wrong, count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megatron-lm", type=Path, required=True, help="a checkout of Megatron-LM at core_v0.16.1")
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lm = megatron_lm_exports.MegatronLM(options.megatron_lm.resolve())
    lm.defaults = vars(lm.parse([]))
    bad = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for index in range(options.count):
            wrong, count = one(lm, options.moonlight, random.Random(options.seed * 100003 + index), Path(folder))
            total += count
            for item in wrong:
                bad += 1
                print(index, item)
    print(f"{options.count} configs, {total} values compared, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
