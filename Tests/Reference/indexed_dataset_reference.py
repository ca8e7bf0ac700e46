"""Fixtures of Tests/TrainingTests/Data, made by the real megatron-core (0.16.1): indexed data, splits, blends, samples.

Run: python Tests/Reference/indexed_dataset_reference.py      (megatron-core 0.16.1, torch, numpy)
"""

import json
import pathlib

import numpy
import torch
from megatron.core.datasets import helpers
from megatron.core.datasets.blended_megatron_dataset_config import (
    convert_split_vector_to_split_matrix,
    parse_and_normalize_split,
)
from megatron.core.datasets.gpt_dataset import _get_ltor_masks_and_position_ids
from megatron.core.datasets.utils import normalize
from megatron.core.datasets.indexed_dataset import DType, IndexedDatasetBuilder

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "indexed_dataset"


def build(name, documents, dtype):
    prefix = OUT / name
    builder = IndexedDatasetBuilder(f"{prefix}.bin", dtype=dtype)
    for document in documents:
        builder.add_document(torch.tensor(document, dtype=torch.int64), [len(document)])
    builder.finalize(f"{prefix}.idx")


def splits():
    cases = []
    for text in ["9999,8,2", "969, 30, 1", "1,1,1", "100", "0.9,0.1", "-1,2,3", "98,2,0", "0,1,1", "1;2 3", "5,0,5", "33.3,33.3,33.4"]:
        shares = parse_and_normalize_split(text)
        matrix = convert_split_vector_to_split_matrix(shares)
        for count in [1, 2, 5, 10, 25, 1000, 12345]:
            ranges = []
            for part in matrix:
                ranges.append([] if part is None else [int(round(part[0] * float(count))), int(round(part[1] * float(count)))])
            cases.append({"text": text, "shares": shares, "count": count, "ranges": ranges})
    return cases


def blends():
    cases = []
    for weights in [[1.0], [0.5, 0.5], [0.7, 0.2, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.05, 0.9, 0.05], [0.123, 0.456, 0.421], [30, 10, 2]]:
        size = 200
        index = numpy.zeros(size, dtype=numpy.int16)
        sample = numpy.zeros(size, dtype=numpy.int64)
        helpers.build_blending_indices(index, sample, numpy.array(normalize(weights), dtype=numpy.float64), len(weights), size, False)
        cases.append({"weights": weights, "source": index.tolist(), "sample": sample.tolist()})
    return cases


def samples(documents):
    """Windows of unshuffled documents over three epochs, by Megatron's sample index."""
    cases = []
    lengths = numpy.array([len(d) for d in documents], dtype=numpy.int32)
    for sequence in [1, 4, 7, 16]:
        epochs = 3
        order = numpy.tile(numpy.arange(len(documents), dtype=numpy.int32), epochs)
        index = helpers.build_sample_idx(lengths, order, sequence, epochs, int(lengths.sum()), True, 1)
        windows = []
        for (first, start), (last, end) in zip(index[:-1].tolist(), index[1:].tolist()):
            if first == last:
                windows.append(documents[order[first]][start:end + 1])
            else:
                window = list(documents[order[first]][start:])
                for i in range(first + 1, last):
                    window += documents[order[i]]
                windows.append(window + documents[order[last]][:end + 1])
        cases.append({"sequence": sequence, "samples": windows})
    return cases


def masks():
    cases = []
    for tokens in [[1, 2, 0, 3, 4], [0, 0, 1, 2, 3], [1, 2, 3, 4, 0], [1, 0, 2, 0, 3], [1, 2, 3, 4, 5]]:
        attention, loss, positions = _get_ltor_masks_and_position_ids(torch.tensor(tokens), 0, True, True, True, True)
        visible = (~attention[0]).sum(dim=-1).tolist()  # how many tokens each one sees: its place in its segment + 1
        cases.append({"tokens": tokens, "loss": loss.tolist(), "positions": positions.tolist(), "visible": visible})
    return cases


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    build("golden_text_document", [[1, 2, 163585], [7, 163585]], DType.optimal_dtype(163840))
    rng = numpy.random.default_rng(4)
    documents = [rng.integers(0, 60000, rng.integers(1, 12)).tolist() for _ in range(17)]
    build("uint16_text_document", documents, DType.optimal_dtype(60000))
    (OUT / "reference.json").write_text(json.dumps({
        "documents": documents, "splits": splits(), "blends": blends(), "samples": samples(documents), "masks": masks(),
    }, separators=(",", ":")).replace("},{", "},\n{") + "\n")


if __name__ == "__main__":
    main()
