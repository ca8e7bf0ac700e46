"""What Megatron-LM's real parser makes of argument lists that nobody wrote: right ones, and such with a slip in them.

    python argument_namespaces.py [--count 150] [--seed 1] [--out FILE] [--check] [--megatron-lm CHECKOUT]

Writes `Fixtures/arguments/RELEASE.jsonl`, one list a line: its words, and either `"refused": true` or, under `set`, every
attribute whose value is not the default. `ArgumentNamespaceTests` compares the reader of `moonlight import` with it; other
lists than the recorded ones are compared by `MOONLIGHT_ARGUMENT_LISTS=FILE swift test --filter ArgumentNamespaceTests`,
where the release is the beginning of the file's name.
"""

import argparse
import contextlib
import io
import json
import random
import sys
from pathlib import Path

from imported_arguments import NOT_DRAWN, value_of
from megatron_lm import MegatronLM
from megatron_lm_check import plain
from releases import installed

ROOT = Path(__file__).resolve().parents[2]


def slipped(words, names, rng):
    """The list with one thing wrong in it, most of the times."""
    words = list(words)
    places = [index for index, word in enumerate(words) if word in names]
    if not places:
        return words
    place = rng.choice(places)
    kind = rng.randrange(8)
    if kind == 0:  # a letter lost, or two changed
        name = words[place]
        cut = rng.randrange(3, len(name))
        words[place] = name[:cut] + name[cut + 1:]
    elif kind == 1:
        words[place] = words[place].replace("-", "_").replace("__", "--")
    elif kind == 2:  # an abbreviation
        words[place] = words[place][:-2]
    elif kind == 3:  # without its value, or a switch with one
        if place + 1 < len(words) and words[place + 1] not in names:
            del words[place + 1]
        else:
            words.insert(place + 1, rng.choice(["true", "1"]))
    elif kind == 4:
        if place + 1 < len(words) and words[place + 1] not in names:
            words[place + 1] = rng.choice(["many", "1.5", "1e3", "", "0x10", "-1", "-1e-5", "+3", "1_000", " 3", "0"])
    elif kind == 5:  # a word too many
        words.insert(place, "word")
    elif kind == 6:  # both in one word
        if place + 1 < len(words) and words[place + 1] not in names:
            words[place:place + 2] = [f"{words[place]}={words[place + 1]}"]
        else:
            words[place] += "="
    else:  # the same again
        end = place + 1
        while end < len(words) and words[end] not in names:
            end += 1
        words += words[place:end]
    return words


def draw(options, rng):
    words = []
    names = sorted(set(options) - NOT_DRAWN)
    for name in rng.sample(names, rng.randint(3, 12)):
        entry = options[options[name]["same_as"]] if "same_as" in options[name] else options[name]
        if entry["takes"] == "":
            words.append(name)
        elif (value := value_of(entry, rng)) is not None:
            words += [name, *value]
    return slipped(words, set(options), rng) if rng.random() < 0.4 else words


def outcome(lm, words, defaults):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            args = vars(lm.parse(words))
        except SystemExit:
            return {"words": words, "refused": True}
        except Exception as error:  # noqa: BLE001  A type that raises what argparse does not expect.
            return {"words": words, "refused": True, "error": type(error).__name__}
    found = {name: plain(value) for name, value in sorted(args.items()) if plain(value) != defaults.get(name)}
    return {"words": words, "set": {name: value.split(".")[-1] if is_word(value) else value for name, value in found.items()}}


def is_word(value):
    """`AttnBackend.flash`."""
    return isinstance(value, str) and value.split(".")[0] in ("AttnBackend", "CudaGraphScope", "CudaGraphModule", "LayerType")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--megatron-lm", type=Path)
    arguments = parser.parse_args()
    release = installed().megatron_bridge
    options = json.loads((ROOT / f"Tests/Reference/megatron-lm-options-{release}.json").read_text())
    lm = MegatronLM(arguments.megatron_lm and arguments.megatron_lm.resolve())
    with contextlib.redirect_stdout(io.StringIO()):
        defaults = {name: plain(value) for name, value in vars(lm.parse([])).items()}
    rng = random.Random(arguments.seed)
    lines = [json.dumps(outcome(lm, draw(options, rng), defaults)) for _ in range(arguments.count)]
    out = arguments.out or ROOT / f"Tests/Fixtures/arguments/{release}.jsonl"
    text = "".join(line + "\n" for line in lines)
    if arguments.check:
        return 0 if out.read_text() == text else 1
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    print(f"{release}: {arguments.count} lists, {sum('refused' in line for line in lines)} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
