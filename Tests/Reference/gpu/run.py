"""Runs prepared launches on the machine with GPUs: python3 run.py --root DIR --out DIR [--jobs N] FAMILY-FORMAT[-CASE]...

Needs Python, torch and the packages of the release on PYTHONPATH, nothing else of this project. Every launch is its own
`launch.sh`, unchanged, in processes of its own, so that one that fails costs only itself. Results are written after each.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LOSS = re.compile(r"iteration\s+(\d+)/.*?elapsed time per iteration \(ms\):\s*([\d.]+).*?lm loss:\s*([\d.E+-]+)")
GRADIENT = re.compile(r"iteration\s+(\d+)/.*?grad norm:\s*([\d.]+)")
ERROR = re.compile(r"\b\w*Error\b: .")
PROBE = Path(__file__).resolve().parent / "probe"


def steps(text):
    """Loss and milliseconds of each step, from Megatron-Bridge's own log lines."""
    found = {int(m[1]): {"loss": float(m[3]), "ms": float(m[2])} for m in LOSS.finditer(text)}
    for match in GRADIENT.finditer(text):
        found.setdefault(int(match[1]), {})["grad_norm"] = float(match[2])
    return [{"step": step, **found[step]} for step in sorted(found)]


def environment(format, probe):
    result = dict(os.environ, MOONLIGHT_PROBE=str(probe), PYTHONUNBUFFERED="1")
    result["PYTHONPATH"] = os.pathsep.join([str(PROBE), *filter(None, [result.get("PYTHONPATH")])])
    # Stays with the launch's own environment where that says otherwise.
    result.setdefault("CUDA_DEVICE_MAX_CONNECTIONS", "1")
    if format == "fp32":
        result["NVIDIA_TF32_OVERRIDE"] = "0"
    return result


def run(folder, out, words, limit):
    """One launch; its summary."""
    expected = json.loads((folder / "expected.json").read_text())
    logs, probe = out / "logs", out / "probe" / folder.name
    logs.mkdir(parents=True, exist_ok=True)
    probe.mkdir(parents=True, exist_ok=True)
    log, start = logs / f"{folder.name}.log", time.time()
    with open(log, "w") as file:
        process = subprocess.Popen(
            ["bash", str(folder / "launch" / "launch.sh"), *expected.get("steps", []), *words], cwd=folder,
            stdout=file, stderr=subprocess.STDOUT, env=environment(expected["format"], probe), start_new_session=True)
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            status = "timeout"
    text = log.read_text(errors="replace")
    result = {
        "run": folder.name, "status": status, "seconds": round(time.time() - start, 1), "steps": steps(text),
        "ranks": [json.loads(path.read_text()) for path in sorted(probe.glob("rank*.json"))],
    }
    last = f"loss {result['steps'][-1].get('loss')}" if result["steps"] else next(
        (line[:300] for line in text.splitlines() if ERROR.search(line)), text[-200:])
    print(f"{folder.name}: status {status}, {result['seconds']} s, {len(result['steps'])} steps, {last}", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/tmp/moonlight-gpu"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1, help="launches at once; 1 where times are measured")
    parser.add_argument("--limit", type=float, default=120, help="seconds for each")
    parser.add_argument("--until", type=float, default=1e9, help="seconds for all; what has not begun by then is left out")
    parser.add_argument("prefixes", nargs="+")
    options = parser.parse_args()
    start = time.time()
    folders = [
        path.parent for prefix in options.prefixes
        for path in sorted((options.root / "runs").glob(f"{prefix}*/expected.json"), key=lambda path: path.stat().st_mtime)
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    results_file = options.out / "results.jsonl"

    def one(folder):
        left = options.until - (time.time() - start)
        if left < 15:
            print(f"{folder.name}: no time left", flush=True)
            return
        result = run(folder, options.out, [], min(options.limit, left))
        with open(results_file, "a") as file:
            file.write(json.dumps(result) + "\n")

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, folders))


if __name__ == "__main__":
    main()
