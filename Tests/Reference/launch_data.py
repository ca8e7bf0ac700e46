"""The dataset classes of the installed release, built from our exported YAML, against the samples of the CPU engine.

    swift build
    python launch_data.py --bin ../../.build/debug [rows packed tokens bad]

For each kind of rows: `moonlight generate` and `export --to torchrun`, the launch's own prepare_data.py, then the real
`ConfigContainer.from_yaml` (strict), the tokenizer and the builder that the release takes for that dataset. Tokens,
targets and loss mask of the samples have to be those that `moonlight-trainer samples` prints, in the order of the file.
Conversations are read with two templates: one whose markers no release knows, and one with Moonlight's. Where rows share a
sequence, the release's own preparation packs them, in another order than the CPU engine's: the rows have to be the same.
Bad input has to end in one line, before anything is written.
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import releases
import stand_ins

stand_ins.install()

from megatron.bridge.training.config import ConfigContainer  # noqa: E402
from megatron.bridge.training.tokenizers.tokenizer import build_tokenizer  # noqa: E402
from megatron.bridge.utils.instantiate_utils import InstantiationMode  # noqa: E402
from megatron.core.datasets.indexed_dataset import IndexedDataset  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: E402
from transformers import PreTrainedTokenizerFast  # noqa: E402

RELEASE = releases.installed().megatron_bridge
LENGTH = 128
PLAIN = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MOONLIGHT = (
    "{%- for message in messages -%}{%- if loop.first and messages[0]['role'] != 'system' -%}"
    "<|im_system|>system<|im_middle|>You are a helpful assistant<|im_end|>{%- endif -%}"
    "{%- if message['role'] == 'system' -%}<|im_system|>{%- endif -%}"
    "{%- if message['role'] == 'user' -%}<|im_user|>{%- endif -%}"
    "{%- if message['role'] == 'assistant' -%}<|im_assistant|>{%- endif -%}"
    "{{ message['role'] }}<|im_middle|>{{ message['content'] }}<|im_end|>{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|im_assistant|>assistant<|im_middle|>{%- endif -%}"
)
SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>", "<|im_system|>", "<|im_user|>", "<|im_assistant|>",
           "<|im_middle|>", "<|im_end|>"]
WORDS = "the cat sat on a mat and saw one red bird".split()
SHAPE = {
    "num_layers": 2, "moe_layer_freq": [0, 1], "hidden_size": 64, "ffn_hidden_size": 128, "num_attention_heads": 4,
    "num_query_groups": 4, "kv_lora_rank": 32, "qk_head_dim": 16, "qk_pos_emb_head_dim": 8, "v_head_dim": 16,
    "num_moe_experts": 4, "moe_router_topk": 2, "moe_ffn_hidden_size": 32, "moe_shared_expert_intermediate_size": 64,
    "vocab_size": 320,
}


def text(number):
    return " ".join(WORDS[(number * 3 + index * index) % len(WORDS)] for index in range(3 + number % 5))


def chat(number):
    turns = [{"role": "user", "content": text(number)}, {"role": "assistant", "content": text(number + 1)}]
    if number % 2:
        turns += [{"role": "user", "content": text(number + 2)}, {"role": "assistant", "content": text(number + 4)}]
    if number % 3 == 0:
        turns.insert(0, {"role": "system", "content": "be brief"})
    return {"messages": turns}


def share(number):
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    return {"conversations": [{"from": names[turn["role"]], "value": turn["content"]} for turn in chat(number)["messages"]]}


ROWS = {
    "messages": chat,
    "conversations": share,
    "prompt and completion": lambda number: {"prompt": text(number) + " ", "completion": " " + text(number + 1)},
    "input and output": lambda number: {"input": text(number), "output": text(number + 1)},
    "text": lambda number: {"text": text(number) + " " + text(number + 3)},
}


def write_tokenizer(folder, template):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator([text(number) for number in range(40)], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = template
    fast.save_pretrained(folder)


ONE_GPU = [
    "--num-nodes", 1, "--gpus-per-node", 1, "--tensor-model-parallel-size", 1, "--pipeline-model-parallel-size", 1,
    "--expert-model-parallel-size", 1, "--no-sequence-parallel", "--global-batch-size", 4, "--micro-batch-size", 1,
    "--train-iters", 4, "--lr-warmup-iters", 0,
]


class Moonlight:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, program, *words, expect=0):
        done = subprocess.run([self.folder / program, *map(str, words)], capture_output=True, text=True)
        assert done.returncode == expect, (program, words, done.returncode, done.stdout[-500:], done.stderr)
        return done


def settings(tokenizer, data, kind):
    values = {**{f"model.{name}": value for name, value in SHAPE.items()}, "tokenizer.tokenizer_type": "HuggingFaceTokenizer",
              "tokenizer.tokenizer_model": str(tokenizer), "dataset.data_paths": [str(data)], "dataset.kind": kind,
              "dataset.num_workers": 0, "dataset.do_validation": False, "dataset.do_test": False}
    return [word for name, value in values.items() for word in ("--set", f"{name}={json.dumps(value)}")]


def launch(moonlight, folder, kind, tokenizer, data, *more):
    config = folder / "config.yaml"
    base = ["--peft", "none", "--pretrained-checkpoint", folder / "iter_0000001"] if kind == "finetune" else []
    words = settings(tokenizer, data, "sft" if kind == "finetune" else "jsonl")
    if kind == "pretrain":
        words = [word for pair in zip(words[::2], words[1::2]) if "do_" not in pair[1] for word in pair]
    moonlight("moonlight", "generate", kind, *base, "--megatron-bridge", RELEASE, *ONE_GPU, "--seq-length", LENGTH, "--dir", folder, "--name",
              "run", *words, *more, "--allow-invalid", "--force", "-o", config)
    moonlight("moonlight", "export", config, "--allow-invalid", "--force", "--quiet", "--to", "torchrun", "-o", folder / "launch")
    return config, folder / "launch"


def run_prepare(folder, pretends=False):
    """The launch's own step: launch.sh with this Python as python3. Examples are made without a stand-in for anything."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    site = folder.parent / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(
        f"import sys\nsys.path.append({str(Path(__file__).resolve().parent)!r})\nimport stand_ins\nstand_ins.install()\n")
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", **({"PYTHONPATH": str(site)} if pretends else {})}
    return subprocess.run(["bash", folder / "launch.sh", "--only", "prepare"], capture_output=True, text=True, env=environment)


def loaded(folder):
    config = ConfigContainer.from_yaml(str(folder / "bridge.yaml"), mode=InstantiationMode.STRICT)
    # What every program of a launch has before it builds a dataset.
    module = runpy.run_path(str(folder / "megatron_release.py"))
    module["mark_what_assistants_say"]()
    return config, build_tokenizer(config.tokenizer)


def train_split(config, tokenizer):
    if hasattr(config.dataset, "finalize"):
        config.dataset.finalize()
    try:
        from megatron.bridge.data.builders.gpt_sft import GPTSFTDatasetBuilder
    except ImportError:
        from megatron.bridge.data.utils import finetuning_train_valid_test_datasets_provider

        return finetuning_train_valid_test_datasets_provider([8, 0, 0], config.dataset, tokenizer)[0]
    return GPTSFTDatasetBuilder(config.dataset, tokenizer).build()[0]


def ours(moonlight, config, count):
    done = moonlight("moonlight-trainer", "samples", config, "--count", count, "--set", "dataset.shuffle=false")
    return [json.loads(line) for line in done.stdout.splitlines()]


def written(folder, template_name, template):
    """A tokenizer with that template, made once."""
    tokenizer = folder / f"tokenizer-{template_name}"
    if not tokenizer.exists():
        write_tokenizer(tokenizer, template)
    return tokenizer


def compare(name, theirs, sample):
    batch = theirs
    count = len(batch["tokens"])
    # What fills a sequence up counts nowhere, and differs: compare what is before it.
    counted = max(index for index, value in enumerate(sample["loss_mask"]) if value) + 1
    for field, mine in (("tokens", sample["tokens"]), ("labels", sample["targets"]), ("loss_mask", sample["loss_mask"])):
        got = [int(value) for value in batch[field]]
        assert got[:counted] == mine[:counted], (name, field, got[:counted], mine[:counted])
    assert not any(int(value) for value in batch["loss_mask"][counted:]), (name, "counts more")
    return count


def finetuning(moonlight, folder):
    for template_name, template in (("plain", PLAIN), ("moonlight", MOONLIGHT)):
        tokenizer = written(folder, template_name, template)
        for name, row in ROWS.items():
            if template_name != "plain" and "messages" not in name and "conversations" not in name:
                continue
            place = folder / f"{template_name} {name}"
            for form in ("file", "folder"):
                run = place / form
                (run / "data").mkdir(parents=True)
                data = run / "data" / "training.jsonl"
                data.write_text("".join(json.dumps(row(number)) + "\n" for number in range(8)))
                for loss in ("answers", "all"):
                    config, made = launch(moonlight, run, "finetune", tokenizer, data if form == "file" else data.parent,
                                          "--set", f"dataset.answer_only_loss={'true' if loss == 'answers' else 'false'}")
                    if "prepare)" in (made / "launch.sh").read_text():
                        done = run_prepare(made)
                        assert done.returncode == 0, done
                    container, tokens = loaded(made)
                    dataset = train_split(container, tokens)
                    assert len(dataset) == 8
                    samples = ours(moonlight, config, 8)
                    if loss == "all" and RELEASE in ("0.3.1", "0.5.1") and ("messages" in name or "conversations" in name):
                        # The class of these releases has no such setting for conversations.
                        continue
                    for index, sample in enumerate(samples):
                        batch = dataset.collate_fn([dataset[index]])
                        compare((template_name, name, form, loss, index), {
                            field: batch[field][0].tolist() for field in ("tokens", "labels", "loss_mask")}, sample)
                print(f"{template_name} template, {name} in a {form}: {type(dataset).__name__}, 8 samples equal", flush=True)


def packed_rows(dataset):
    """The rows of a packed dataset, each to the last token that counts."""
    rows = []
    for index in range(len(dataset)):
        item = dataset[index]
        batch = dataset.collate_fn([item])
        tokens, labels, mask = (list(map(int, batch[field][0])) for field in ("tokens", "labels", "loss_mask"))
        start = 0
        for first, last in zip(item["seq_boundaries"], item["seq_boundaries"][1:]):
            end = start + int(last - first) - 1
            rows.append(counted(tokens[start:end], labels[start:end], mask[start:end]))
            start = end
    return sorted(rows)


def counted(tokens, labels, mask):
    count = max(index for index, value in enumerate(mask) if value) + 1
    return tokens[:count], labels[:count], mask[:count]


def packed(moonlight, folder):
    tokenizer = written(folder, "plain", PLAIN)
    for name in ("messages", "prompt and completion", "text"):
        run = folder / f"packed {name}"
        run.mkdir()
        data = run / "rows.jsonl"
        data.write_text("".join(json.dumps(ROWS[name](number)) + "\n" for number in range(8)))
        config, made = launch(moonlight, run, "finetune", tokenizer, data, "--set", f"dataset.packed_sequence_size={LENGTH}")
        done = run_prepare(made)
        assert done.returncode == 0, done
        dataset = train_split(*loaded(made))
        theirs = packed_rows(dataset)
        done = moonlight("moonlight-trainer", "samples", config, "--count", 8, "--set", "dataset.packed_sequence_size=-1")
        ours = sorted(counted(*(each[field] for field in ("tokens", "targets", "loss_mask")))
                      for each in map(json.loads, done.stdout.splitlines()))
        # Sequences are gone through again and again; each has some of the rows.
        assert {str(row) for row in theirs} == {str(row) for row in ours}, (name, theirs[:1], ours[:1])
        print(f"packed, {name}: {type(dataset).__name__}, {len(dataset)} sequences of the 8 rows", flush=True)


def pretraining(moonlight, folder):
    tokenizer = written(folder, "plain", PLAIN)
    for ending in ("jsonl", "nvjsonl"):
        run = folder / f"pretrain {ending}"
        run.mkdir()
        data = run / f"it's a text.{ending}"
        texts = [text(number) + " " + text(number + 3) for number in range(30)]
        data.write_text("".join(json.dumps({"text": each}) + "\n" for each in texts))
        _, made = launch(moonlight, run, "pretrain", tokenizer, data)
        done = run_prepare(made, pretends=True)
        assert done.returncode == 0, done
        prefix = ConfigContainer.from_yaml(str(made / "bridge.yaml"), mode=InstantiationMode.STRICT).dataset.blend[0][0]
        read = IndexedDataset(prefix)
        # The CPU engine's own files of the same text.
        moonlight("moonlight-trainer", "prepare", data, "--output-prefix", run / "ours", "--tokenizer", tokenizer)
        own = IndexedDataset(str(run / "ours_text_document"))
        assert len(read) == len(own) == 30
        assert all(list(map(int, read[index])) == list(map(int, own[index])) for index in range(30))
        print(f"pretraining from .{ending}: 30 documents, tokens equal", flush=True)


def one_line(what, done, text):
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("error", "Error")) or "jsonl" in line]
    assert done.returncode != 0 and len(lines) == 1 and text in lines[0], (what, done)
    print(f"{what}: {lines[0].replace(str(Path(tempfile.gettempdir())), '')[-120:]}", flush=True)


def bad_input(moonlight, folder):
    run = folder / "bad"
    run.mkdir()
    data = run / "rows.jsonl"
    tokenizer = written(folder, "plain", PLAIN)
    data.write_text(json.dumps(ROWS["messages"](1)) + "\n")
    config, made = launch(moonlight, run, "finetune", tokenizer, data)
    export = ["export", config, "--allow-invalid", "--to", "torchrun", "--quiet", "-o", run / "never"]
    for what, rows, message in (
        ("an empty file", "", "has no rows"),
        ("rows of two kinds", json.dumps(ROWS["messages"](1)) + "\n" + json.dumps(ROWS["text"](1)) + "\n", "line 2 is a text"),
        ("a line without anything", json.dumps(ROWS["messages"](1)) + "\n\n" + json.dumps(ROWS["messages"](2)) + "\n", "line 2 is empty"),
        ("rows of no kind", json.dumps({"a": 1}) + "\n", "line 1 is neither"),
    ):
        data.write_text(rows)
        one_line(what + ", exported", moonlight("moonlight", *export, expect=1), message)
        done = run_prepare(made)
        assert done.returncode != 0 and done.stderr.strip().count("\n") == 0 and "rows.jsonl" in done.stderr, done
        assert not (run / "never").exists() and not (run / "run" / "examples" / "training.jsonl").exists()
    data.unlink()
    done = run_prepare(made)
    assert done.returncode != 0 and "No such file or directory" in done.stderr and "Traceback" not in done.stderr, done
    print("a missing file: one line")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="where moonlight and moonlight-trainer are")
    parts = {"rows": finetuning, "packed": packed, "tokens": pretraining, "bad": bad_input}
    parser.add_argument("parts", nargs="*", default=list(parts), help=", ".join(parts) + "; all if not given")
    options = parser.parse_args()
    moonlight = Moonlight(options.bin.resolve())
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts:
            parts[part](moonlight, Path(folder))


if __name__ == "__main__":
    main()
