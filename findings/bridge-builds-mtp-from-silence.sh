#!/bin/bash
# megatron-bridge 0.6.2 (0.5.1 has the same line), transformers 5.24.0 against 4.57.6, on a CPU.
#
# Expected: a config.json of the DeepSeek-V3 family that says nothing of multi-token prediction is a model without it, as
# transformers 4.57 has it.
# Seen: read by transformers 5.24 the same file has one such layer (`num_nextn_predict_layers` 1), and Megatron-Bridge's conversion
# asks that attribute, so that it builds `mtp_num_layers: 1`, for which the folder has no weights. The import goes on with a
# warning for each missing tensor and keeps the layer as it was drawn; on an H200, exporting the adapters of a run without such
# a layer then ended with a KeyError about `mtp.layers.0...adapter...`, since they are looked for on it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/model"
cat > "$folder/model/config.json" <<'JSON'
{"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "hidden_size": 64, "num_hidden_layers": 2,
 "num_attention_heads": 4, "vocab_size": 128}
JSON
for version in 4.57.6 5.24.0; do
  "${PYTHON:-python3.12}" -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "transformers==$version"
done
"$folder/5.24.0/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$folder" megatron-bridge==0.6.2
cat > "$folder/conversion.py" <<'PYTHON'
"""What the conversion of Megatron-Bridge makes of the number of MTP layers."""
import ast
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

from transformers import AutoConfig, __version__

folder = Path(sys.argv[1])
hf_config = AutoConfig.from_pretrained(folder / "model")
source = zipfile.ZipFile(next(folder.glob("megatron_bridge-*.whl"))).read(
    "megatron/bridge/models/deepseek/deepseek_v3_bridge.py").decode()
line = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Attribute) and node.targets[0].attr == "mtp_num_layers")
provider = SimpleNamespace()
exec(compile(ast.Module([line], []), "deepseek_v3_bridge.py", "exec"), {"provider": provider, "hf_config": hf_config})
print(__version__, "num_nextn_predict_layers:", getattr(hf_config, "num_nextn_predict_layers", "absent"),
      "mtp_num_layers:", provider.mtp_num_layers)
expected = {"4": None, "5": 1}[__version__[0]]
assert provider.mtp_num_layers == expected, "this has changed"
PYTHON
for version in 4.57.6 5.24.0; do "$folder/$version/bin/python" -W ignore "$folder/conversion.py" "$folder" 2>/dev/null; done
