"""Writes megatron-lm-options-RELEASE.json: the options of the installed release's command line.

    python megatron_lm_options.py [--megatron-lm CHECKOUT] [--check]

Option -> its argparse destination, what it takes ("" for a switch, otherwise the type's name, with "*", "+" or a number
of words after it), its default, and its choices. An option that is only another spelling names the first one.
"""

import argparse
import json
import sys
from pathlib import Path

from megatron_lm import MegatronLM
from megatron_lm_check import plain
from releases import installed


def takes(action):
    if action.nargs == 0:
        return ""
    kind = getattr(action.type, "__name__", "str")
    return kind if action.nargs is None else f"{kind} {action.nargs}"


def options(lm):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    lm.arguments.add_megatron_arguments(parser)
    result = {}
    for action in parser._actions:
        if action.dest == "help":
            continue
        first, *others = action.option_strings
        entry = {"dest": action.dest, "takes": takes(action), "default": plain(action.default)}
        if action.nargs == 0 and hasattr(action, "const") and action.const is not None:
            entry["sets"] = plain(action.const)
        if action.choices is not None:
            entry["choices"] = [plain(choice) for choice in action.choices]
        result[first] = entry
        result |= {other: {"same_as": first} for other in others}
    return dict(sorted(result.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megatron-lm", type=Path, help="a checkout of Megatron-LM, where the core wheel lacks megatron.training")
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    arguments = parser.parse_args()
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}"
             for name, entry in options(MegatronLM(arguments.megatron_lm and arguments.megatron_lm.resolve())).items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    target = Path(__file__).resolve().parent / f"megatron-lm-options-{installed().megatron_bridge}.json"
    if arguments.check:
        same = target.read_text() == text
        print("unchanged" if same else f"{target.name} differs")
        return 0 if same else 1
    target.write_text(text)
    print(len(lines), "options")
    return 0


if __name__ == "__main__":
    sys.exit(main())
