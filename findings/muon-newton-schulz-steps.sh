#!/bin/bash
# emerging-optimizers 0.3.0 (what megatron-core 0.18 and 0.19 take Muon from), torch 2.15.0, on a CPU.
#
# Expected: more Newton-Schulz steps bring the singular values of Muon's update closer to 1.
# Seen: the coefficients are a schedule that starts again when it ends. `quintic` and `aol` have schedules of five and four steps, and
# the first entry of each is made for a matrix that is far from orthogonal:
#   quintic, 5 steps   singular values 0.98 to 1.03, 6 steps 0.06 to 0.17: the update is eight times smaller
#   aol,     4 steps   0.99 to 1.01, 5 steps 0.52 to 0.64
#   polar_express      stays where it is, whatever the steps
# Nothing warns: the learning rate is simply another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6 absl-py==2.5.1 typing-extensions
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps emerging-optimizers==0.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from emerging_optimizers.orthogonalized_optimizers import muon_utils

torch.manual_seed(0)
gradient = torch.randn(64, 128)


def mean_singular_value(kind, steps):
    update = muon_utils.newton_schulz(gradient, steps=steps, coefficient_type=kind)
    values = torch.linalg.svdvals(update.float())
    print(f"{kind:14} {steps} steps: {values.min():.3f} to {values.max():.3f}, mean {values.mean():.3f}")
    return values.mean().item()


assert 0.9 < mean_singular_value("quintic", 5) < 1.1
assert mean_singular_value("quintic", 6) < 0.2
assert 0.9 < mean_singular_value("aol", 4) < 1.1
assert mean_singular_value("aol", 5) < 0.7
assert 0.99 < mean_singular_value("polar_express", 7) < 1.01
assert 0.99 < mean_singular_value("polar_express", 10) < 1.01
PYTHON
