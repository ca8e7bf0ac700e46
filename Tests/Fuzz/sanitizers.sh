#!/usr/bin/env bash
# Runs the suites of engine, data, checkpoints and documents under sanitizers. Each build has a folder of its own, so the
# ordinary one stays as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
suites='TrainingTests|ConfigDocumentTests|DiagnosticsTests|FuzzTests'
for sanitizer in ${SANITIZERS:-thread undefined}; do
  echo "== $sanitizer"
  TSAN_OPTIONS="halt_on_error=1" UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1" \
    swift test --scratch-path ".build/sanitizer-$sanitizer" --sanitize="$sanitizer" --filter "$suites"
done
