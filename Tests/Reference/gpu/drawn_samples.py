"""Writes the samples that Megatron draws for the tiny model, in its order, so that the CPU engine reads the same ones.

    python drawn_samples.py [--root /tmp/moonlight-gpu]      (requirements/0.6.2.txt)

Megatron shuffles over all epochs of a run at once, the CPU engine within each epoch. ROOT/tiny/drawn.jsonl has a line of
seq_length + 1 tokens for each sample of the run, as megatron-core's own GPTDataset gives them.
"""

import argparse
import json
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import stand_ins  # noqa: E402

stand_ins.install()

from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder  # noqa: E402
from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig  # noqa: E402
from prepare import BATCH, SEQUENCE, STEPS  # noqa: E402

# Of the configs that prepare.py writes.
SEED, VOCABULARY = 1234, 512


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    folder = parser.parse_args().root / "tiny"
    config = GPTDatasetConfig(
        random_seed=SEED, sequence_length=SEQUENCE, blend=([str(folder / "text_text_document")], None), split="100,0,0",
        path_to_cache=str(folder / "drawn-cache"), tokenizer=types.SimpleNamespace(eod=0, pad=0, vocab_size=VOCABULARY, unique_identifiers={}),
        reset_position_ids=False, reset_attention_mask=False, eod_mask_loss=False, create_attention_mask=False,
    )
    count = STEPS["tiny"] * BATCH
    train, *_ = BlendedMegatronDatasetBuilder(GPTDataset, [count, 0, 0], lambda: True, config).build()
    with open(folder / "drawn.jsonl", "w") as file:
        for number in range(count):
            sample = train[number]
            file.write(json.dumps({"tokens": [*sample["tokens"].tolist(), sample["labels"][-1].item()]}) + "\n")
    print(f"{count} samples of {SEQUENCE + 1} tokens in {file.name}")


if __name__ == "__main__":
    main()
