#!/bin/bash
# megatron-core 0.19.2 with megatron-bridge 0.6.2, torch 2.15.0, on a CPU; 0.16.1/0.3.1 and 0.18.2/0.5.1 have the same lines.
#
# Expected: with LoRA the base stays as it is, and the adapters on top of it are all that a run changes.
# Seen: a router's expert bias (`moe_router_enable_expert_bias`, as DeepSeek-V3 and Moonlight have it) goes on moving by
# `moe_router_bias_update_rate`, 1e-3 by default, each step. It is a buffer: freezing parameters does not hold it, the update asks for
# training mode alone, and the filter for checkpoints of adapters leaves it out. Here, after 100 steps, a fifth of the tokens goes to
# other experts than through the base that the adapters will be loaded on. Some of Megatron-Bridge's models set the rate to 0; the
# DeepSeek-V3 family does not. megatron-core's `frozen_expert_bias` would hold it, and only Megatron-LM's `--freeze-all-layers` sets it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6 packaging einops
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps megatron-core==0.19.2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/bridge" megatron-bridge==0.6.2
"$folder/venv/bin/python" -W ignore - "$folder/bridge" <<'PYTHON'
import sys
import types
from pathlib import Path

import torch
from torch import nn

torch.cuda.current_device = lambda: "cpu"  # Where the router puts its buffers.
from megatron.core import parallel_state
from megatron.core.distributed.finalize_model_grads import _update_router_expert_bias
from megatron.core.process_groups_config import ProcessGroupCollection
from megatron.core.transformer.moe.router import TopKRouter
from megatron.core.transformer.transformer_config import TransformerConfig

for name in ("megatron.bridge", "megatron.bridge.peft"):  # Without what their __init__ imports.
    package = types.ModuleType(name)
    package.__path__ = [str(Path(sys.argv[1], *name.split(".")))]
    sys.modules[name] = package
from megatron.bridge.peft.base import PEFT

STEPS, RATE, EXPERTS = 100, 1e-3, 8
torch.distributed.init_process_group("gloo", init_method=f"file://{sys.argv[1]}/store", rank=0, world_size=1)
parallel_state.initialize_model_parallel()
torch.manual_seed(1)
config = TransformerConfig(
    num_layers=1, hidden_size=16, num_attention_heads=2, num_moe_experts=EXPERTS, moe_router_topk=2,
    moe_router_score_function="sigmoid", moe_router_pre_softmax=True, moe_router_enable_expert_bias=True,
    moe_router_bias_update_rate=RATE, moe_router_load_balancing_type="none", use_cpu_initialization=True,
    add_bias_linear=False)


class Adapted(nn.Module):
    def __init__(self, wrapped):
        super().__init__()
        self.to_wrap, self.adapter = wrapped, nn.Linear(16, 16, bias=False)


class OneAdapter(PEFT):
    def transform(self, module, name=None, prefix=None):
        return Adapted(module) if name == "linear" else module


groups = ProcessGroupCollection.use_mpu_process_groups()


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.router = nn.Linear(16, 16), TopKRouter(config, pg_collection=groups)


model = Layer()
scheme = OneAdapter()
scheme(model, training=True)
scheme.set_params_to_save(model)
trained = sorted(name for name, parameter in model.named_parameters() if parameter.requires_grad)
kept = sorted(name for name in model.state_dict() if scheme.adapter_key_filter(name))
print("trained:", trained, "kept in a checkpoint:", kept)
assert trained == kept == ["linear.adapter.weight"]

router, tokens = model.router, torch.randn(256, 1, 16)
_, before = router(tokens)
for _ in range(STEPS):
    router(torch.randn(64, 1, 16))
    _update_router_expert_bias([model], config, torch.distributed.group.WORLD)
    router.local_tokens_per_expert.zero_()
_, after = router(tokens)
moved, changed = router.expert_bias.abs().max().item(), (before != after).any(dim=-1).float().mean().item()
print(f"after {STEPS} steps an entry of the frozen base's bias has moved by {moved:.3f}; "
      f"{changed:.0%} of other tokens go to other experts")
assert moved >= 3 * RATE and changed > 0.05
PYTHON
