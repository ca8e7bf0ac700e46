#!/usr/bin/env bash
# Runs the suites of engine, data, checkpoints and documents under sanitizers: by hand, some minutes a sanitizer and as
# many again for its build. The builds have folders of their own outside the tree, so the ordinary one stays as it is.
#
#   bash Tests/Fuzz/sanitizers.sh
#   SANITIZERS=thread SCRATCH=/tmp/sanitizers bash Tests/Fuzz/sanitizers.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
suites='TrainingTests|ConfigDocumentTests|DiagnosticsTests|FuzzTests'
# Swift traps on overflow and bounds by itself, and swiftc has no such sanitizer on Linux: it is for the kernels in C, which
# trap as well.
declare -A flags=(
  [thread]="--sanitize=thread"
  [undefined]="-Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined"
)
for sanitizer in ${SANITIZERS:-thread undefined}; do
  echo "== $sanitizer"
  # shellcheck disable=SC2086
  TSAN_OPTIONS="halt_on_error=1" nice -n 19 \
    swift test --scratch-path "${SCRATCH:-/tmp/moonlight-sanitizers}/$sanitizer" ${flags[$sanitizer]} --filter "$suites"
done
