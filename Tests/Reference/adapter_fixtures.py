"""Fixtures/adapters/forms: a small model and adapters of it as peft saves them, with the logits and losses of the real thing.

Run with transformers 4.57.6, then with 5.24.0 (peft 0.21.2 both): python Tests/Reference/adapter_fixtures.py
Each writes what only it can write: the base and modules of transformers 4; fused experts of transformers 5.
"""

import json
import pathlib
import shutil

import torch
from peft import PeftModel, get_peft_model, LoraConfig
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM
from transformers.utils import logging

from adapter_forms import ATTENTION, GENERATION, MLP, STEPS, load, train

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "adapters" / "forms"

WAYS = {
    4: {
        "rslora": dict(target_modules=ATTENTION, use_rslora=True, lora_alpha=2.5),
        "patterns": dict(
            target_modules=ATTENTION, rank_pattern={"q_proj": 1, r".*\.1\..*o_proj": 3}, alpha_pattern={"kv_b_proj": 5}),
        "pissa": dict(target_modules=["q_proj", "o_proj"], init_lora_weights="pissa"),
        "olora": dict(target_modules=["q_proj", "kv_a_proj_with_mqa"], init_lora_weights="olora"),
        "pissa-dora": dict(target_modules=["kv_b_proj"], init_lora_weights="pissa", use_dora=True),
        "expression": dict(target_modules=r".*\.[01]\.self_attn\.(q|o)_proj", exclude_modules=r".*\.0\..*o_proj"),
        "mlp-4": dict(target_modules=MLP),
    },
    5: {
        "mlp-5": dict(target_modules=["q_proj"] + MLP),
        "fused-parameters": dict(target_modules=[], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]),
        "fused-down": dict(target_modules=[], target_parameters=["mlp.experts.down_proj", "mlp.up_proj.weight"]),
    },
}


def make_base():
    torch.manual_seed(5)
    config = DeepseekV3Config(
        vocab_size=32, hidden_size=16, intermediate_size=20, moe_intermediate_size=8, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
        n_group=1, topk_group=1, routed_scaling_factor=2.446, norm_topk_prob=True, first_k_dense_replace=1,
        kv_lora_rank=8, q_lora_rank=None, qk_nope_head_dim=4, qk_rope_head_dim=4, v_head_dim=6, rope_theta=50000.0,
        max_position_embeddings=32, rms_norm_eps=1e-5, bos_token_id=None, eos_token_id=None, pad_token_id=None)
    model = DeepseekV3ForCausalLM(config).float()
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("e_score_correction_bias"):
                tensor.normal_(std=0.1)
            elif name.endswith("norm.weight"):
                tensor.normal_(mean=1, std=0.1)
            elif tensor.ndim == 2:
                tensor.normal_(std=0.5 if "embed" in name or "lm_head" in name else tensor.shape[1] ** -0.5)
    shutil.rmtree(OUT, ignore_errors=True)
    model.save_pretrained(OUT / "base")
    (OUT / "base" / "generation_config.json").unlink()


def main():
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    if GENERATION == 4:
        make_base()
    else:
        shutil.rmtree(OUT / "base-fused", ignore_errors=True)
        load(OUT / "base").save_pretrained(OUT / "base-fused", save_original_format=False)
        (OUT / "base-fused" / "generation_config.json").unlink()
    for name, way in WAYS[GENERATION].items():
        torch.manual_seed(len(name))
        tokens = torch.randint(0, 32, (STEPS, 1, 9))
        model = get_peft_model(load(OUT / "base"), LoraConfig(**dict(dict(r=2, lora_alpha=3, task_type="CAUSAL_LM"), **way)))
        with torch.no_grad():
            for key, tensor in model.named_parameters():
                if "lora_B" in key:
                    tensor.add_(torch.randn_like(tensor) * 0.1)
        model.save_pretrained(OUT / name)
        (OUT / name / "README.md").unlink(missing_ok=True)
        config = json.loads((OUT / name / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = "base"
        (OUT / name / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        model = PeftModel.from_pretrained(load(OUT / "base"), OUT / name, is_trainable=True)
        with torch.no_grad():
            logits = model.eval()(tokens[0, :, :-1]).logits
        losses = train(model.train(), tokens)
        (OUT / name / "expected.json").write_text(json.dumps(dict(
            tokens=tokens.squeeze(1).tolist(), logits=logits.flatten().tolist(), losses=losses)) + "\n")


if __name__ == "__main__":
    main()
