"""Writes Tests/Fixtures/engine/muon_release.json: twenty steps of the Muon that the release makes of our Muon recipe.

    python muon_reference.py

The config is the recipe's export, Fixtures/exports/RELEASE/pretrain-muon/bridge.yaml. Its `optimizer` goes through
megatron-core's own construction of emerging optimizers; what steps is TensorParallelMuon with the emerging_optimizers
package of the release, on matrices that are wider than tall, taller than wide, and square. Weights and gradients come from
the generator of engine_reference.py, which the Swift tests have too: `uniform("NAME weights")`, `uniform("NAME STEP")`. All
of it twice: in fp32 (`muon_fp32_matmul_prec` highest), and as the config says, medium, for which emerging_optimizers rounds
to bf16 what goes into the iteration's products and what comes out (muon_utils.py, newton_schulz).
"""

import argparse
import json
from pathlib import Path

import emerging_optimizers  # noqa: F401  The real one, before a stand-in takes its place.
import stand_ins

stand_ins.install()

import torch  # noqa: E402
from megatron.bridge.training.config import ConfigContainer  # noqa: E402
from megatron.bridge.utils.instantiate_utils import InstantiationMode  # noqa: E402
from megatron.core.optimizer import emerging_optimizers as emerging  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures"
MATRICES = {"wide": (12, 40), "tall": (36, 8), "square": (24, 24)}
STEPS, SEED, RATE, DECAY = 20, 11, 0.02, 0.1
MASK = (1 << 64) - 1


def uniform(name, count):
    """`count` values in [-1, 1), multiples of 2^-23, as in engine_reference.py."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    state ^= SEED
    values = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        values.append(((z ^ (z >> 31)) >> 40) / float(1 << 23) - 1.0)
    return torch.tensor(values, dtype=torch.float64).float()


def stepped(optimizer, precision):
    """The weights of each matrix behind all steps."""
    optimizer.muon_fp32_matmul_prec = precision
    arguments = emerging._kwargs_from_config(emerging.TensorParallelMuon, "muon", optimizer)
    arguments |= {"lr": RATE, "weight_decay": DECAY, "tp_mode": "blockwise", "split_qkv": False}
    parameters = {name: torch.nn.Parameter(uniform(f"{name} weights", rows * columns).reshape(rows, columns))
                  for name, (rows, columns) in MATRICES.items()}
    muon = emerging.TensorParallelMuon(list(parameters.values()), **arguments)
    for step in range(STEPS):
        for name, parameter in parameters.items():
            parameter.grad = uniform(f"{name} {step}", parameter.numel()).reshape(parameter.shape)
        muon.step()
    return {name: parameter.detach().flatten().tolist() for name, parameter in parameters.items()}


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    torch.set_num_threads(1)
    release = stand_ins.RELEASE.megatron_bridge
    file = FIXTURES / "exports" / release / "pretrain-muon" / "bridge.yaml"
    config = ConfigContainer.from_yaml(str(file), mode=InstantiationMode.STRICT)
    optimizer = config.optimizer
    fp32, bf16 = (stepped(optimizer, precision) for precision in ("highest", "medium"))
    settings = {name: getattr(optimizer, name) for name in (
        "optimizer", "use_layer_wise_distributed_optimizer", "muon_momentum", "muon_nesterov", "muon_num_ns_steps",
        "muon_coefficient_type", "muon_scale_mode", "muon_extra_scale_factor", "muon_tp_mode")}
    (FIXTURES / "engine" / "muon_release.json").write_text(json.dumps(dict(
        release=release, settings=settings, seed=SEED, steps=STEPS, lr=RATE, weight_decay=DECAY,
        matrices=[dict(name=name, rows=rows, columns=columns, weights=fp32[name], bf16_weights=bf16[name])
                  for name, (rows, columns) in MATRICES.items()]), indent=1) + "\n")
    print(STEPS, "steps of", emerging_optimizers.__version__)


if __name__ == "__main__":
    main()
