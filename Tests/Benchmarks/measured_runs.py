"""Holds the estimates of memory and time against runs that were measured or published.

    swift build -c release --product moonlight
    python3 Tests/Benchmarks/measured_runs.py .build/release/moonlight

The rows are Tests/Fixtures/estimation/measured/runs.json, each a config with settings on top. Prints what was seen, what
is estimated, and the error of each; GiB as torch.cuda.memory_allocated has them, seconds a step.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "Tests", "Fixtures", "estimation", "measured")
GIB = 1 << 30


def estimate(tool, row):
    """What `moonlight estimate` prints for a row."""
    command = [tool, "estimate", os.path.join(FOLDER, row["config"]), "--format", "json", "--reserved-gib", "0"]
    for path, value in row.get("set", {}).items():
        command += ["--set", f"{path}={json.dumps(value)}"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(" ".join(command) + "\n" + result.stderr)
    return json.loads(result.stdout)


def shown(seen, estimated):
    """Two numbers and the error, in percent."""
    return f"{seen:8.2f} {estimated:8.2f} {100 * (estimated / seen - 1):+6.1f}%"


tool = os.path.abspath(sys.argv[1])
print(f"{'':58} {'peak GiB':^25} {'peak - state':^25} {'seconds':^25}")
for row in json.load(open(os.path.join(FOLDER, "runs.json"))):
    result = estimate(tool, row)
    name = row["config"].removesuffix(".yaml") + " " + " ".join(
        str(value) for value in row.get("set", {}).values())
    line = f"{name[:58]:58} "
    if "peak_gib" in row:
        rank = max(result["memory"]["ranks"], key=lambda rank: rank["total_bytes"])
        peak = rank["total_bytes"] / GIB
        line += shown(row["peak_gib"], peak) + " "
        if "state_gib" in row:
            line += shown(row["peak_gib"] - row["state_gib"], peak - rank["between_steps_bytes"] / GIB) + " "
        else:
            line += " " * 26
    else:
        line += " " * 52
    seconds = row["seconds"]
    seconds = sum(seconds) / len(seconds) if isinstance(seconds, list) else seconds
    print(line + shown(seconds, result["step"]["seconds"]) + (f"  outside: {row['outside']}" if "outside" in row else ""))
