#!/bin/bash
# megatron-core 0.19.2 with megatron-bridge 0.6.2 (0.16.1/0.3.1 and 0.18.2/0.5.1 have the same lines), torch 2.15.0, on a CPU.
#
# Expected: with bf16 and no fp8 anywhere, `fp8_recipe` says nothing.
# Seen: it decides how Adam keeps its fp32 weights. Megatron-Core keeps them in the kernel of the precision-aware optimizer only where
# the optimizer's `fp8_recipe` is None or `delayed`; Megatron-Bridge's mixed precision writes its own there, whose default is
# `tensorwise`, also in `bf16_mixed`. Then they stand apart, and gradients are copied to fp32 for each step.
# On an H200 (8 layers of Moonlight-16B, one GPU, gradients and moments in bf16): 74.1 GiB with the default, 52.5 GiB with
# `mixed_precision.fp8_recipe=delayed`, the losses of 8 steps equal to 1e-4 of their size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6 packaging einops
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps megatron-core==0.19.2
"$folder/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$folder" megatron-bridge==0.6.2
"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import ast
import sys
import zipfile
from pathlib import Path

import torch
from megatron.core.optimizer.optimizer_config import OptimizerConfig


def keeps_in_kernel(recipe):
    """What the config decides before it looks for Transformer Engine, which a CPU machine does not have."""
    config = object.__new__(OptimizerConfig)
    try:
        config.__init__(optimizer="adam", bf16=True, use_distributed_optimizer=True, use_precision_aware_optimizer=True,
                        main_grads_dtype=torch.bfloat16, fp8_recipe=recipe)
    except RuntimeError as error:
        assert "FusedAdam" in str(error), error
    return config.use_precision_aware_optimizer_no_fp8_or_ds_fp8


def bridge_source():
    wheel = next(Path(sys.argv[1]).glob("megatron_bridge-*.whl"))
    return zipfile.ZipFile(wheel).read("megatron/bridge/training/mixed_precision.py").decode()


seen = {recipe: keeps_in_kernel(recipe) for recipe in (None, "delayed", "tensorwise", "blockwise")}
print("masters kept in the kernel:", seen)
assert seen == {None: True, "delayed": True, "tensorwise": False, "blockwise": False}

source = bridge_source()
config = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "MixedPrecisionConfig")
default = next(node.value.value for node in config.body
               if isinstance(node, ast.AnnAssign) and node.target.id == "fp8_recipe")
print("Megatron-Bridge's default:", default)
assert default == "tensorwise"
assert "update_config_with_precision_overrides(self, optimizer_config)" in source
PYTHON
