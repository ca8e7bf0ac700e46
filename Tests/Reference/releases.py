"""The releases that the scripts here know, and which of them this Python has installed.

    python releases.py RELEASE        what pip installs of it, with --no-deps

A script has no switch for the release: it runs with the packages of the environment that it is started in, and takes
from `installed()` what differs. The fourth release is one more entry; see README.md.
"""

import importlib.metadata
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Release:
    """A megatron-bridge release and what is installed with it."""

    megatron_bridge: str
    megatron_core: str
    # What the stand-in for Transformer Engine answers for: the version that the release's own images build.
    transformer_engine: str
    # Classes of the field table that no attribute of the container names by itself: section to path.
    sections: dict
    # Packages that this release runs with for real, where another has only a stand-in.
    real: frozenset = frozenset()

    @property
    def fields(self):
        """The file of the release's field table."""
        return Path(__file__).resolve().parent / f"megatron-fields-{self.megatron_bridge}.json"


RELEASES = {
    release.megatron_bridge: release
    for release in (
        Release(
            megatron_bridge="0.3.1", megatron_core="0.16.1", transformer_engine="2.11.0",
            sections={
                "dataset_finetune": "megatron.bridge.data.builders.hf_dataset.HFDatasetConfig",
                "packed_sequence_specs": "megatron.bridge.data.datasets.packed_sequence.PackedSequenceSpecs",
            },
        ),
        Release(
            megatron_bridge="0.5.1", megatron_core="0.18.2", transformer_engine="2.14.0",
            sections={
                "dataset_finetune": "megatron.bridge.data.builders.hf_dataset.HFDatasetConfig",
                "packed_sequence_specs": "megatron.bridge.data.datasets.packed_sequence.PackedSequenceSpecs",
            },
            real=frozenset({"emerging_optimizers"}),
        ),
        Release(
            megatron_bridge="0.6.2", megatron_core="0.19.2", transformer_engine="2.17.1",
            sections={
                "dataset_finetune": "megatron.bridge.data.builders.gpt_sft.GPTSFTDatasetConfig",
                "packed_sequence_specs": "megatron.bridge.data.packing.config.PackedSequenceSpecs",
                "hf_dataset_source": "megatron.bridge.data.sources.hf.HFDatasetSourceConfig",
                "preprocessing_chat": "megatron.bridge.data.sft_processing.ChatSFTPreprocessingConfig",
                "preprocessing_examples": "megatron.bridge.data.sft_processing.PromptCompletionSFTPreprocessingConfig",
            },
            real=frozenset({"emerging_optimizers"}),
        ),
    )
}


class UnknownPair(Exception):
    """The installed packages are none of the pairs above."""


def installed():
    """The release whose packages this Python has."""
    versions = {}
    for package in ("megatron-bridge", "megatron-core"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "nothing"
    release = RELEASES.get(versions["megatron-bridge"])
    if release is None or release.megatron_core != versions["megatron-core"]:
        pairs = ", ".join(f"{r.megatron_bridge} with {r.megatron_core}" for r in RELEASES.values())
        raise UnknownPair(
            f"megatron-bridge {versions['megatron-bridge']} with megatron-core {versions['megatron-core']} is installed;"
            f" the pairs known here are {pairs}"
        )
    return release


if __name__ == "__main__":
    chosen = RELEASES[sys.argv[1]]
    print(f"megatron-core=={chosen.megatron_core} megatron-bridge=={chosen.megatron_bridge}")
