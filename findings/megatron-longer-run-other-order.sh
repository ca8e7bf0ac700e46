#!/bin/bash
# megatron-core 0.19.2 (torch 2.13.0, numpy 2.4.6), on a CPU; 0.16.1 and 0.18.2 do the same.
#
# Expected: a run that is resumed with more steps goes on where it was, in the data that it has not yet seen.
# Seen: so it is within one epoch. Beyond, GPTDataset draws the order of all epochs of the run together, so that another
# number of samples gives another order from the first sample on. A run of two epochs that is resumed as one of three reads
# some samples once or twice in all, some four or five times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import sys
import types

import torch
from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder
from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
from megatron.core.datasets.indexed_dataset import DType, IndexedDatasetBuilder

folder, length, documents = sys.argv[1], 64, 64
builder = IndexedDatasetBuilder(f"{folder}/data.bin", dtype=DType.optimal_dtype(5000))
for number in range(documents):
    builder.add_document(torch.arange(number * length, (number + 1) * length), [length])
builder.finalize(f"{folder}/data.idx")


def order(samples, name):
    config = GPTDatasetConfig(
        random_seed=1234, sequence_length=length, blend=([f"{folder}/data"], None), split="100,0,0",
        path_to_cache=f"{folder}/{name}", reset_position_ids=False, reset_attention_mask=False, eod_mask_loss=False,
        create_attention_mask=False,
        tokenizer=types.SimpleNamespace(eod=0, pad=0, vocab_size=5000, unique_identifiers={}))
    train, *_ = BlendedMegatronDatasetBuilder(GPTDataset, [samples, 0, 0], lambda: True, config).build()
    return [int(train[index]["tokens"][0]) for index in range(samples)]


# A sample has one token more than its length, so that a last sample would begin another epoch.
half, one, two, three = 32, 63, 127, 191
assert order(half, "half") == order(one, "one")[:half], "an epoch's first half is no longer its first half"
shorter, longer = order(two, "two"), order(three, "three")
moved = sum(a != b for a, b in zip(shorter, longer))
# Resumed at the end of the shorter run, the longer one reads its own last third.
seen, rest = shorter, longer[two:]
print(f"within an epoch: the same order; of two epochs made three: {moved} of {two} samples stand elsewhere")
assert moved > two * 0.9
times = [(seen + rest).count(number * length) for number in range(documents)]
print("resumed, it reads", {count: times.count(count) for count in sorted(set(times))}, "(times: samples), not three times each")
assert max(times) > 3 and min(times) < 3
PYTHON
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 packaging==25.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps megatron-core==0.19.2
"$folder/venv/bin/python" -W ignore "$folder/run.py" "$folder"
