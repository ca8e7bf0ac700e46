"""Loads an adapter that the trainer wrote with the peft library, strictly, on the base it belongs to, and compares its
logits with those of the directory that `moonlight-trainer merge` made of the two.

Run: python Tests/Reference/peft_reload_check.py BASE ADAPTER MERGED      (transformers 4.57.6, peft 0.21.2)
ADAPTER is the checkpoint's own folder. Fails where a tensor is missing, unexpected or of another shape, where peft puts
adapters on other modules than the file has, or where logits differ by more than 1e-4 of the largest.
"""

import sys

import torch
from peft import PeftModel
from safetensors import safe_open
from transformers import AutoModelForCausalLM

SUFFIXES = (".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector")


def load(folder):
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    problems = {key: value for key, value in info.items() if value}
    assert not problems, f"{folder}: {problems}"
    return model.eval()


def main(base, adapter, merged):
    tokens = torch.randint(1, 250, (2, 24), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        plain = load(base)(tokens).logits
        model = PeftModel.from_pretrained(load(base), adapter).eval()
        # What peft made of target_modules, against what the file holds.
        with safe_open(f"{adapter}/adapter_model.safetensors", "pt") as file:
            stored = {name: file.get_tensor(name) for name in file.keys()}
        made = {
            name.replace(".default.weight", ".weight").replace("lora_magnitude_vector.weight", "lora_magnitude_vector"): value
            for name, value in model.state_dict().items()
            if "lora_" in name
        }
        assert made.keys() == stored.keys(), f"peft has other tensors: {sorted(made.keys() ^ stored.keys())[:4]}"
        for name, value in stored.items():
            assert torch.equal(made[name], value), f"{name} was not loaded"
        theirs = model(tokens).logits
        ours = load(merged)(tokens).logits
    scale = theirs.abs().max()
    difference = ((theirs - ours).abs().max() / scale).item()
    change = ((theirs - plain).abs().max() / scale).item()
    print(f"{adapter}: {len(stored)} tensors; logits differ by {difference:.2e}, the adapter changes them by {change:.2e}")
    assert change > 1e-3, "the adapter changes nothing"
    assert difference < 1e-4, "the logits differ"


if __name__ == "__main__":
    main(*sys.argv[1:])
