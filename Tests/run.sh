#!/usr/bin/env bash
# Installs what the build needs where it is missing, builds everything, and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/setup.sh
swift build --build-tests
swift test
