#!/usr/bin/env bash
# Installs what the build needs where it is missing, checks the format and everything generated, builds everything, and
# runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/setup.sh

formatted=(--recursive --parallel Sources Recipes Tests Examples Package.swift)
if ! swift format lint --strict "${formatted[@]}"; then
  echo "the format is another; mend it with: swift format --in-place ${formatted[*]}" >&2
  exit 1
fi
if ! swift run moonlight-dev generate --check; then
  echo "generated files are stale; mend them with: swift run moonlight-dev generate" >&2
  exit 1
fi
swift build --build-tests
swift test --skip-build
