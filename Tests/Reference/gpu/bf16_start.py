"""What the optimizer starts from when Megatron-Bridge trains in bf16 from weights in fp32: python3 bf16_start.py [--root DIR]

On the machine with GPUs, after prepare.py's runs are there. Takes the tiny model with weights that are no bf16 numbers, runs
the launch of `tiny-bf16-one` for one step that is too small to move a weight, and counts how many of the optimizer's fp32
weights in its checkpoint are bf16 numbers.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

RUN = "tiny-bf16-one"
RATE = 1e-12


def write_weights(source, folder):
    """The model of a folder in fp32, each weight off by a thousandth."""
    shutil.copytree(source, folder)
    generator = torch.Generator().manual_seed(1)
    file = folder / "model.safetensors"
    weights = {name: value.float() * (1 + 1e-3 * torch.randn(value.shape, generator=generator))
               for name, value in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"torch_dtype": "float32", "dtype": "float32"}))
    return weights


def write_launch(root, work):
    """The launch with those weights, one step at RATE, and a checkpoint."""
    launch = work / "launch"
    shutil.copytree(root / "runs" / RUN / "launch", launch)
    config = (launch / "bridge.yaml").read_text().replace(str(root / "tiny" / "hf"), str(work / "hf"))
    for field, value in {"train_iters": 1, "lr": f"{RATE:.1e}", "min_lr": f"{RATE:.1e}", "save": work / "save",
                         "save_interval": 1}.items():
        config, count = re.subn(rf"(?m)^(  {field}:) .*$", rf"\1 {value}", config)
        assert count, field
    (launch / "bridge.yaml").write_text(config)
    script = (launch / "launch.sh").read_text()
    for old, new in ((root / "results" / RUN, work / "results"), (root / "runs" / RUN, work)):
        script = script.replace(str(old), str(new))
    (launch / "launch.sh").write_text(script)
    return launch / "launch.sh"


def representable(values):
    return int((values == values.bfloat16().float()).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    options = parser.parse_args()
    work = options.root / "bf16-start"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    weights = write_weights(options.root / "tiny" / "hf", work / "hf").values()
    print("in the file", sum(map(representable, weights)), "of", sum(value.numel() for value in weights), "are bf16 numbers")
    subprocess.run(["bash", write_launch(options.root, work)], check=True,
                   env=os.environ | {"CUDA_DEVICE_MAX_CONNECTIONS": "1"})
    dcp_to_torch_save(next((work / "save").glob("iter_*")), work / "all.pt")
    moved = 0.0
    for name, value in torch.load(work / "all.pt", weights_only=False).items():
        if isinstance(value, torch.Tensor) and name.startswith("optimizer.") and name.endswith(".param"):
            print("in the optimizer", representable(value), "of", value.numel(), "are bf16 numbers")
            moved = max(moved, (value - value.bfloat16().float()).abs().max().item())
    print(f"the others are off by at most {moved:.1e}")
    return 0 if 0 < moved <= 2 * RATE else 1


if __name__ == "__main__":
    sys.exit(main())
