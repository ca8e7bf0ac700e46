"""Imports the tiny checkpoint with the exported programs, exports it again, compares: python3 round_trip.py --root DIR --out DIR

Both programs are those of an exported launch, unchanged. The comparison is of transformers' own state dicts, bit by bit.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path


def state(folder):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.bfloat16)
    return dict(model.state_dict())


def compare(first, second):
    import torch

    one, two = state(first), state(second)
    different = {
        name: (one[name].float() - two[name].float()).abs().max().item()
        for name in one.keys() & two.keys() if not torch.equal(one[name], two[name])
    }
    return {
        "tensors": len(one), "missing": sorted(one.keys() - two.keys()), "added": sorted(two.keys() - one.keys()),
        "different": different, "equal": not different and one.keys() == two.keys(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    launch, model = options.root / "runs" / "round-trip" / "launch", options.root / "tiny" / "hf"
    imported, exported = options.root / "results" / "imported", options.root / "results" / "exported"
    (options.out / "logs").mkdir(parents=True, exist_ok=True)
    result = {}
    for name, words in (
        ("import", ["import_checkpoint.py", f"--config={launch / 'bridge.yaml'}", f"--model={model}", f"--to={imported}"]),
        ("export", ["export_checkpoint.py", f"--config={launch / 'bridge.yaml'}", f"--model={model}",
                    f"--from={imported}", f"--to={exported}"]),
    ):
        start = time.time()
        with open(options.out / "logs" / f"round-trip-{name}.log", "w") as log:
            done = subprocess.run([sys.executable, str(launch / words[0]), *words[1:]], stdout=log,
                                  stderr=subprocess.STDOUT, cwd=launch, timeout=150)
        result[name] = {"status": done.returncode, "seconds": round(time.time() - start, 1)}
        print(name, result[name], flush=True)
        if done.returncode:
            break
    else:
        result["comparison"] = compare(model, exported)
        print({key: value for key, value in result["comparison"].items()}, flush=True)
    (options.out / "round_trip.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
