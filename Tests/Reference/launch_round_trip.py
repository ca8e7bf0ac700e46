"""Hugging Face weights to Megatron and back by the programs of a launch, with the real packages of the release.

    swift build --product moonlight
    python launch_round_trip.py --moonlight ../../.build/debug/moonlight

Small models of Moonlight's kind, written by transformers, go through import_checkpoint.py and export_checkpoint.py as they
are exported: the real AutoBridge, the real model build, a real checkpoint on disk, in one process with gloo. Pretended is
Transformer Engine, whose modules here only hold parameters, and nothing is computed. What comes back has to equal what
was there to the bit, and the Megatron model has to have as many parameters as transformers'.

Adapters that Megatron-Bridge's own LoRA and DoRA make on the imported model, with random weights, are saved as a run saves
them and go through export_adapter.py: peft loads what it writes, every tensor, and the merged weights are those that
Megatron's layers multiply with. Where the release only merges, what export_adapter.py writes is compared itself.

In releases whose core puts a norm in front of the query projection the same without what mends it has to fail, so that
what is tested is needed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import releases
import torch
import transformers
from safetensors.torch import load_file
from tokenizers import Tokenizer, models
from torch.distributed.checkpoint import FileSystemReader
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM, PreTrainedTokenizerFast

RELEASE = releases.installed().megatron_bridge
# Every process of a program, those that a checkpoint's writer starts as well, has the stand-ins.
SITE = f"""import sys
sys.path.append({str(Path(__file__).resolve().parent)!r})
import stand_ins
stand_ins.install()
stand_ins.hold_weights()
"""

# One is Moonlight's shape in small, the others have odd widths, other counts of dense layers and no shared experts' pair.
SHAPES = {
    "small": {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "kv_lora_rank": 32,
              "qk_nope_head_dim": 16, "qk_rope_head_dim": 8, "v_head_dim": 16, "n_routed_experts": 4, "num_experts_per_tok": 2,
              "moe_intermediate_size": 32, "n_shared_experts": 2, "vocab_size": 256, "first_k_dense_replace": 1},
    "deep": {"num_hidden_layers": 5, "hidden_size": 96, "intermediate_size": 160, "num_attention_heads": 8, "kv_lora_rank": 24,
             "qk_nope_head_dim": 24, "qk_rope_head_dim": 16, "v_head_dim": 8, "n_routed_experts": 8, "num_experts_per_tok": 3,
             "moe_intermediate_size": 48, "n_shared_experts": 1, "vocab_size": 384, "first_k_dense_replace": 2},
    "all experts": {"num_hidden_layers": 3, "hidden_size": 48, "intermediate_size": 80, "num_attention_heads": 2, "kv_lora_rank": 40,
                    "qk_nope_head_dim": 12, "qk_rope_head_dim": 4, "v_head_dim": 20, "n_routed_experts": 6, "num_experts_per_tok": 6,
                    "moe_intermediate_size": 16, "n_shared_experts": 3, "vocab_size": 192, "first_k_dense_replace": 0},
}


def write_model(folder, shape):
    """A model of that shape with random weights, all of them, and its tokenizer."""
    config = DeepseekV3Config(
        **shape, num_key_value_heads=shape["num_attention_heads"], q_lora_rank=None, n_group=1, topk_group=1,
        tie_word_embeddings=False, scoring_func="sigmoid", topk_method="noaux_tc", max_position_embeddings=512)
    torch.manual_seed(5)
    model = DeepseekV3ForCausalLM(config).to(torch.bfloat16)
    with torch.no_grad():
        for tensor in [*model.parameters(), *(b for n, b in model.named_buffers() if n.endswith("e_score_correction_bias"))]:
            tensor.copy_(torch.randn(tensor.shape) * 0.1 + 1)
    model.save_pretrained(folder)
    words = {chr(33 + i): i for i in range(64)}
    PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="!"))).save_pretrained(folder)
    return sum(parameter.numel() for parameter in model.parameters())


def export(moonlight, folder, shape, source, peft="none", more=()):
    """The launch of a finetuning run of that model."""
    model = {
        "num_layers": shape["num_hidden_layers"], "hidden_size": shape["hidden_size"], "ffn_hidden_size": shape["intermediate_size"],
        "num_attention_heads": shape["num_attention_heads"], "num_query_groups": shape["num_attention_heads"],
        "kv_lora_rank": shape["kv_lora_rank"], "qk_head_dim": shape["qk_nope_head_dim"],
        "qk_pos_emb_head_dim": shape["qk_rope_head_dim"], "v_head_dim": shape["v_head_dim"],
        "num_moe_experts": shape["n_routed_experts"], "moe_router_topk": shape["num_experts_per_tok"],
        "moe_ffn_hidden_size": shape["moe_intermediate_size"],
        "moe_shared_expert_intermediate_size": shape["moe_intermediate_size"] * shape["n_shared_experts"],
        "vocab_size": shape["vocab_size"],
        "moe_layer_freq": [int(i >= shape["first_k_dense_replace"]) for i in range(shape["num_hidden_layers"])],
        "hf_model_id": str(source),
    }
    config = folder / "config.yaml"
    settings = [part for name, value in model.items() for part in ("--set", f"model.{name}={json.dumps(value)}")]
    for command in (
        ["generate", "finetune", "--peft", peft, "--megatron-bridge", RELEASE, "--allow-invalid", "--force",
         "--pretrained-checkpoint", str(source), *settings, *more, "-o", str(config)],
        ["export", str(config), "--allow-invalid", "--to", "torchrun", "--force", "-o", str(folder / "launch")],
    ):
        made = subprocess.run([moonlight, *command], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    return folder / "launch"


class Failed(Exception):
    """A program ended with another status than 0; the last line that it said."""


def program(launch, name, *arguments):
    """Runs a program of a launch as its script would."""
    site = launch / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITE)
    command = [sys.executable, str(launch / name), f"--config={launch}/bridge.yaml", *arguments]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(site), "TORCHDYNAMO_DISABLE": "1"}, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(done.stderr.strip().splitlines()[-1] if "-v" not in sys.argv else done.stderr)


def tensors(folder):
    return {name: tensor for file in sorted(folder.glob("*.safetensors")) for name, tensor in load_file(file).items()}


def same(theirs, ours):
    """Whether two sets of weights are equal to the bit, whatever the integer or float type is called."""
    assert theirs.keys() == ours.keys(), f"only in one: {sorted(theirs.keys() ^ ours.keys())[:4]}"
    different = [name for name in theirs if not torch.equal(theirs[name].float(), ours[name].float())]
    assert not different, f"changed: {different[:4]}"


def megatron_parameters(folder):
    """The parameters of a Megatron checkpoint: name to number."""
    found = FileSystemReader(folder / "iter_0000000").read_metadata().state_dict_metadata
    return {
        name: entry.size.numel() for name, entry in found.items()
        if hasattr(entry, "size") and "_extra_state" not in name and not name.endswith("expert_bias")
    }


def round_trip(moonlight, folder, shape):
    source = folder / "a model"
    count = write_model(source, shape)
    launch = export(moonlight, folder, shape, source)
    program(launch, "import_checkpoint.py", f"--model={source}", f"--to={folder / 'imported'}")
    imported = megatron_parameters(folder / "imported")
    assert not [name for name in imported if name.endswith("linear_q_proj.layer_norm_weight")], "there is a second norm"
    assert sum(imported.values()) == count, f"Megatron's model has {sum(imported.values())}, transformers' {count} parameters"
    program(launch, "export_checkpoint.py", f"--model={source}", f"--from={folder / 'imported'}", f"--to={folder / 'back'}")
    before = tensors(source)
    same(before, tensors(folder / "back"))
    DeepseekV3ForCausalLM.from_pretrained(folder / "back")
    return count, len(before)


# What a run of adapters leaves behind, without the run: the model of the import with adapters that are not as they begin.
# Beside it, under the names of Hugging Face, the weights that its layers multiply with.
ADAPTERS = '''
import megatron_release

megatron_release.set_up()

import sys

import torch
from megatron.bridge import AutoBridge
from megatron.bridge.training.checkpointing import _generate_model_state_dict, apply_peft_adapter_filter_to_state_dict
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.training.model_load_save import temporary_distributed_context
from megatron.bridge.utils.instantiate_utils import InstantiationMode
from megatron.core import dist_checkpointing
from megatron.core.utils import unwrap_model

PROJECTIONS = {"linear_q_proj": "q_proj", "linear_kv_down_proj": "kv_a_proj_with_mqa", "linear_kv_up_proj": "kv_b_proj",
               "linear_proj": "o_proj", "linear_fc2": "down_proj"}


def products(model):
    for name, layer in unwrap_model(model).named_modules():
        adapter = getattr(layer, "adapter", None)
        if adapter is None:
            continue
        weight = layer.to_wrap.weight.float() + adapter.alpha / adapter.dim * (
            adapter.linear_out.weight.float() @ adapter.linear_in.weight.float())
        if hasattr(adapter, "weight_magnitude"):
            weight *= (adapter.weight_magnitude.float() / weight.norm(dim=1))[:, None]
        _, _, number, part, kind = name.split(".")
        place = f"model.layers.{number}." + {"self_attention": "self_attn", "mlp": "mlp"}[part]
        if kind == "linear_fc1":
            for half, projection in zip(weight.chunk(2), ("gate_proj", "up_proj")):
                yield f"{place}.{projection}.weight", half.contiguous()
        else:
            yield f"{place}.{PROJECTIONS[kind]}.weight", weight


def main():
    config = ConfigContainer.from_yaml(sys.argv[1].partition("=")[2], mode=InstantiationMode.STRICT)
    source, target = sys.argv[2:]
    provider = AutoBridge.from_hf_pretrained(source).to_megatron_provider(load_weights=True)
    provider.q_lora_rank, provider.gradient_accumulation_fusion = None, False
    provider.pipeline_dtype = provider.params_dtype = torch.bfloat16
    provider.finalize()
    provider.register_pre_wrap_hook(lambda chunks: config.peft(chunks, training=False))
    with temporary_distributed_context(backend="gloo"):
        model = provider.provide_distributed_model(wrap_with_ddp=False, use_cpu_initialization=True, init_model_with_meta_device=False)
        torch.manual_seed(3)
        for name, parameter in model[0].named_parameters():
            if name.endswith("weight_magnitude"):
                parameter.data.mul_(1 + torch.rand(parameter.shape))
            elif ".adapter." in name:
                parameter.data.copy_(torch.randn(parameter.shape) * 0.1)
        torch.save(dict(products(model[0])), target + "/../products.pt")
        state = apply_peft_adapter_filter_to_state_dict(_generate_model_state_dict(model, {}), config.peft)
        dist_checkpointing.save(state, target)
    config.to_yaml(target + "/run_config.yaml")


if __name__ == "__main__":
    main()
'''


def merged(adapter, base):
    """The weights of a model with peft's adapters folded in."""
    from peft import PeftModel, get_peft_model_state_dict

    model = PeftModel.from_pretrained(DeepseekV3ForCausalLM.from_pretrained(base, torch_dtype=torch.float32), str(adapter))
    written, loaded = load_file(adapter / "adapter_model.safetensors"), get_peft_model_state_dict(model)
    same({name: tensor for name, tensor in written.items()}, loaded)
    assert any(tensor.abs().max() > 0 for name, tensor in written.items() if "lora_B" in name), "the adapters are zero"
    return len(written), dict(model.merge_and_unload().state_dict())


# DoRA also on a fused projection, gate and up of the dense layer, where transformers does not join the experts: peft takes
# what is called so there for them all, and knows no DoRA of joined ones.
DORA = ["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj", "*.layers.0.mlp.linear_fc1", "*.layers.0.mlp.linear_fc2"]


def adapters(moonlight, folder, shape, scheme):
    source = folder / "a model"
    write_model(source, shape)
    joins = int(transformers.__version__.split(".")[0]) >= 5
    more = ["--set", f"peft.target_modules={json.dumps(DORA)}"] if scheme == "dora" and not joins else []
    launch = export(moonlight, folder, shape, source, scheme, more)
    (launch / "make_adapters.py").write_text(ADAPTERS)
    saved = folder / "saved" / "iter_0000005"
    saved.mkdir(parents=True)
    program(launch, "make_adapters.py", str(source), str(saved))
    wanted = torch.load(saved.parent / "products.pt")
    (saved.parent / "products.pt").unlink()
    program(launch, "export_adapter.py", f"--model={source}", f"--from={saved.parent}", f"--to={folder / 'out'}")
    base = {name: tensor.float() for name, tensor in tensors(source).items()}
    if (folder / "out" / "adapter_config.json").exists():
        count, after = merged(folder / "out", source)
        what = f"{count} tensors, all loaded by peft"
    else:
        after = {name: tensor.float() for name, tensor in tensors(folder / "out").items()}
        assert after.keys() == base.keys()
        DeepseekV3ForCausalLM.from_pretrained(folder / "out")
        what = "merged by the release"
    # transformers 5 joins the experts of a layer, which nothing adapts, in tensors of its own.
    changed = {name for name in base.keys() & after.keys() if not torch.equal(base[name], after[name].float())}
    # Moonlight's targets: every projection of attention, in every layer, and nothing else; of DoRA those beside it.
    assert changed == wanted.keys(), sorted(changed ^ wanted.keys())[:6]
    off = max(float((after[name].float() - tensor).abs().max()) for name, tensor in wanted.items())
    # What the release merges it rounds to bf16, twice.
    assert off < (1e-2 if "merged" in what else 1e-4) * max(float(tensor.abs().max()) for tensor in wanted.values()), off
    return f"{what}; {len(changed)} weights as Megatron's, at most {off:.1e} off"


def is_needed(moonlight, folder, shape):
    """What the import says without the mend; `None` where there is none."""
    source = folder / "a model"
    write_model(source, shape)
    launch = export(moonlight, folder, shape, source)
    module = launch / "megatron_release.py"
    text = module.read_text()
    if "    mend_query_projection()\n" not in text:
        return None
    module.write_text(text.replace("    mend_query_projection()\n", ""))
    try:
        program(launch, "import_checkpoint.py", f"--model={source}", f"--to={folder / 'imported'}")
    except Failed as error:
        return str(error)
    raise AssertionError("the import works without the mend")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("-v", action="store_true", help="all that a failed program said")
    parser.add_argument("--only", choices=["adapters"], help="no models, which take the longest")
    options = parser.parse_args()
    moonlight = str(Path(options.moonlight).resolve())
    for name, shape in SHAPES.items() if options.only is None else ():
        with tempfile.TemporaryDirectory() as folder:
            count, number = round_trip(moonlight, Path(folder), shape)
            print(f"{name}: {count:,} parameters in both, {number} tensors back as they were", flush=True)
    for scheme in ("lora", "dora"):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{scheme}:", adapters(moonlight, Path(folder), SHAPES["small"], scheme), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print("without the mend:", is_needed(moonlight, Path(folder), SHAPES["small"]) or "there is none in this release")


if __name__ == "__main__":
    sys.exit(main())
