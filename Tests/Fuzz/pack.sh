#!/usr/bin/env bash
# Packs the built fuzzer for a machine without Swift: an archive with the program, the libraries that it loads beside the
# C library's, the files that inputs begin from, and every-core.sh.
#
#   swift build -c release --static-swift-stdlib
#   bash pack.sh ARCHIVE.tar.xz
#
# Unpacked there: bash fuzz/Tests/Fuzz/every-core.sh SECONDS.
set -euo pipefail
archive=$(realpath -m "${1:?the archive to write, which ends with .tar.xz}")
cd "$(dirname "$0")"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
program=$staging/fuzz/Tests/Fuzz/.build/release
mkdir -p "$program/libraries"
strip -o "$program/fuzz" .build/release/fuzz
ldd .build/release/fuzz | awk '$2 == "=>" && $3 ~ /^\// && $1 !~ /^(libc|libm|libresolv)\.so/ { print $3 }' \
  | xargs -I '{}' cp -L '{}' "$program/libraries"
cp every-core.sh "$staging/fuzz/Tests/Fuzz"
mkdir -p "$staging/fuzz/Tests/Fixtures"
cp -r ../../Examples "$staging/fuzz"
for folder in bridge safetensors adapters indexed_dataset tokenizer; do
  cp -r "../Fixtures/$folder" "$staging/fuzz/Tests/Fixtures"
done
rm -rf "$staging/fuzz/Examples/CustomRecipe/.build"
tar -C "$staging" -c fuzz | xz -T2 -6 >"$archive"
ls -l "$archive"
