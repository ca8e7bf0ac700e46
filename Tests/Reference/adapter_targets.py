"""Writes Tests/Fixtures/adapters/targets.json: what megatron-bridge 0.3.1's ModuleMatcher matches on real models.

The models are built by the start-up harness (`phases.py`), one decoder layer of each kind, before any wrapping; the
matcher is the real one. Run with the environment of `requirements-megatron.txt`.
"""

import json
from pathlib import Path

import base_configs
import phases
from megatron.bridge.peft.lora import LoRA
from megatron.bridge.training import setup

FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "adapters" / "targets.json"

# Two layers, the first dense, so that one layer of each kind is the whole model.
SMALL = {"model.num_layers": 2, "model.moe_layer_freq": [0, 1]}
MODELS = {
    "moonlight": {},
    "query latent, experts apart": {
        "model.q_lora_rank": 1536, "model.moe_grouped_gemm": False, "model.num_moe_experts": 8, "model.moe_router_topk": 4,
        "parallelism.expert_model_parallel_size": 1,
    },
    "no shared experts": {"model.moe_shared_expert_intermediate_size": None},
}
TARGETS = [
    "linear_qkv", "linear_q_proj", "linear_q_down_proj", "linear_q_up_proj", "linear_kv_down_proj", "linear_kv_up_proj",
    "linear_proj", "linear_fc1", "linear_fc2", "router", "output_layer", "word_embeddings", "q_layernorm", "kv_layernorm",
    "mlp", "experts", "shared_experts", "decoder", "0", "1", "*", "linear_*", "*.linear_*", "*linear_fc1", "*.mlp.linear_fc1",
    "*.experts.linear_fc1", "*.shared_experts.linear_fc2", "*.layers.0.*.linear_proj", "*.layers.1.*", "*.layers.2.*",
    "decoder.layers.0.self_attention.linear_proj", "decoder.layers.0.self_attention", "*local_experts.3.*", "output_laye.",
    "*norm", "*.self_attention.*", "**proj", "",
]


def names(overrides):
    """Every module that the matcher is asked about: (name, prefix, is linear)."""
    config = base_configs.changed(base_configs.load()["lora"], SMALL | overrides)
    start = phases.Start(config)
    setup._create_peft_pre_wrap_hook = lambda cfg, state: lambda model: model
    for step in (start.validate, start.initialize, start.tokenizer):
        step()
    start.cfg.model.init_model_with_meta_device = True
    with phases.CudaAs("meta"):
        for _ in start.places(range(1)):
            (model,) = start.cfg.model.provide_distributed_model(
                ddp_config=start.cfg.ddp, init_model_with_meta_device=True, wrap_with_ddp=False
            )
    while hasattr(model, "module"):
        model = model.module
    return [(name, module) for name, module in model.named_modules() if name]


def matches(targets, modules):
    matcher = LoRA(target_modules=targets)
    found = []
    for name, module in modules:
        prefix, _, last = name.rpartition(".")
        if matcher.match(module, last, prefix or None) is not None:
            found.append(name)
    return found


def main():
    cases = []
    for model, overrides in MODELS.items():
        modules = names(overrides)
        for target in TARGETS:
            if target:
                cases.append({"model": model, "target": target, "modules": sorted(matches([target], modules))})
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case) for case in cases)
    FIXTURE.write_text("[\n" + lines + "\n]\n")


if __name__ == "__main__":
    main()
