#!/usr/bin/env bash
# What each suite costs: runs the tests one after the other and lists the suites, slowest first.
#
#   Tests/durations.sh                    every target
#   Tests/durations.sh ValidationTests    one target
#   TESTS=1 Tests/durations.sh CLITests   with each test of it
#
# `swift test` runs tests side by side, so that the durations it prints overlap. Here each is what the test took. What
# several suites share, such as a fixture that is read once, counts for the first of them.
set -euo pipefail
cd "$(dirname "$0")/.."
kinds=Suite
[[ -z ${TESTS:-} ]] || kinds='Suite|Test'
swift build --build-tests
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${@:-}"; do
  for folder in Tests/${target:-*Tests}; do
    name=${folder#Tests/}
    swift test --skip-build --no-parallel --filter "^$name\\." 2>&1 | sed "s|^|$name |" >>"$log" || {
      echo "tests of $name fail" >&2
    }
  done
done
sed -nE "s/^([A-Za-z]+) .*($kinds) (.*) (passed|failed) after ([0-9.]+) seconds.*$/\5 \1 \3/p" "$log" | sort -rn |
  awk '{ printf "%8.1f s  %s.", $1, $2; $1 = $2 = ""; print substr($0, 3); }'
