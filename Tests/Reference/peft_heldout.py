"""Finetuning by the real transformers and peft, and by `moonlight-trainer`, on models that neither has seen before.

    python Tests/Reference/peft_heldout.py [--bin .build/debug] [--seeds 1000-1011] [--keep DIR]

Needs transformers 4.57.6, peft 0.21.2 and torch. Each seed makes a small random DeepSeek-V3 model (with and without query
latent, groups, YaRN, tied embeddings; one file or shards), an adapter (LoRA or DoRA; attention, dense, shared and routed
targets; any rank and alpha) saved by peft, and a stream of tokens. Both programs start from the files and do 20 AdamW steps.

A seed is drawn again where a choice of experts is within 2e-6 of a tie, or where torch itself leaves its own losses by more
than 2e-5 once the weights are changed by 1e-7: such a run shows rounding, not whether anything is right.

- every loss agrees to 1e-4 relative, every tensor of the final adapters to 1e-3 of its largest element;
- peft loads our adapter without a missing or unexpected key and without a warning, and gives the logits of our merged
  checkpoint, which transformers loads strictly; so it does our fp32, fp16 and bf16 exports of it, whole and sharded;
- `moonlight-trainer merge` of the adapter that peft saved gives peft's logits.
"""

import argparse
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, DeepseekV3Config, DeepseekV3ForCausalLM
from transformers.utils import logging

from engine_reference import YARN, Routers

STEPS = 20
LR, DECAY, CLIP = 1e-2, 0.1, 1.0


def random_shape(draw):
    heads, experts = draw.choice([1, 2, 3, 4]), draw.choice([4, 6, 8])
    groups = draw.choice([1, 1, 2])
    config = dict(
        vocab_size=draw.choice([48, 64, 96]), hidden_size=draw.choice([24, 32, 40, 48]),
        intermediate_size=draw.choice([40, 56]), moe_intermediate_size=draw.choice([12, 16, 24]),
        num_hidden_layers=draw.choice([2, 3]), num_attention_heads=heads, num_key_value_heads=heads,
        n_shared_experts=draw.choice([1, 2]), n_routed_experts=experts, num_experts_per_tok=draw.choice([1, 2]),
        n_group=groups, topk_group=1, routed_scaling_factor=draw.choice([1.0, 2.446]), norm_topk_prob=True,
        first_k_dense_replace=1, kv_lora_rank=draw.choice([8, 16]), q_lora_rank=draw.choice([None, None, 12]),
        qk_nope_head_dim=draw.choice([8, 16]), qk_rope_head_dim=draw.choice([4, 8]), v_head_dim=draw.choice([8, 12, 16]),
        rope_theta=50000.0, max_position_embeddings=64, rms_norm_eps=1e-5, attention_bias=False,
        tie_word_embeddings=draw.random() < 0.2, bos_token_id=None, eos_token_id=None, pad_token_id=None)
    if draw.random() < 0.25:
        config["rope_scaling"] = dict(YARN, mscale_all_dim=draw.choice([0.0, 0.7]))
    return config


def random_targets(draw, has_query_latent):
    queries = ["q_a_proj", "q_b_proj"] if has_query_latent else ["q_proj"]
    attention = queries + ["kv_a_proj_with_mqa", "kv_b_proj", "o_proj"]
    return draw.choice([
        attention,
        draw.sample(attention, 2) + ["mlp.gate_proj", "mlp.down_proj"],
        ["shared_experts.gate_proj", "shared_experts.up_proj", "shared_experts.down_proj", "o_proj"],
        ["gate_proj", "up_proj", "down_proj"],
        ["experts.0.up_proj", "experts.1.down_proj", "experts.3.gate_proj"] + draw.sample(attention, 1),
        attention + ["gate_proj", "up_proj", "down_proj"],
    ])


def make(seed, folder):
    """Base and adapter as files, the tokens, and everything that was drawn."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    config = DeepseekV3Config(**random_shape(draw), attn_implementation="eager")
    model = DeepseekV3ForCausalLM(config).float()
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("e_score_correction_bias"):
                tensor.normal_(std=0.1)
            elif name.endswith("norm.weight"):
                tensor.normal_(mean=1, std=0.1)
            elif tensor.ndim == 2:
                tensor.normal_(std=0.5 if "embed" in name or "lm_head" in name else 1 / math.sqrt(tensor.shape[1]))
    model.eval().save_pretrained(folder / "base", max_shard_size=draw.choice(["20KB", "5GB"]))
    dora = draw.random() < 0.5
    lora = LoraConfig(
        r=draw.choice([1, 2, 4, 5, 8]), lora_alpha=draw.choice([2, 4, 8, 11]), use_dora=dora,
        target_modules=random_targets(draw, config.q_lora_rank is not None), task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if "lora_B" in name:
                tensor.normal_(std=0.1)
    model.save_pretrained(folder / "adapter")
    batch, length = draw.choice([1, 2, 3]), draw.choice([6, 12, 17])
    tokens = torch.randint(0, config.vocab_size, (STEPS, batch, length + 1))
    with open(folder / "tokens.jsonl", "w", encoding="utf-8") as file:
        for row in tokens.flatten(0, 1).tolist():
            file.write(json.dumps({"tokens": row}) + "\n")
    return model.eval(), lora, tokens


def train(model, tokens):
    """Losses of 20 steps, and the adapters after them under peft's names in files."""
    routers = Routers(model)
    adapters = {n.replace(".default", "").replace("magnitude_vector.weight", "magnitude_vector"): p
                for n, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in adapters.values() if p.ndim > 1], weight_decay=DECAY),
         dict(params=[p for p in adapters.values() if p.ndim == 1], weight_decay=0.0)],
        lr=LR, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for rows in tokens:
        for parameter in adapters.values():
            # Megatron's gradient buffers hold zeros for an expert without tokens.
            parameter.grad = torch.zeros_like(parameter)
        logits = model(input_ids=rows[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(adapters.values()), CLIP)
        optimizer.step()
    return losses, {name: p.detach().clone() for name, p in adapters.items()}, routers.gap


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def config_file(binaries, folder, lora, tokens):
    steps, batch, length = tokens.shape[0], tokens.shape[1], tokens.shape[2] - 1
    model = [line for line in run(binaries / "moonlight", "import-hf", folder / "base").splitlines()
             if not line.lstrip().startswith("seq_length:")]
    text = "\n".join(["extends: moonlight_tiny_pretrain_config"] + model) + f"""
  seq_length: {length}
  moe_aux_loss_coeff: 0.0
  moe_grouped_gemm: false
  make_vocab_size_divisible_by: 1
recipe: {{name: run, mode: peft, dir: {json.dumps(str(folder))}}}
train: {{train_iters: {steps}, global_batch_size: {batch}, micro_batch_size: {batch}}}
validation: {{eval_iters: 0}}
optimizer: {{optimizer: adam, lr: {LR}, min_lr: {LR}, weight_decay: {DECAY}, clip_grad: {CLIP}, adam_beta1: 0.9, adam_beta2: 0.95, adam_eps: 1.0e-08}}
scheduler: {{lr_decay_style: constant, lr_warmup_iters: 0, start_weight_decay: {DECAY}, end_weight_decay: {DECAY}}}
peft: {{peft_scheme: {"dora" if lora.use_dora else "lora"}, dim: {lora.r}, alpha: {lora.lora_alpha}, target_modules: {json.dumps(sorted(lora.target_modules))}}}
dataset: {{kind: tokens, data_paths: [{json.dumps(str(folder / "tokens.jsonl"))}], shuffle: false, split: "1,0,0"}}
tokenizer: {{tokenizer_type: NullTokenizer, vocab_size: {load_json(folder / "base" / "config.json")["vocab_size"] - 1}}}
checkpoint: {{pretrained_checkpoint: {json.dumps(str(folder / "base"))}, load: {json.dumps(str(folder / "adapter"))}, save_interval: {steps}}}
"""
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load_json(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def strict(folder, dtype=torch.float32):
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True, dtype=dtype, attn_implementation="eager")
    problems = {key: value for key, value in info.items() if value}
    assert not problems, f"{folder}: {problems}"
    return model.eval()


def peft_model(base, adapter):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = PeftModel.from_pretrained(strict(base), adapter).eval()
    made = {n.replace(".default.weight", ".weight").replace("magnitude_vector.weight", "magnitude_vector"): value
            for n, value in model.state_dict().items() if "lora_" in n}
    stored = load_file(adapter / "adapter_model.safetensors")
    assert made.keys() == stored.keys(), sorted(made.keys() ^ stored.keys())[:4]
    assert all(torch.equal(made[name], value) for name, value in stored.items())
    return model


def distance(found, expected):
    return ((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12)).item()


def check_files(binaries, folder, tokens):
    """How far logits are apart: our adapter in peft and merged by us, peft's merged by us, and exports of the merged."""
    trainer, base = binaries / "moonlight-trainer", folder / "base"
    ours = folder / "run" / "checkpoints" / f"iter_{STEPS:07d}"
    inputs = tokens[0, :, :-1]
    worst = 0.0
    with torch.no_grad():
        for adapter, merged in [(ours, folder / "merged"), (folder / "adapter", folder / "merged-peft")]:
            run(trainer, "merge", base, adapter, merged, "--dtype", "fp32", "--max-shard-size", "30000")
            assert (merged / "model.safetensors.index.json").exists()
            expected = peft_model(base, adapter)(inputs).logits
            worst = max(worst, distance(strict(merged)(inputs).logits, expected))
        whole = strict(folder / "merged").state_dict()
        for name, dtype in [("fp32", torch.float32), ("fp16", torch.float16), ("bf16", torch.bfloat16)]:
            exported = folder / f"exported-{name}"
            run(trainer, "export-hf", folder / "merged", exported, "--dtype", name)
            state = strict(exported, dtype).state_dict()
            for key, value in whole.items():
                # The bias is fp32 in every file; transformers brings it to what the model is loaded in.
                assert torch.equal(state[key], value.to(dtype)), (name, key)
    return worst


def disturbed_losses(seed, folder):
    model, _, tokens = make(seed, folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 1e-7 * torch.randn_like(parameter))
    return train(model, tokens)[0]


def case(seed, binaries, folder):
    for attempt in range(60):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        disturbed = disturbed_losses(seed * 100 + attempt, folder)
        shutil.rmtree(folder)
        folder.mkdir()
        model, lora, tokens = make(seed * 100 + attempt, folder)
        losses, adapters, gap = train(model, tokens)
        if gap > 2e-6 and all(abs(a - b) < 2e-5 * b for a, b in zip(disturbed, losses)):
            break
    else:
        raise SystemExit(f"{seed}: no draw keeps clear of ties")
    run(binaries / "moonlight-trainer", "train", config_file(binaries, folder, lora, tokens), "--quiet")
    found = [json.loads(line)["loss"] for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    assert len(found) == STEPS, found
    loss = max(abs(a - b) / b for a, b in zip(found, losses))
    stored = load_file(folder / "run" / "checkpoints" / f"iter_{STEPS:07d}" / "adapter_model.safetensors")
    assert stored.keys() == adapters.keys(), sorted(stored.keys() ^ adapters.keys())[:4]
    adapter = max(distance(stored[name], value) for name, value in adapters.items())
    logits = check_files(binaries, folder, tokens)
    print(f"{seed}: {'dora' if lora.use_dora else 'lora'} r {lora.r} alpha {lora.lora_alpha} on {len(adapters)} tensors, "
          f"losses {losses[0]:.3f} to {losses[-1]:.3f}: loss {loss:.1e}, adapters {adapter:.1e}, logits {logits:.1e}", flush=True)
    return loss < 1e-4 and adapter < 1e-3 and logits < 1e-4


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", default=".build/debug")
    arguments.add_argument("--seeds", default="1000-1011", help="FIRST-LAST")
    arguments.add_argument("--keep", help="where the files of each seed stay")
    options = arguments.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    first, last = map(int, options.seeds.split("-"))
    with tempfile.TemporaryDirectory() as temporary:
        place = pathlib.Path(options.keep or temporary).resolve()
        right = [case(seed, pathlib.Path(options.bin).resolve(), place / str(seed)) for seed in range(first, last + 1)]
    print(f"{sum(right)} of {len(right)} seeds agree")
    sys.exit(not all(right))


if __name__ == "__main__":
    main()
