#!/usr/bin/env bash
# For megatron-bridge 0.5.1 with megatron-core 0.18.2, written by moonlight 0.1.0.
# Runs train, each where what it makes is missing; `launch.sh --only STEP` runs one.
# Run it on all 4 nodes, with MASTER_ADDR the first one's name and NODE_RANK 0 to 3.
# shellcheck disable=SC2016  # What stands in single quotes is meant as it stands.
set -euo pipefail

export CUDA_DEVICE_MAX_CONNECTIONS=1

# Where bridge.yaml and the Python programs are; LAUNCH_DIR says so if they were moved.
launch_dir=launch
launch_dir=${LAUNCH_DIR:-$launch_dir}
if [[ ! -f $launch_dir/bridge.yaml ]]; then
  echo "there is no bridge.yaml in '$launch_dir': run this from where the launch was written, or set LAUNCH_DIR" >&2
  exit 66
fi
mkdir -p -- nemo_experiments/default/logs

run_step() {
  case $1 in
    train)
      torchrun \
        --nnodes=4 \
        --nproc-per-node=8 \
        --node-rank="${NODE_RANK}" \
        --master-addr="${MASTER_ADDR}" \
        --master-port=29500 \
        --log-dir=nemo_experiments/default/logs \
        --tee=3 \
        "${launch_dir}"/train.py \
        --mode=pretrain \
        --config="${launch_dir}"/bridge.yaml
      ;;
    *)
      echo "there is no step '$1'; the steps are train" >&2
      return 64
      ;;
  esac
}

is_done() {
  case $1 in
    train) [[ -e nemo_experiments/default/checkpoints/iter_0500000/run_config.yaml && -e nemo_experiments/default/checkpoints/latest_train_state.pt ]] ;;
    *) return 1 ;;
  esac
}

if [[ ${1:-} == --only ]]; then
  shift
  if (($# == 0)); then
    echo "--only needs a step: train" >&2
    exit 64
  fi
fi
steps=("$@")
runs_all=false
if (($# == 0)); then
  runs_all=true
  steps=(train)
fi

if "$runs_all" || [[ ${steps[0]} == train ]]; then
  : "${MASTER_ADDR:?is not set: the name of the first node}"
  : "${NODE_RANK:?is not set: the number of this node, 0 to 3}"
fi
for step in "${steps[@]}"; do
  if "$runs_all" && is_done "$step"; then
    echo "$step: what it makes is there" >&2
    continue
  fi
  run_step "$step"
done
