#!/bin/bash
# peft 0.21.2 with transformers 4.57.6 and with 5.24.0, torch 2.13.0, on a CPU.
#
# Expected: LoRA on gate_proj, up_proj and down_proj of a DeepSeek-V3 model adapts every MLP: the dense first layer, the shared
# expert, and the routed experts. It does with transformers 4 (two layers, four experts here: 18 modules).
# Seen with transformers 5: the routed experts are fused parameters there, peft moves the three names over to
# them (target_parameters), and leaves no target module. The dense layer and the shared expert get no adapter, without a warning that says so.
# The folder that it saves names no module either, and peft on transformers 4 refuses it ("No `target_modules` passed").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import json
import sys

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

folder = sys.argv[1]
config = transformers.DeepseekV3Config(
    vocab_size=64, hidden_size=32, intermediate_size=48, moe_intermediate_size=16, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
    first_k_dense_replace=1, n_group=1, topk_group=1, kv_lora_rank=8, q_lora_rank=None, qk_rope_head_dim=4,
    qk_nope_head_dim=8, v_head_dim=8)
torch.manual_seed(0)
model = transformers.DeepseekV3ForCausalLM(config)
lora = LoraConfig(r=2, target_modules=["gate_proj", "up_proj", "down_proj"])
adapted = get_peft_model(model, lora)
places = sorted({name.split(".lora_")[0] for name, _ in adapted.named_parameters() if ".lora_A" in name})
print(f"transformers {transformers.__version__}: {len(places)} adapted")
if transformers.__version__.startswith("5."):
    assert places and all(".mlp.experts" in place for place in places), places
    adapted.save_pretrained(folder)
    saved = json.load(open(f"{folder}/adapter_config.json"))
    print("saved:", saved["target_modules"], saved["target_parameters"])
    assert not saved["target_modules"] and saved["target_parameters"]
else:
    # 3 of the dense layer, 3 of the shared expert, 3 of each of the four routed ones.
    assert len(places) == 18, places
    try:
        PeftModel.from_pretrained(transformers.DeepseekV3ForCausalLM(config), folder)
    except Exception as error:
        print("what transformers 5 saved:", str(error)[:80])
        assert "No `target_modules` passed" in str(error)
    else:
        raise SystemExit("the adapter loads now")
PYTHON
for version in 5.24.0 4.57.6; do
  "${PYTHON:-python3.12}" -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 peft==0.21.2 transformers=="$version"
  "$folder/$version/bin/python" "$folder/run.py" "$folder/adapter"
  rm -rf "${folder:?}/$version"
done
