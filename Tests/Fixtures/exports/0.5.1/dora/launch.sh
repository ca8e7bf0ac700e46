#!/usr/bin/env bash
# For megatron-bridge 0.5.1 with megatron-core 0.18.2, written by moonlight 0.1.0.
# Runs import, train, export, each where what it makes is missing; `launch.sh --only STEP` runs one.
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
        --model=/checkpoints/moonlight \
        --to=nemo_experiments/default/imported
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
        --config="${launch_dir}"/bridge.yaml \
        --process-example-fn=megatron.bridge.data.hf_processors.squad.process_squad_example
      ;;
    export)
      python3 \
        "${launch_dir}"/export_adapter.py \
        --config="${launch_dir}"/bridge.yaml \
        --model=/checkpoints/moonlight \
        --from=nemo_experiments/default/checkpoints \
        --to=nemo_experiments/default/adapter
      ;;
    *)
      echo "there is no step '$1'; the steps are import, train, export" >&2
      return 64
      ;;
  esac
}

is_done() {
  case $1 in
    import) [[ -e nemo_experiments/default/imported/latest_train_state.pt || -e nemo_experiments/default/imported/latest_checkpointed_iteration.txt || -e nemo_experiments/default/imported/.metadata || -e nemo_experiments/default/imported/metadata.json ]] ;;
    train) [[ -e nemo_experiments/default/checkpoints/iter_0001000/run_config.yaml && -e nemo_experiments/default/checkpoints/latest_train_state.pt ]] ;;
    export) [[ -d nemo_experiments/default/adapter && ! nemo_experiments/default/checkpoints/latest_train_state.pt -nt nemo_experiments/default/adapter ]] ;;
    *) return 1 ;;
  esac
}

if [[ ${1:-} == --only ]]; then
  shift
  if (($# == 0)); then
    echo "--only needs a step: import, train, export" >&2
    exit 64
  fi
fi
steps=("$@")
runs_all=false
if (($# == 0)); then
  runs_all=true
  steps=(import train export)
fi

for step in "${steps[@]}"; do
  if "$runs_all" && is_done "$step"; then
    echo "$step: what it makes is there" >&2
    continue
  fi
  run_step "$step"
done
