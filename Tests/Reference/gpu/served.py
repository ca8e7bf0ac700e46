"""Loads the adapters that launches exported, in peft: python served.py --root DIR [--results FILE] [PREFIX...]

Runs where transformers and peft are, on a CPU as well. For each `runs/adapter-*` whose launch has made
`results/NAME/adapter`: the base in transformers with these adapters has to have no tensor missing or left over, and its
loss over the rows of `samples.jsonl` has to be below the base's. Both are printed beside the losses of the CPU engine's
run (`reference.jsonl`) and, with `--results`, of the launch's: without adapters they stand for its first step.
"""

import argparse
import json
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors import safe_open
from transformers import AutoModelForCausalLM


def losses(model, samples, normalize):
    """The loss over samples as one step of training has it: the mean of each sample's, or of all tokens'."""
    sums, counts = [], []
    with torch.no_grad():
        for sample in samples:
            tokens, targets, mask = (torch.tensor(sample[name]) for name in ("tokens", "targets", "loss_mask"))
            end = int(mask.nonzero().max()) + 1
            logits = model(tokens[None, :end]).logits[0].float()
            each = torch.nn.functional.cross_entropy(logits, targets[:end], reduction="none") * mask[:end]
            sums.append(float(each.sum()))
            counts.append(int(mask[:end].sum()))
    if normalize == "tokens":
        return sum(sums) / sum(counts)
    return sum(total / count for total, count in zip(sums, counts)) / len(sums)


def check(folder, root, launched):
    adapter = root / "results" / folder.name / "adapter"
    if not (adapter / "adapter_config.json").exists():
        print(f"{folder.name}: its launch has made no {adapter}")
        return False
    base = AutoModelForCausalLM.from_pretrained(root / "tiny" / "hf", torch_dtype=torch.float32)
    samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    before = {kind: losses(base, samples, kind) for kind in ("samples", "tokens")}
    model = PeftModel.from_pretrained(base, str(adapter))
    loaded = get_peft_model_state_dict(model)
    with safe_open(adapter / "adapter_model.safetensors", "pt") as file:
        names = set(file.keys())
        same = names == loaded.keys() and all(torch.equal(file.get_tensor(name).float(), loaded[name].float()) for name in names)
    after = {kind: losses(model, samples, kind) for kind in ("samples", "tokens")}
    reference = [json.loads(line)["loss"] for line in (folder / "reference.jsonl").read_text().splitlines()]
    print(json.dumps({
        "run": folder.name, "tensors": len(names), "all_loaded": same, "base": before, "adapted": after,
        "cpu_engine": [reference[0], reference[-1]], "launch": launched.get(folder.name),
    }))
    return same and after["samples"] < before["samples"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    parser.add_argument("--results", type=Path, help="results.jsonl of run.py")
    parser.add_argument("prefixes", nargs="*", default=["adapter-"])
    options = parser.parse_args()
    launched = {}
    for line in options.results.read_text().splitlines() if options.results else []:
        result = json.loads(line)
        launched[result["run"]] = [step["loss"] for step in result["steps"] if "loss" in step]
    folders = [path for prefix in options.prefixes for path in sorted((options.root / "runs").glob(f"{prefix}*"))]
    raise SystemExit(0 if folders and all([check(folder, options.root, launched) for folder in folders]) else 1)


if __name__ == "__main__":
    main()
