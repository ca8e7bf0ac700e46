#!/bin/bash
# transformers 5.24.0 and 4.57.6; torch 2.13.0, on a CPU.
#
# Expected: model.double() makes a reference in float64, as it does of a model without experts.
# Seen: a DeepSeek-V3 model cannot be run in it. 4.57 adds the experts' outputs up in float32 whatever the model has
# (index_add_ raises), 5 multiplies by torch's grouped_mm, which knows no float64. With set_experts_implementation("eager") 5
# does it, and float32 is then seen to have been right to 1e-6; 4.57 has no such choice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import torch
import transformers

config = transformers.DeepseekV3Config(
    vocab_size=64, hidden_size=32, intermediate_size=48, moe_intermediate_size=16, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
    first_k_dense_replace=1, n_group=1, topk_group=1, kv_lora_rank=8, q_lora_rank=None, qk_rope_head_dim=4,
    qk_nope_head_dim=8, v_head_dim=8)
torch.manual_seed(0)
model = transformers.DeepseekV3ForCausalLM(config).eval()
tokens = torch.arange(16)[None]
with torch.no_grad():
    single = model(tokens).logits
    model.double()
    try:
        model(tokens)
        raise SystemExit("float64 runs as it is")
    except RuntimeError as error:
        print(f"{transformers.__version__}: {error}")
    if transformers.__version__.startswith("5."):
        model.set_experts_implementation("eager")
        difference = (model(tokens).logits - single).abs().max().item()
        print(f"{transformers.__version__}, eager: float64 is {difference:.1e} from float32")
        assert difference < 1e-6
    else:
        assert not hasattr(model, "set_experts_implementation")
PYTHON
for version in 5.24.0 4.57.6; do
  "${PYTHON:-python3.12}" -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 transformers=="$version"
  "$folder/$version/bin/python" "$folder/run.py"
  rm -rf "${folder:?}/$version"
done
