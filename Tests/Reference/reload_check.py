"""Loads directories that the trainer wrote with transformers, strictly: no missing, unexpected or mismatched tensor.

Run: python Tests/Reference/reload_check.py DIRECTORY...      (transformers 4.57.6)
With two directories, their logits are compared too.
"""

import sys

import torch
from transformers import AutoConfig, AutoModelForCausalLM


def main(folders):
    logits = []
    for folder in folders:
        model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        problems = {k: v for k, v in info.items() if v}
        assert not problems, f"{folder}: {problems}"
        config = AutoConfig.from_pretrained(folder)
        model.eval()
        with torch.no_grad():
            logits.append(model(torch.arange(1, min(9, config.vocab_size))[None]).logits)
        print(f"{folder}: {sum(p.numel() for p in model.parameters())} parameters, stored as {config.dtype}")
    for other in logits[1:]:
        print("largest difference of logits:", (logits[0] - other).abs().max().item())


if __name__ == "__main__":
    main(sys.argv[1:])
