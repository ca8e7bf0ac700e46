"""Writes what the machine with GPUs runs, without one: configs, exported launches, and what is expected of them.

    python prepare.py --bin ../../../.build/debug --root /tmp/moonlight-gpu [--gpus 2] [--large]

ROOT is the same folder here and on the machine (the launches name data and weights by it). It gets

    tiny/                           weights, tokenizer, text and chat (tiny_model.py)
    tiny/drawn.jsonl                is there already: what Megatron draws of the text (drawn_samples.py)
    runs/FAMILY-FORMAT-CASE/        config.yaml, launch/ (exported), expected.json, reference.jsonl
    runs/adapter-FORMAT-ROWS/       the same for LoRA from the Hugging Face folder, with samples.jsonl: the rows as tokens
    runs/round-trip/launch/         whose programs import the weights and export them again
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

from layouts import COMMON, FORMATS, LARGE, TINY, parallel, sets

# Of chat.jsonl and prompts.jsonl (tiny_model.py).
ROWS = 16
STEPS = {"tiny": 20, "large": 8}
BATCH, SEQUENCE = 8, 256


class Moonlight:
    """The programs under test."""

    def __init__(self, folder, keeps_references=False):
        self.folder = folder
        self.keeps_references = keeps_references

    def run(self, program, *words, cwd=None):
        command = [str(self.folder / program), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout


def tiny(root, name):
    model = root / "tiny"
    return [
        "pretrain", "--hf-config", model / "hf", "--data-paths", model / "text_text_document", "--seq-length", SEQUENCE,
        "--train-iters", STEPS["tiny"], "--global-batch-size", BATCH, "--micro-batch-size", "1",
        "--lr", "1e-4", "--min-lr", "1e-4",
        *sets(
            checkpoint__pretrained_checkpoint=model / "hf", tokenizer__vocab_size=512, dataset__split="100,0,0",
            # Of its own: launches run at the same time.
            dataset__path_to_cache=root / "results" / name / "cache",
        ),
    ]


def large(root, name):
    return [
        "pretrain", "--model", "moonlight-16b-a3b", "--mock", "--seq-length", "4096", "--train-iters", STEPS["large"],
        "--global-batch-size", BATCH, "--micro-batch-size", "1", "--lr", "1e-5", "--min-lr", "1e-5",
        *sets(model__num_layers=8, model__moe_layer_freq="[0,1,1,1,1,1,1,1]", tokenizer__vocab_size=163840, dataset__split="100,0,0"),
    ]


def finetuning(root, name, rows="chat.jsonl"):
    """Finetuning from the Hugging Face folder as it lies there, which the launch's import step converts first.

    A step has all rows of the file: in whatever order an engine draws them, the loss is over the same.
    """
    model = root / "tiny"
    return [
        "finetune", "--hf-config", model / "hf", "--pretrained-checkpoint", model / "hf",
        "--train-data-path", model / rows, "--tokenizer-path", model / "hf", "--seq-length", "256",
        "--train-iters", "10", "--global-batch-size", ROWS, "--micro-batch-size", "1", "--finetune-lr", "1e-3",
        "--name", name, "--dir", root / "results", *COMMON, "--gpus-per-node", "1", *parallel(),
        *sets(
            tokenizer__tokenizer_type="HuggingFaceTokenizer", dataset__val_proportion=0, validation__eval_iters=0,
            checkpoint__save=root / "results" / name / "checkpoints", checkpoint__save_interval=10,
        ),
    ]


def export(moonlight, folder, words):
    """The config and the launch of a run, anew."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.unlink(missing_ok=True)
    shutil.rmtree(folder / "launch", ignore_errors=True)
    moonlight.run("moonlight", "generate", *words, "-o", config)
    moonlight.run("moonlight", "export", config, "--to", "torchrun", "-o", folder / "launch")
    return config


def round_trip(moonlight, root):
    folder = root / "runs" / "round-trip"
    export(moonlight, folder, [*finetuning(root, "round-trip"), "--peft", "none"])
    return folder


def adapter(moonlight, root, format, name, rows):
    """LoRA from the Hugging Face folder and rows as they lie there, to adapters that peft reads: `launch.sh` alone."""
    folder = root / "runs" / f"adapter-{format}-{name}"
    config = export(moonlight, folder, [*finetuning(root, folder.name, rows), *FORMATS[format], "--peft", "lora"])
    expected = {"family": "adapter", "format": format, "case": name, "gpus": 1,
                "first_loss": {"bf16": 1e-2, "fp32": 1e-3}[format]}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    # What both engines read, for `served.py`.
    (folder / "samples.jsonl").write_text(
        moonlight.run("moonlight-trainer", "samples", config, "--count", ROWS, "--set", "dataset.shuffle=false"))
    reference(moonlight, root, folder, config, "checkpoint.save=null")
    return folder


def reference(moonlight, root, folder, config, *settings):
    """The CPU engine's losses; it computes in fp32, whatever the format."""
    if moonlight.keeps_references and (folder / "reference.jsonl").exists():
        return
    moonlight.run("moonlight-trainer", "train", config, "--engine", "cpu", "--no-resume", "--quiet", "--set",
                  f"recipe.dir={root / 'cpu'}", *(word for setting in settings for word in ("--set", setting)), cwd=root)
    (folder / "reference.jsonl").write_text((root / "cpu" / folder.name / "metrics.jsonl").read_text())


def prepared(moonlight, root, family, case, format, with_reference):
    """The folder of one run."""
    folder = root / "runs" / f"{family}-{format}-{case.name}"
    model = {"tiny": tiny, "large": large}[family](root, folder.name)
    config = export(moonlight, folder, [
        *model, *COMMON, "--gpus-per-node", case.gpus, *FORMATS[format], *case.switches,
        "--name", folder.name, "--dir", root / "results",
    ])
    stages = json.loads(moonlight.run("moonlight", "stages", config, "--ranks", "--format", "json"))
    expected = {
        "family": family, "format": format, "case": case.name, "gpus": case.gpus, "stages": stages,
        # Without what CUDA and NCCL take outside the allocator, which the machine's numbers leave out.
        "estimate": json.loads(moonlight.run(
            "moonlight", "estimate", config, "--format", "json", "--reserved-gib", 0)),
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    if with_reference:
        drawn = root / "tiny" / "drawn.jsonl"
        # One sample a document, in Megatron's order (drawn_samples.py).
        reference(moonlight, root, folder, config, "dataset.kind=tokens",
                  f"dataset.data_paths={json.dumps([str(drawn)])}", "dataset.shuffle=false")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="where moonlight and moonlight-trainer are")
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    parser.add_argument("--gpus", type=int, default=2, help="of the machine: cases that need more are left out")
    parser.add_argument("--large", action="store_true", help="also eight layers of Moonlight-16B")
    parser.add_argument("--only-adapters", action="store_true", help="the round trip and the adapters, no layouts")
    parser.add_argument("--keep-references", action="store_true", help="the CPU engine's losses of an earlier call")
    options = parser.parse_args()
    moonlight = Moonlight(options.bin.resolve(), options.keep_references)
    model = options.root / "tiny"
    if not (model / "text_text_document.idx").exists():
        moonlight.run("moonlight-trainer", "prepare", model / "text.jsonl", "--output-prefix", model / "text",
                      "--tokenizer", model / "hf")
    print(round_trip(moonlight, options.root), flush=True)
    for format, name, rows in (("fp32", "chat", "chat.jsonl"), ("bf16", "chat", "chat.jsonl"), ("bf16", "prompts", "prompts.jsonl")):
        print(adapter(moonlight, options.root, format, name, rows), flush=True)
    if options.only_adapters:
        return
    families = [("tiny", TINY)] + ([("large", LARGE)] if options.large else [])
    for family, cases in families:
        for format in FORMATS:
            for case in cases:
                if case.gpus > options.gpus or format not in case.formats:
                    continue
                # One run of the CPU engine serves every layout.
                reference = family == "tiny" and format == "fp32" and case.name == "one"
                print(prepared(moonlight, options.root, family, case, format, reference), flush=True)


if __name__ == "__main__":
    main()
