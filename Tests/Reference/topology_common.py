"""What the scripts of topology_reference.py share: fixture files, and Megatron's own layout parser and config."""

import json
import logging
import pathlib
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import torch  # noqa: E402
from megatron.core.transformer.enums import LayerType  # noqa: E402
from megatron.core.transformer.pipeline_parallel_layer_layout import PipelineParallelLayerLayout  # noqa: E402
from megatron.core.transformer.transformer_config import TransformerConfig  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "topology"
LETTERS = {
    LayerType.embedding: "E",
    LayerType.decoder: "t",
    LayerType.mtp: "m",
    LayerType.loss: "L",
    LayerType.encoder: "e",
}


def write(name, rows):
    """One row a line, so that a change of the fixture can be read."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    text = "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n"
    (FIXTURES / f"{name}.json").write_text(text)
    print(f"{name}: {len(rows)} rows, {len(text)} bytes")


def letters(stages):
    return "|".join("".join(LETTERS[element] for element in stage) for stage in stages)


def parse(text):
    """The stages as letters, or None where Megatron refuses the text."""
    try:
        return letters(PipelineParallelLayerLayout.parse_str_to_list(text))
    except Exception:
        return None


# fmt: off


def transformer_config(
    num_layers,
    pipeline,
    virtual=None,
    mtp_num_layers=None,
    layout=None,
    first=None,
    last=None,
    embedding=False,
    loss=False,
):
    return TransformerConfig(
        num_layers=num_layers,
        hidden_size=8,
        num_attention_heads=1,
        pipeline_model_parallel_size=pipeline,
        virtual_pipeline_model_parallel_size=virtual,
        pipeline_dtype=torch.float32,
        mtp_num_layers=mtp_num_layers,
        pipeline_model_parallel_layout=layout,
        num_layers_in_first_pipeline_stage=first,
        num_layers_in_last_pipeline_stage=last,
        account_for_embedding_in_pipeline_split=embedding,
        account_for_loss_in_pipeline_split=loss,
    )
