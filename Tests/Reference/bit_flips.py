"""Flips single bits of a checkpoint of a real run and asks the programs that read it whether they notice.

    python3 Tests/Reference/bit_flips.py --bin .build/debug [--flips 200] [--seed 1]

Needs nothing beside the programs. A short bf16 run and a LoRA run on its weights leave a checkpoint each. Of each checkpoint
half of the bits are drawn among all of its bytes, the other half file by file, so that the small ones count. Each flip is put
before `verify` and before what loads the file: `train` that resumes, `generate`, `export-hf` and `merge`. One that ends with
status 0 has not noticed. `generate`, `export-hf` and `merge` do not read optimizer states, and are not asked about these.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

CONFIG = dict(
    extends="moonlight_tiny_pretrain_config",
    model=dict(num_layers=3, hidden_size=64, ffn_hidden_size=96, num_moe_experts=4, moe_router_topk=2, moe_ffn_hidden_size=32,
               moe_layer_freq=[0, 1, 1], moe_shared_expert_intermediate_size=32, seq_length=32),
    mixed_precision=dict(bf16=True),
    train=dict(train_iters=4, global_batch_size=2, micro_batch_size=2),
    validation=dict(eval_iters=0),
    scheduler=dict(lr_warmup_iters=1),
    dataset=dict(kind="mock"))


def write_run(folder, name, **more):
    values = json.loads(json.dumps(CONFIG)) | more
    values["recipe"] = values.get("recipe", {}) | dict(name=name, dir=str(folder))
    path = folder / f"{name}.json"
    path.write_text(json.dumps(values))
    return path


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def must(*command):
    done = run(*command)
    assert done.returncode == 0, f"{command}\n{done.stderr}"


def drawn(draw, folder, count):
    """Files and bits within them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in files]
    for number in range(count):
        path = draw.choices(files, sizes)[0] if number % 2 else files[number // 2 % len(files)]
        yield path, draw.randrange(path.stat().st_size * 8)


def readers(trainer, config, checkpoint, base, out, path):
    """The programs that read a file, by name."""
    result = {"verify": [trainer, "verify", checkpoint], "train": [trainer, "train", config, "--quiet"]}
    if path.name == "optimizer.safetensors":
        return result
    result["generate"] = [trainer, "generate", checkpoint, "--prompt", "a", "--max-tokens", "1"]
    if base:
        result["merge"] = [trainer, "merge", base, checkpoint, out]
    else:
        result["export-hf"] = [trainer, "export-hf", checkpoint, out]
    return result


def flip(path, bit):
    with open(path, "r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def restore(checkpoints, saved):
    shutil.rmtree(checkpoints)
    shutil.copytree(saved, checkpoints)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=".build/debug")
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    trainer = pathlib.Path(options.bin).resolve() / "moonlight-trainer"
    draw = random.Random(options.seed)
    asked, missed = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        whole = write_run(folder, "whole", checkpoint=dict(save_interval=2))
        must(trainer, "train", whole, "--quiet")
        last = folder / "whole" / "checkpoints" / "iter_0000004"
        base = shutil.copytree(last, folder / "base")
        lora = write_run(
            folder, "lora", recipe=dict(mode="peft"),
            peft=dict(peft_scheme="lora", dim=4, alpha=8, target_modules=["linear_q_proj", "linear_proj"]),
            checkpoint=dict(save_interval=2, pretrained_checkpoint=str(base)))
        must(trainer, "train", lora, "--quiet")
        for config, checkpoint, below in [
            (whole, last, None), (lora, folder / "lora" / "checkpoints" / "iter_0000004", base)]:
            # One iteration more than the checkpoint has, so that resuming has something to do.
            more = json.loads(config.read_text())
            more["train"]["train_iters"] = 5
            config.write_text(json.dumps(more))
            saved = shutil.copytree(checkpoint.parent, folder / "saved")
            # Undamaged, all of them end well.
            for command in readers(trainer, config, checkpoint, below, folder / "out", checkpoint / "config.json").values():
                must(*command)
            restore(checkpoint.parent, saved)
            shutil.rmtree(folder / "out")
            for path, bit in drawn(draw, checkpoint, options.flips // 2):
                flip(path, bit)
                for name, command in readers(trainer, config, checkpoint, below, folder / "out", path).items():
                    done = run(*command)
                    asked[name] += 1
                    if done.returncode == 0:
                        missed += 1
                        print(f"{checkpoint.parent.parent.name}, {path.name}, bit {bit}: {name} ends with 0", flush=True)
                    # Whatever was written was not to be.
                    shutil.rmtree(folder / "out", ignore_errors=True)
                    if (checkpoint.parent / "iter_0000005").exists():
                        restore(checkpoint.parent, saved)
                        flip(path, bit)
                shutil.copy(saved / checkpoint.name / path.name, path)
            # What was flipped and brought back is whole again.
            must(trainer, "verify", checkpoint)
            shutil.rmtree(saved)
    print(f"{options.flips} flips; asked: {dict(asked)}; {missed} not noticed")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
