#!/usr/bin/env bash
# Runs the suites of engine, data, checkpoints and documents under sanitizers: by hand, some minutes a sanitizer and as
# many again for its build. The builds have folders of their own outside the tree, so the ordinary one stays as it is.
#
#   bash Tests/Fuzz/sanitizers.sh
#   SANITIZERS=thread SCRATCH=/tmp/sanitizers bash Tests/Fuzz/sanitizers.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
suites='TrainingTests|ConfigDocumentTests|DiagnosticsTests|FuzzTests'
for sanitizer in ${SANITIZERS:-thread undefined}; do
  echo "== $sanitizer"
  TSAN_OPTIONS="halt_on_error=1" UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1" nice -n 19 \
    swift test --scratch-path "${SCRATCH:-/tmp/moonlight-sanitizers}/$sanitizer" --sanitize="$sanitizer" --filter "$suites"
done
