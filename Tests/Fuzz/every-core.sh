#!/usr/bin/env bash
# Runs every entry of the fuzzer on every core for so many seconds, and ends with a table of the entries and a line for
# every failure. A log per slice of the time stands in the folder of logs, with what the sanitizer says beside it.
#
#   bash every-core.sh SECONDS [FIRST_SEED] [JOBS] [FOLDER_OF_LOGS]
#
# Seeds go up by one a slice, some three hundred on 32 cores.
set -euo pipefail
seconds=${1:?how many seconds to run} seed=${2:-1} jobs=${3:-$(nproc)}
logs=${4:-fuzz-logs-$seed}
fuzz=${FUZZ:-$(dirname "$0")/.build/release/fuzz}
ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4:malloc_context_size=0:max_malloc_fill_size=0
ASAN_OPTIONS+=:detect_stack_use_after_return=0:abort_on_error=1
export ASAN_OPTIONS OPENBLAS_NUM_THREADS=1
# A packed fuzzer (pack.sh) has libraries and files of its own.
here=$(cd "$(dirname "$0")" && pwd)
if [[ -d $here/.build/release/libraries ]]; then
  export LD_LIBRARY_PATH=$here/.build/release/libraries FUZZ_ROOT=${FUZZ_ROOT:-$(cd "$here/../.." && pwd)}
fi
ulimit -c 0

# Of every 256 slices an entry's share, and the most executions of a slice: quick readers leave their time to others.
shares='whole-config 84 1000000
trainer-state 1 1000000
huggingface-config 1 1000000
safetensors 1 1000000
tracker 1 1000000
adapter-config 1 1000000
checksums 1 1000000
json-lines 1 1000000
indexed 1 1000000
metrics 1 1000000
overrides 2 500000
layout 2 500000
weights 2 500000
tiktoken 2 500000
edits 3 500000
json 4 500000
yaml 8 500000
tokenizer 4 500000
chat-template 6 500000
server-stream 12 500000
server-text 20 500000
script 24 500000
migrate 24 500000
bridge 16 500000
json-config 14 500000
config 18 500000'
# Slices that follow each other on a core, none below 4 s.
rounds=$((jobs < 32 ? 256 / jobs : 8))
if ((seconds < 4 * rounds)); then rounds=$((seconds / 4)); fi
((rounds > 0)) || { echo "error: an entry needs at least 4 s" >&2; exit 1; }
length=$((seconds / rounds))
deadline=$(($(date +%s) + seconds))
mkdir -p "$logs"
export fuzz logs length deadline

# One slice: what traps or hangs ends the process, and another goes on behind it.
slice() {
  local entry=$1 seed=$2 most=$3 from=0 began status last
  local log="$logs/$entry.$seed.log" said="$logs/$entry.$seed.said" end=$(($(date +%s) + length))
  if ((end > deadline)); then end=$deadline; fi
  while began=$(date +%s) && ((end - began >= 2 && from < most)); do
    echo "begun: from $from" >>"$log"
    status=0
    timeout -k 5 $((end - began + 20)) "$fuzz" "$entry" --seed "$seed" --from "$from" --count $((most - from)) \
      --seconds $((end - began)) --log "$log" 2>>"$said" || status=$?
    last=$(tail -n 1 "$log")
    echo "ended: $(($(date +%s) - began)) s, status $status" >>"$log"
    if [[ $last =~ number\ ([0-9]+):\ trapped ]]; then
      from=$((BASH_REMATCH[1] + 1))
    else
      [[ $last == done:* ]] || echo "$entry seed $seed number $from: or one after it ended with status $status" >>"$log"
      return 0
    fi
  done
}
export -f slice

{
  while read -r entry share most; do
    for ((i = 0; i < (share * jobs * rounds + 255) / 256; i++)); do echo "$entry $((seed++)) $most"; done
  done <<<"$shares"
  # What is left of the time.
  for ((i = 0; i < jobs * rounds; i++)); do echo "whole-config $((seed++)) 1000000"; done
} | xargs -P "$jobs" -L 1 bash -c 'slice "$@"' slice

echo "entry executions failures seconds MiB"
for entry in $(cut -d ' ' -f 1 <<<"$shares") ''; do
  cat /dev/null $(find "$logs" -name "${entry:-*}.*.log") | awk -v entry="${entry:-all}" '
    /^begun: / { from = $3; next }
    /^ended: / { seconds += $2; next }
    match($0, / [0-9]+ MiB/) { size = substr($0, RSTART + 1) + 0; if (size > memory) memory = size }
    / number [0-9]+: / { failures++ }
    / number [0-9]+: trapped/ { match($0, / number [0-9]+/); executions += substr($0, RSTART + 8) - from + 1 }
    /^done: / { match($0, /[0-9]+ executions/); executions += substr($0, RSTART) + 0 }
    END { print entry, executions + 0, failures + 0, seconds + 0, memory + 0 }'
done
grep -h -E ' number [0-9]+: ' "$logs"/*.log || echo 'no failure'
grep -h -A 1 'ERROR: AddressSanitizer\|Fatal error' "$logs"/*.said || true
