#!/usr/bin/env bash
# Finetuning from nothing: trains a small base, finetunes it with LoRA, DoRA and all weights, merges, exports, and counts
# how many questions about countries it has never seen each of them answers.
#
#   Examples/finetune/run.sh [OUT]            the whole example, some minutes
#   STEPS=8 QUESTIONS=1 Examples/finetune/run.sh [OUT]   a look at every part of it
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ -z ${TRAINER:-} ]]; then
  source Examples/setup.sh
  swift build -c release --product moonlight-trainer
  TRAINER=.build/release/moonlight-trainer
fi
out=${1:-quickstart/finetune}
mkdir -p "$out"
here=Examples/finetune
questions=${QUESTIONS:-40}
shorten=()
if [[ -n ${STEPS:-} ]]; then
  shorten=(--set "train.train_iters=$STEPS" --set scheduler.lr_warmup_iters=1 --set "validation.eval_interval=$STEPS"
    --set validation.eval_iters=1 --set train.global_batch_size=8 --set train.micro_batch_size=8)
fi

train() { # name config [setting...]
  local name=$1 config=$2 settings=()
  shift 2
  for setting in "$@"; do settings+=(--set "$setting"); done
  echo "== $name"
  "$TRAINER" train "$config" --set "recipe.dir=$out" --set "recipe.name=$name" \
    ${shorten[@]+"${shorten[@]}"} ${settings[@]+"${settings[@]}"}
}

answers() { # name checkpoint
  local right=0 asked=0
  while IFS=$'\t' read -r prompt completion; do
    local given
    given=$("$TRAINER" generate "$2" --prompt "$prompt" --max-tokens 16)
    asked=$((asked + 1))
    if [[ $given == "$prompt$completion" ]]; then right=$((right + 1)); fi
  done < <(head -n "$questions" "$here/heldout.jsonl" |
    sed 's/^{"prompt": "\(.*\)", "completion": "\(.*\)"}$/\1\t\2/')
  echo "$1: $right of $asked held-out questions answered"
}

train base "$here/pretrain.yaml"
"$TRAINER" export-hf "$out/base/checkpoints" "$out/base-hf" --dtype fp32
base=checkpoint.pretrained_checkpoint=$out/base-hf

train lora "$here/lora.yaml" "$base"
train dora "$here/lora.yaml" "$base" peft.peft_scheme=dora
train sft "$here/lora.yaml" "$base" recipe.mode=sft peft=null optimizer.lr=0.002

echo "== merge and export"
"$TRAINER" merge "$out/base-hf" "$out/lora/checkpoints" "$out/lora-hf"
"$TRAINER" merge "$out/base-hf" "$out/dora/checkpoints" "$out/dora-hf"
"$TRAINER" export-hf "$out/sft/checkpoints" "$out/sft-hf"

echo "== answers"
answers base "$out/base-hf"
answers "lora, adapter" "$out/lora/checkpoints"
answers "lora, merged" "$out/lora-hf"
answers "dora, merged" "$out/dora-hf"
answers "sft, exported" "$out/sft-hf"
