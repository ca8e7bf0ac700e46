#!/bin/bash
# megatron-core 0.19.2 (numpy 2.4.6) with torch 2.13.0 and 2.15.0, on a CPU; 0.18.2 does the same.
#
# Expected: what says of a distributed checkpoint which tensors it holds does so with any torch that megatron-core takes, since
# nothing of it is computed.
# Seen: with 2.15 load_tensors_metadata and load_sharded_metadata raise a TypeError, "empty() got an unexpected keyword argument
# 'strides'": all properties that torch has noted of a tensor are handed to torch.empty, and 2.15 notes one more. Loading
# itself works, unless its strictness asks for these lists (log_all, raise_all, ...).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import json
import os
import sys

import torch
import torch.distributed.checkpoint
from megatron.core.dist_checkpointing import serialization


def main(folder):
    torch.distributed.checkpoint.save({"weight": torch.ones(4, 4)}, checkpoint_id=folder)
    torch.save({}, f"{folder}/common.pt")
    with open(f"{folder}/metadata.json", "w") as file:
        json.dump({"sharded_backend": "torch_dist", "sharded_backend_version": 1, "common_backend": "torch",
                   "common_backend_version": 1}, file)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29655", RANK="0", WORLD_SIZE="1")
    torch.distributed.init_process_group("gloo")
    for read in (serialization.load_tensors_metadata, serialization.load_sharded_metadata):
        try:
            seen = f"the tensors {sorted(read(folder))}"
        except TypeError as error:
            seen = f"TypeError: {error}"
        print(f"torch {torch.__version__}: {read.__name__} gives {seen}")
        assert seen.startswith("TypeError" if torch.__version__.startswith("2.15.") else "the tensors ['weight'"), seen


if __name__ == "__main__":
    main(sys.argv[1])
PYTHON
for version in 2.13.0 2.15.0; do
  "${PYTHON:-python3.12}" -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check torch=="$version" numpy==2.4.6 packaging==25.0
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check --no-deps megatron-core==0.19.2
  mkdir "$folder/checkpoint-$version"
  "$folder/$version/bin/python" -W ignore "$folder/run.py" "$folder/checkpoint-$version"
  rm -rf "${folder:?}/$version"
done
