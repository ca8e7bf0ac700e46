#!/usr/bin/env bash
# Installs a .deb of make.sh in a bare Debian without Swift, and uses it there. By hand: it takes root, debootstrap and a
# mirror.
#
#   bash Examples/packaging/try.sh .build/packages/moonlight_*.deb [FOLDER] [SUITE]
set -euo pipefail
deb=$(readlink -f "$1")
folder=${2:-$(mktemp -d)}
suite=${3:-$(. /etc/os-release && echo "$VERSION_CODENAME")}

[ -x "$folder/usr/bin/apt-get" ] || debootstrap --variant=minbase "$suite" "$folder"
cp "$deb" "$folder/tmp/moonlight.deb"
# Swift programs learn their arguments from /proc.
mount -t proc proc "$folder/proc"
trap 'umount "$folder/proc"' EXIT
# What could read standard input inside must not: the commands stand there.
chroot "$folder" bash -euo pipefail -s << 'INSIDE'
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq < /dev/null
apt-get install -y -qq /tmp/moonlight.deb bash-completion man-db < /dev/null > /dev/null
if command -v swift; then echo "this system has Swift" >&2; exit 1; fi
cd "$(mktemp -d)"  # a folder that is there from before may be given
moonlight --version
moonlight generate pretrain --recipe moonlight_tiny_pretrain_config --name tiny --mock -o tiny.yaml
moonlight validate tiny.yaml
moonlight-trainer train tiny.yaml --set train.train_iters=3 --quiet
test -s nemo_experiments/tiny/metrics.jsonl
man -w moonlight-validate moonlight-trainer-train
source /usr/share/bash-completion/bash_completion
source /usr/share/bash-completion/completions/moonlight
set +eu
COMP_WORDS=(moonlight val) COMP_CWORD=1 COMP_LINE="moonlight val" COMP_POINT=13 COMP_TYPE=9
_moonlight moonlight val moonlight
set -eu
printf 'completed: %s\n' "${COMPREPLY[@]}"
apt-get remove -y -qq moonlight < /dev/null > /dev/null
hash -r
if command -v moonlight; then echo "moonlight is still there" >&2; exit 1; fi
echo "installed, used and removed"
INSIDE
