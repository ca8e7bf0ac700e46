"""Passes argument lists through Megatron-LM's real parser and checks.

    python megatron_lm_check.py --world-size 16 [--megatron-lm CHECKOUT] [--values] FILE...

A file holds one word a line. One JSON line a file: {"file", "ok", "error", "data_parallel_size"}; with --values also
"arguments", those whose value is not the parser's default. Nothing of Megatron-Bridge runs. The exit status is 1 when a
list was refused. The core of 0.3.1 needs a checkout of its tag (megatron_lm.py).
"""

import argparse
import json
import sys
from pathlib import Path

from megatron_lm import MegatronLM, Refused


def plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def check(lm, path, world_size, values):
    try:
        args = lm.args(Path(path).read_text().splitlines(), world_size)
    except Refused as refused:
        return {"file": path, "ok": False, "error": " ".join(str(refused).split())[:300]}
    result = {"file": path, "ok": True, "data_parallel_size": args.data_parallel_size}
    if values:
        defaults = vars(lm.parse([]))
        result["arguments"] = {name: plain(value) for name, value in sorted(vars(args).items())
                               if name not in defaults or plain(defaults[name]) != plain(value)}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--world-size", type=int, required=True)
    parser.add_argument("--megatron-lm", type=Path, help="a checkout of Megatron-LM, where the core wheel lacks megatron.training")
    parser.add_argument("--values", action="store_true")
    options = parser.parse_args()
    lm = MegatronLM(options.megatron_lm and options.megatron_lm.resolve())
    ok = True
    for path in options.files:
        result = check(lm, path, options.world_size, options.values)
        ok = ok and result["ok"]
        print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
