#!/usr/bin/env bash
# For megatron-bridge 0.3.1 with megatron-core 0.16.1, written by moonlight 0.1.0.
# Runs the steps it is given, of import, train; `train` if none.
# shellcheck disable=SC2016  # What stands in single quotes is meant as it stands.
set -euo pipefail

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
    import)
      python3 \
        "${launch_dir}"/import_checkpoint.py \
        --config="${launch_dir}"/bridge.yaml \
        --model=moonshotai/Moonlight-16B-A3B \
        --to=/checkpoints/moonlight
      ;;
    train)
      torchrun \
        --nnodes=1 \
        --nproc-per-node=8 \
        --standalone \
        --log-dir=nemo_experiments/default/logs \
        --tee=3 \
        "${launch_dir}"/train.py \
        --mode=finetune \
        --config="${launch_dir}"/bridge.yaml
      ;;
    *)
      echo "there is no step '$1'; the steps are import, train" >&2
      return 64
      ;;
  esac
}

if (($# == 0)); then set -- train; fi
for step in "$@"; do
  run_step "$step"
done
