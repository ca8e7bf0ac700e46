"""Runs the Python programs of a launch with the real packages of the release, as far as a machine without a GPU goes.

    swift build --product moonlight
    python launch_programs.py --moonlight ../../.build/debug/moonlight

- Each program of another release's launch ends at once, with one line.
- train.py loads the config and calls the real `pretrain` or `finetune`, which is stopped where it would start processes.
- prepare_data.py makes .bin/.idx files with the config's tokenizer, which megatron-core reads back, and example folders.
- import_checkpoint.py gets a model of Moonlight's shape from `AutoBridge` and compares it with the config's; a model of
  another shape is refused. export_checkpoint.py is followed up to the model it would load.
- Both run once more with nothing replaced on a tiny Hugging Face folder that transformers wrote, up to where the real
  `import_ckpt` would build the model on GPUs, and the real `export_ckpt` would load the checkpoint.
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import bridge_dump
import releases
import phases  # noqa: F401  It installs the stand-ins.
from fake_distributed import World
from megatron.bridge import AutoBridge
from megatron.bridge.models.mla_provider import MLAModelProvider
from megatron.bridge.training import model_load_save
from megatron.bridge.training import pretrain as pretrain_module
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode
from megatron.core.datasets.indexed_dataset import IndexedDataset
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM


RELEASE = releases.installed().megatron_bridge


class Reached(Exception):
    """The program got as far as it can here."""


def program(folder, name, *arguments):
    """Runs a program in this process, as python3 would."""
    sys.argv = [name, *arguments]
    sys.path.insert(0, str(folder))
    try:
        runpy.run_path(str(folder / name), run_name="__main__")
    finally:
        sys.path.remove(str(folder))
        # The next launch has one of its own.
        sys.modules.pop("megatron_release", None)


def export(moonlight, folder, recipe, *settings, release=RELEASE):
    config = folder / "config.yaml"
    made = subprocess.run([moonlight, "generate", *recipe, "--megatron-bridge", release, "--allow-invalid", *settings, "-o", config], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    launch = folder / "launch"
    made = subprocess.run([moonlight, "export", config, "--allow-invalid", "--to", "torchrun", "-o", launch], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return launch


def refusing(moonlight, folder):
    """What the programs for another pair say here; nothing is read or written before."""
    for other in releases.RELEASES.values():
        if other.megatron_bridge == RELEASE:
            continue
        launch = export(
            moonlight, folder, ["finetune", "--peft", "none", "--pretrained-checkpoint", "/m"],
            "--set", 'dataset.data_paths=["a.jsonl"]', release=other.megatron_bridge)
        for name in ("train.py", "import_checkpoint.py", "export_checkpoint.py", "prepare_data.py"):
            done = subprocess.run([sys.executable, launch / name], capture_output=True, text=True)
            here = releases.installed()
            assert done.returncode == os.EX_UNAVAILABLE, (name, done)
            assert done.stderr == (
                f"{name}: this launch is for megatron-bridge {other.megatron_bridge} with megatron-core {other.megatron_core}; "
                f"installed is megatron-bridge {here.megatron_bridge} with megatron-core {here.megatron_core}\n"), done.stderr
            done = subprocess.run([sys.executable, launch / name], capture_output=True, text=True, env={**os.environ, "LOCAL_RANK": "3"})
            assert done.returncode == os.EX_UNAVAILABLE and not done.stderr, "one line a node is enough"
        print("programs for", other.megatron_bridge, "refused here")


def training(moonlight, folder):
    for recipe in (["pretrain"], ["finetune", "--pretrained-checkpoint", "/checkpoints/m"]):
        launch = export(moonlight, folder, recipe)
        seen = {}

        def stop(state, forward_step_func, **_):
            seen.update(config=state.cfg, step=forward_step_func)
            raise Reached

        pretrain_module._pretrain = stop
        # phases.py has replaced what finetune() calls; here it is the real one.
        phases.finetune.pretrain = pretrain_module.pretrain
        World.enter(16)
        os.environ["LOCAL_RANK"] = "3"
        try:
            program(launch, "train.py", f"--mode={'finetune' if recipe[0] == 'finetune' else 'pretrain'}", f"--config={launch}/bridge.yaml")
        except Reached:
            pass
        assert seen["config"].dist.local_rank == 3 and seen["config"].model.multi_latent_attention
        assert seen["step"].__module__ == "megatron.bridge.training.gpt_step"
        print("train.py", recipe[0], "ok")


def preparing(moonlight, folder):
    documents = [[5, 6, 7], [8], [9, 10]]
    source = folder / "it's a source.jsonl"
    source.write_text("".join(json.dumps({"tokens": tokens}) + "\n" for tokens in documents))
    launch = export(moonlight, folder, ["pretrain"], "--set", f"dataset.data_paths=[{json.dumps(str(source))}]", "--set", "dataset.kind=tokens")
    blend = ConfigContainer.from_yaml(str(launch / "bridge.yaml"), mode=InstantiationMode.STRICT).dataset.blend
    prefix = blend[0][0]
    program(launch, "prepare_data.py", f"--config={launch}/bridge.yaml", "tokens", "--field=tokens", "--", str(source), prefix)
    read = IndexedDataset(prefix)
    assert [list(map(int, read[i])) for i in range(len(read))] == documents
    assert len(read.document_indices) == len(documents) + 1
    print("prepare_data.py tokens ok")

    examples = folder / "examples.jsonl"
    examples.write_text("".join(json.dumps({"prompt": f"q{i}", "completion": f"a{i}"}) + "\n" for i in range(10)))
    target = folder / "made"
    program(launch, "prepare_data.py", f"--config={launch}/bridge.yaml", "examples", f"--to={target}", "--seed=1",
            f"--train={examples}", "--valid-share=0.2")
    training_rows = [json.loads(line) for line in (target / "training.jsonl").read_text().splitlines()]
    validation_rows = [json.loads(line) for line in (target / "validation.jsonl").read_text().splitlines()]
    assert len(training_rows) == 8 and len(validation_rows) == 2
    assert sorted(row["input"] for row in training_rows + validation_rows) == [f"q{i}" for i in range(10)]
    assert all(row["output"] == row["input"].replace("q", "a") for row in training_rows)
    print("prepare_data.py examples ok")


def converting(moonlight, folder):
    launch = export(moonlight, folder, ["finetune", "--peft", "none", "--pretrained-checkpoint", str(folder / "imported")])
    config = f"--config={launch}/bridge.yaml"
    theirs = bridge_dump.moonlight_hf_config()
    providers = []

    def import_ckpt(cls, _model, _path, **keywords):
        assert keywords["trust_remote_code"]
        bridge = cls.__new__(cls)
        AutoBridge.__init__(bridge, theirs)
        providers.append(bridge.to_megatron_provider(load_weights=False))

    AutoBridge.import_ckpt = classmethod(import_ckpt)
    program(launch, "import_checkpoint.py", config, "--model=its/name", f"--to={folder / 'imported'}")
    assert providers[0].q_lora_rank is None and providers[0].num_layers == 27
    theirs.num_hidden_layers = 26
    try:
        program(launch, "import_checkpoint.py", config, "--model=an/other", f"--to={folder / 'imported'}")
    except SystemExit as error:
        assert "an/other is another model: its num_layers is 26, the config's 27" in str(error)
    else:
        raise AssertionError("a model of another shape was taken")
    print("import_checkpoint.py ok")

    class Pretrained:
        hf_pretrained = types.SimpleNamespace(config=theirs)

        def export_ckpt(self, source, target):
            model, arguments = model_load_save.load_model_config(source)
            assert arguments is None and model.pipeline_model_parallel_layout is None and model.num_layers == 27
            assert model.vocab_size == theirs.vocab_size, model.vocab_size
            raise Reached

    AutoBridge.from_hf_pretrained = classmethod(lambda cls, *_, **__: Pretrained())
    try:
        program(launch, "export_checkpoint.py", config, "--model=m", "--from=a", "--to=b")
    except Reached:
        print("export_checkpoint.py ok")


TINY = {
    "num_layers": 2, "moe_layer_freq": [0, 1], "hidden_size": 64, "ffn_hidden_size": 128, "num_attention_heads": 4,
    "num_query_groups": 4, "kv_lora_rank": 32, "qk_head_dim": 16, "qk_pos_emb_head_dim": 8, "v_head_dim": 16,
    "num_moe_experts": 4, "moe_router_topk": 2, "moe_ffn_hidden_size": 32, "moe_shared_expert_intermediate_size": 64,
    "vocab_size": 256,
}


def converting_a_folder(moonlight, folder):
    source = folder / "a tiny model"
    config = DeepseekV3Config(
        num_hidden_layers=2, first_k_dense_replace=1, hidden_size=64, intermediate_size=128, num_attention_heads=4,
        num_key_value_heads=4, q_lora_rank=None, kv_lora_rank=32, qk_nope_head_dim=16, qk_rope_head_dim=8, v_head_dim=16,
        n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=32, n_shared_experts=2, n_group=1, topk_group=1,
        vocab_size=256, tie_word_embeddings=False, scoring_func="sigmoid", topk_method="noaux_tc")
    DeepseekV3ForCausalLM(config).save_pretrained(source)
    settings = [part for name, value in TINY.items() for part in ("--set", f"model.{name}={json.dumps(value)}")]
    launch = export(moonlight, folder, ["finetune", "--peft", "none", "--pretrained-checkpoint", str(folder / "out")], *settings)
    seen = []

    def stop(self, **_):
        seen.append(self)
        raise Reached

    MLAModelProvider.provide_distributed_model = stop
    try:
        program(launch, "import_checkpoint.py", f"--config={launch}/bridge.yaml", f"--model={source}", f"--to={folder / 'out'}")
    except Reached:
        assert seen[0].q_lora_rank is None and seen[0].kv_lora_rank == 32 and seen[0].moe_layer_freq == [0, 1]
        print("import_checkpoint.py on a folder ok")

    def loading(_self, path, **_):
        seen.append(path)
        raise Reached

    AutoBridge.load_megatron_model = loading
    try:
        program(launch, "export_checkpoint.py", f"--config={launch}/bridge.yaml", f"--model={source}", "--from=a b", f"--to={folder / 'hf'}")
    except Reached:
        assert seen[1] == "a b"
        print("export_checkpoint.py on a folder ok")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True)
    moonlight = str(Path(parser.parse_args().moonlight).resolve())
    with tempfile.TemporaryDirectory() as folder:
        refusing(moonlight, Path(folder))
        training(moonlight, Path(folder))
        preparing(moonlight, Path(folder))
        converting_a_folder(moonlight, Path(folder))
        converting(moonlight, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
