#!/bin/bash
# transformers 5.24.0 writes, 4.57.6 reads; torch 2.13.0, on a CPU.
#
# Expected: a safetensors checkpoint whose tensors the reader does not know is refused.
# Seen: save_pretrained(save_original_format=False) of transformers 5 stores a DeepSeek-V3 model's routed experts as two fused tensors
# a layer (mlp.experts.gate_up_proj and down_proj). from_pretrained of 4.57 draws every routed expert at random and returns
# the model: a warning is all that tells, and the logits are another model's. The default of save_pretrained is read to the bit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import sys

import torch
import transformers

folder = sys.argv[1]
tokens = torch.arange(16)[None]
if transformers.__version__.startswith("5."):
    config = transformers.DeepseekV3Config(
        vocab_size=64, hidden_size=32, intermediate_size=48, moe_intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
        first_k_dense_replace=1, n_group=1, topk_group=1, kv_lora_rank=8, q_lora_rank=None, qk_rope_head_dim=4,
        qk_nope_head_dim=8, v_head_dim=8)
    torch.manual_seed(0)
    model = transformers.DeepseekV3ForCausalLM(config).eval()
    model.save_pretrained(f"{folder}/default")
    model.save_pretrained(f"{folder}/fused", save_original_format=False)
    torch.save(model(tokens).logits.detach(), f"{folder}/logits.pt")
else:
    meant = torch.load(f"{folder}/logits.pt")
    for form, equal in ("default", True), ("fused", False):
        model = transformers.DeepseekV3ForCausalLM.from_pretrained(f"{folder}/{form}").eval()
        difference = (model(tokens).logits - meant).abs().max().item()
        print(f"{form}: logits differ by {difference:.1e}")
        assert (difference < 1e-6) == equal
PYTHON
for version in 5.24.0 4.57.6; do
  "${PYTHON:-python3.12}" -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 transformers=="$version"
  "$folder/$version/bin/python" "$folder/run.py" "$folder"
  rm -rf "${folder:?}/$version"
done
