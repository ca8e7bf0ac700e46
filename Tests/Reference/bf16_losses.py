"""How far torch's bf16 autocast is from fp64 on small DeepSeek-V3 models, which our bf16 products must not exceed.

    python Tests/Reference/bf16_losses.py Tests/Fixtures/engine/bf16_losses.json [--seeds 10] [--first 1]

Needs transformers 4.57.6 and torch. Each seed is a model with weights and tokens of its own (engine_reference.py), trained by
AdamW for ten steps three times: in fp64, in fp32, and in fp32 under `torch.autocast("cpu", torch.bfloat16)`. The fixture has the
losses; `BFloat16LossTests` trains the same with bf16 weights and products. Other seeds:

    python Tests/Reference/bf16_losses.py /tmp/bf16.json --first 101 --seeds 30
    BF16_LOSSES=/tmp/bf16.json swift test --filter BFloat16LossTests
"""

import argparse
import importlib.util
import json
import math
import pathlib
import sys

import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

from engine_reference import BASE, batch, fill

CASE = dict(config={}, batch=(2, 24))
STEPS, LR, DECAY, CLIP = 10, 3e-3, 0.1, 1.0


def model_class_in_fp64():
    """transformers' model without the places where it computes in fp32 whatever the weights are."""
    original = sys.modules[DeepseekV3ForCausalLM.__module__]
    name = original.__name__ + "_fp64"
    source = pathlib.Path(original.__file__).read_text()
    source = source.replace("torch.float32", "torch.float64").replace(".float()", ".double()")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader=None))
    module.__package__, module.__file__ = original.__package__, original.__file__
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)
    return module.DeepseekV3ForCausalLM


def train(kind, model_class, seed):
    """Losses of a run: `kind` is fp64, fp32 or autocast."""
    config = DeepseekV3Config(**BASE, attn_implementation="eager")
    model = model_class(config).to(torch.float64 if kind == "fp64" else torch.float32)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if not name.endswith("inv_freq"):
                tensor.copy_(fill(name, list(tensor.shape), seed, 1.0))
    if kind == "fp64":
        model.model.rotary_emb.inv_freq = BASE["rope_theta"] ** (
            -torch.arange(0, BASE["qk_rope_head_dim"], 2, dtype=torch.float64) / BASE["qk_rope_head_dim"])
    model.eval()
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [dict(params=[p for _, p in named if p.ndim > 1], weight_decay=DECAY),
         dict(params=[p for _, p in named if p.ndim == 1], weight_decay=0.0)], lr=LR, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for step in range(STEPS):
        for _, parameter in named:
            parameter.grad = torch.zeros_like(parameter)
        inputs, targets, _ = batch(CASE, config, seed, f"step {step % 4} 0")
        with torch.autocast("cpu", torch.bfloat16, enabled=kind == "autocast"):
            logits = model(input_ids=inputs, use_cache=False).logits
            logits = logits if kind == "fp64" else logits.float()
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_([p for _, p in named], CLIP)
        optimizer.step()
    return losses


def distance(losses, exact):
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(losses, exact)) / len(exact))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    in_fp64 = model_class_in_fp64()
    runs = []
    for seed in range(options.first, options.first + options.seeds):
        exact = train("fp64", in_fp64, seed)
        single = train("fp32", DeepseekV3ForCausalLM, seed)
        autocast = train("autocast", DeepseekV3ForCausalLM, seed)
        print(f"seed {seed}: fp32 {distance(single, exact):.1e}, autocast {distance(autocast, exact):.1e} from fp64")
        runs.append(dict(
            seed=seed, config=BASE, sequences=CASE["batch"][0], length=CASE["batch"][1], latent_scale=1.0,
            optimizer="adam", lr=LR, weight_decay=DECAY, clip=CLIP, losses=exact, autocast_losses=autocast))
    options.out.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n")


if __name__ == "__main__":
    main()
