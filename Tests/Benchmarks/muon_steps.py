"""How many steps Muon needs to reach AdamW's final loss: the shipped tiny recipes on this package's README and sources.

    python Tests/Benchmarks/muon_steps.py .build/release/moonlight-trainer [--steps 400] [--rates 1e-3,3e-3,1e-2]

Both optimizers get the same sweep of peak learning rates (each falls to a tenth of it, as in the recipe), the same data
in the same order and the same first weights. AdamW is represented by the rate with the lowest final validation loss. Prints
the validation loss of every run along the way and, for each of Muon's, the first evaluated step at which it is at or
below AdamW's final one. Exits with 1 where Muon's best rate does not get there within three quarters of the steps.
"""

import argparse
import collections
import hashlib
import json
import math
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVALUATIONS = 16
RECIPES = dict(adam="moonlight_tiny_pretrain_config", muon="moonlight_tiny_pretrain_muon_config")


def corpus():
    """README and sources, in an order without meaning, so that what is held out is like the rest."""
    files = [ROOT / "README.md", *(ROOT / "Sources").rglob("*.swift")]
    texts = [(file.relative_to(ROOT).as_posix(), file.read_text()) for file in files]
    return [text for _, text in sorted(texts, key=lambda entry: hashlib.sha256(entry[0].encode()).digest())]


def unigram_entropy(texts):
    """Nats a byte."""
    counts = collections.Counter(byte for text in texts for byte in text.encode())
    total = sum(counts.values())
    return -sum(count / total * math.log(count / total) for count in counts.values())


def launch_config(folder, name, optimizer, rate, steps):
    values = dict(
        extends=RECIPES[optimizer], recipe=dict(name=name, dir=str(folder)), train=dict(train_iters=steps),
        optimizer=dict(lr=rate, min_lr=rate / 10),
        validation=dict(eval_interval=max(steps // EVALUATIONS, 1), eval_iters=8),
        dataset=dict(kind="jsonl", data_paths=[str(folder / "corpus.jsonl")], split="95,5,0"),
        checkpoint=dict(save=None))
    path = folder / f"{name}.json"
    path.write_text(json.dumps(values))
    return path


def train(trainer, folder, optimizer, rate, steps):
    """Validation loss by step, and the seconds that all steps took."""
    name = f"{optimizer}-{rate:g}"
    config = launch_config(folder, name, optimizer, rate, steps)
    done = subprocess.run([trainer, "train", config, "--quiet", "--no-resume"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    lines = [json.loads(line) for line in (folder / name / "metrics.jsonl").read_text().splitlines()]
    return {line["step"]: line["eval_loss"] for line in lines if "eval_loss" in line}, sum(line["seconds"] for line in lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trainer")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rates", default="1e-3,3e-3,1e-2")
    arguments = parser.parse_args()
    trainer = os.path.abspath(arguments.trainer)
    rates = [float(rate) for rate in arguments.rates.split(",")]
    runs = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        texts = corpus()
        (folder / "corpus.jsonl").write_text("".join(json.dumps(dict(text=text)) + "\n" for text in texts))
        print(f"{sum(len(text.encode()) for text in texts) / 1e6:.2f} MB of text; unigram entropy "
              f"{unigram_entropy(texts):.3f} nats a byte")
        for optimizer in RECIPES:
            for rate in rates:
                losses, seconds = train(trainer, folder, optimizer, rate, arguments.steps)
                runs[optimizer, rate] = losses
                print(f"{optimizer:5} lr {rate:g}, {seconds:.0f} s: "
                      + ", ".join(f"{step} {loss:.3f}" for step, loss in losses.items()), flush=True)
    best = {name: min((losses[arguments.steps], rate) for (kind, rate), losses in runs.items() if kind == name)
            for name in RECIPES}
    target, rate = best["adam"]
    print(f"AdamW's best: {target:.3f} after {arguments.steps} steps, lr {rate:g}")
    for (optimizer, rate), losses in runs.items():
        if optimizer == "muon":
            reached = next((step for step, loss in losses.items() if loss <= target), None)
            text = "not reached" if reached is None else f"reached at step {reached} ({reached / arguments.steps:.0%})"
            print(f"Muon, lr {rate:g}: {losses[arguments.steps]:.3f}; AdamW's best {text}")
            if rate == best["muon"][1]:
                share = math.inf if reached is None else reached / arguments.steps
    raise SystemExit(share > 0.75)


if __name__ == "__main__":
    main()
