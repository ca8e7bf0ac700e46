#!/usr/bin/env bash
# The main job from nothing: builds the tools, writes launch configs, checks them, maps them, shows the run, and trains
# the tiny model for a minute on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/setup.sh
swift build -c release --product moonlight
swift build -c release --product moonlight-trainer
moonlight=.build/release/moonlight
trainer=.build/release/moonlight-trainer
out=${1:-quickstart}
mkdir -p "$out"

echo "== generate"
"$moonlight" generate pretrain --name moonlight_pretrain --data-paths /data/pile.jsonl --dir /results/moonlight_16b \
  --train-iters 500000 --global-batch-size 2048 --seq-length 4096 -o "$out/pretrain.yaml"
"$moonlight" generate finetune --peft lora --tokenizer-path moonshotai/Moonlight-16B-A3B \
  --pretrained-checkpoint /ckpt/iter_0500000 --train-iters 1000 --global-batch-size 128 --finetune-lr 1e-4 \
  -o "$out/lora.yaml"

echo "== validate"
"$moonlight" validate "$out/pretrain.yaml" "$out/lora.yaml"

echo "== stages"
"$moonlight" stages --layout 8+7+7+6 --num-layers 27 --pp 4

echo "== the run"
"$trainer" train "$out/pretrain.yaml" --dry-run

echo "== train the tiny model"
"$moonlight" generate pretrain --recipe moonlight_tiny_pretrain_config --name tiny --dir "$out/runs" \
  --train-iters 60 --eval-interval 30 --save-interval 30 -o "$out/tiny.yaml"
"$trainer" train "$out/tiny.yaml"
