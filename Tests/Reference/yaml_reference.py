"""How other readers take scalars and documents, recorded for Tests/ConfigDocumentTests.

    python3 -m venv .venv && .venv/bin/pip install PyYAML==6.0.3 ruamel.yaml==0.19.1
    .venv/bin/python Tests/Reference/yaml_reference.py           # writes Tests/Fixtures/ConfigDocument/readings.json
    .venv/bin/python Tests/Reference/yaml_reference.py --check   # compares, and reads what the Swift emitters wrote

Readers: PyYAML's SafeLoader (YAML 1.1), ruamel.yaml's safe loader (YAML 1.2 with additions of its own), the core schema
of YAML 1.2.2 (its regular expressions, section 10.3.2) and Python's json.

Values are written as [kind, content]: ["int", "7"], ["float", "1e-05"], ["str", "x"], ["bool", true], ["null"],
["date"], ["error"], ["list", [...]], ["map", [[key, value], ...]].
"""

import argparse
import datetime
import io
import json
import math
import pathlib
import random
import re
import sys

import ruamel.yaml
import yaml

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures" / "ConfigDocument"

SCALARS = """
~ null Null NULL nUll none None nil
true True TRUE tRUE false False FALSE yes Yes YES yEs no No NO on On ON oN off Off OFF y Y n N t f
0 1 -1 +1 00 01 07 08 09 010 017 018 -017 +017 0o17 0O17 -0o17 0o8 0o 0x1F 0X1F -0x1F +0x1f 0x 0xg 0x_1 0x_ 0b11 -0b11
0b 0b2 0b_ 0b1_0 1_000 1__0 1_ _1 0_ 0_7 -1_0 12e 1e 1e5 1E5 1e-5 1e+5 -1e5 1.e5 1.e+5 1.0e5 1.0e-5 1.0e+5 1.0E-05
1.0e-05 3.0e-04 3e-4 0.0003 .5 -.5 +.5 5. -5. . .. ... ._ ._1 .1_0 1._ 1._1 1.2.3 1.0.0 .e5 .5e5 .5e+5 .5e-5 1_0.5 1.5_0
1_0e5 1e1_0 -_1 -_ +_ + - +- 1- 1+ 1+1 8+7+7+6 .inf .Inf .INF .iNF +.inf -.inf -.Inf -.INF inf Inf +inf -inf infinity
.nan .NaN .NAN .Nan nan NaN +.nan -.nan 1:30 01:30 1:60 1:6 1:0 1:30:00 -1:30 +1:30 1:30.5 1:30. 1:30:00.5_0 01:30.5 0:0
0:0.0 1:75 1: 190:20:30 190:20:30.15 -190:20:30 1_0:30 1:30:60 1:3_0
2024-01-01 2024-1-1 2024-01-01T00:00:00 2024-01-01T00:00:00Z 2024-1-1T0:00:00 2001-12-14t21:59:43.10-05:00
2001-12-15T02:59:43.1Z 2001-12-14T21:59:43+5 2024-13-45 2024-01 2024-01-01T 2024-01-0 12024-01-01 2024-01-01T00:00:00.
= == << <<< <= =x <x ! a A abc x1 e5 E5 0e0 0e 0.0 -0 -0.0 +0 00.5 007.5 1e400 -1e400 1e-400 1.0e400 1.0e+400 1.0e-400
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551616
123456789012345678901234567890 0xFFFFFFFFFFFFFFFF 0x7FFFFFFFFFFFFFFF 0x8000000000000000 0777777777777777777777
01777777777777777777777 0b1111111111111111111111111111111111111111111111111111111111111111 5124095576030431:00
9007199254740993 9007199254740993.0 0.1 0.30000000000000004 1.7976931348623157e+308 1.7976931348623159e+308 4.9e-324
2.4e-324 123456789.123456789 4096 163840 16b 1f1b 27L moonshotai/Moonlight-16B-A3B /data/pile.jsonl ./data ../data
Et*14|t*13L bf16 fp32 cosine WSD inverse-square-root é 中文 😀 ١ ²
""".split() + [
    "2024-01-01 00:00:00", "2001-12-14 21:59:43.10 -5", "2001-12-14  21:59:43 Z", "2024-01-01 0:00:00", "2024-01-01 x",
    "1 000", "- 1", "1 e5", "true false", "a  b", "null null", "0 x 1",
]

DOCUMENTS = [
    "a: 1\nb:\n  c: [x, 'y', \"z\"]\n  d:\n",
    "# only\n\n--- # c\na: 1\n...\n# end\n",
    "%YAML 1.1\n---\na: yes\n",
    "- a\n- - b\n  - c\n-\n- {d: e, f: [g]}\n- [h: i, j]\n",
    "a:\n- 1\n- 2\nb: 3\n",
    "a: |\n  x\n   y\n\n  z\n\n\nb: |-\n  x\nc: |+\n  x\n\nd: >\n  x\n  y\n\n  z\n   w\n  v\ne: >-\n  x\nf: |2\n    x\ng: >+1\n  x\n\n",
    "a: 'it''s'\nb: \"\\x41\\u00e9\\U0001F600\\n\\t\\\\\\\"\\e\\0\\_\\N\\L\\P\\ \\/\"\nc: 'x\n\n  y'\nd: \"x \\\n  y\"\n",
    "a: x\n  y\n\n  z # c\nb: 1\n",
    "a: &x 1\nb: *x\nc: &y [*x, {d: *x}]\ne: *y\n",
    "base: &b {x: 1, y: [2]}\nc:\n  <<: *b\n  y: 3\nd: {<<: [*b, {x: 4, z: 5}], w: 6}\n",
    "a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nc:\n  <<: *b\n  x: 3\n",
    "a: !!str 1\nb: !!int '2'\nc: !!float 3\nd: !!bool 'yes'\ne: !!null ''\nf: !!map {g: h}\ni: !!seq [j]\n",
    "a: !!float 1e-5\nb: !!float 1_000\nc: !!int 0x1F\nd: !!str on\ne: !!float .inf\n",
    "? a\n: 1\n? |\n  b\n: 2\n? c\n",
    "\"a b\": 1\n'c d' : 2\ne f: 3\n\"<<\": 4\n",
    "{a: 1, b, 'c': 2, \"d\":3, e: }\n",
    "[a, 'b', \"c\", [], {}, [[1]]]\n",
    "[\n  1, # c\n  2,\n]\n",
    "\ufeffa: 1\n",
    "a: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n",
    "a: 1\rb: 2\r",
    "é: ü\n中: [😀]\n",
    "a: \"x\u0085y\u2028z\"\n",
    "a: b#c\nd: e #f\ng: h:i\nj: -k\nl: ?m\nn: 'o' # p\n",
    "url: http://host:80/x?y=z#w\npath: C:\\x\nlayout: Et*14|t*13L\nat: a@b\n",
    "a: - \n", "a: b: c\n", "a: [1\n", "a: 'x\n", "a: 1\n  b: 2\n", "a:\n  b: 1\n c: 2\n", "a: @x\n", "a: %x\n", "a: `x\n",
    "a: *x\n", "a: !!int x\n", "a: !foo x\n", "<<: 1\n", "[a]: 1\n", "{[a]: 1}\n", "a: 1\n---\nb: 2\n", "a: 1\n- b\n",
    "- a\nb: 1\n", "a: \"\\q\"\n", "a: ]\n", "a: [1,,2]\n", "a:\n\tb: 1\n", "a: \0\n", "a: \x1b\n", "--- a: 1\n", "a: {b: 1]\n",
    "just text\n", "'quoted'\n", "12\n", "|\n block\n", "[]\n", "{}\n", "~\n",
    "a: 1 # é\nb: 2\n", "? [x, y]\n", "a: &x\n  b: 1\nc: *x\n", "a: &x !!map\n  b: 1\n", "!!map {a: 1}\n", "--- |\n  x\n...\n",
    "a:  1   \nb:\t2\n".replace("\t", " "), "a: 1\n\n\n\nb: 2", "- 1\n\n- 2\n# c\n- 3", "a: ''\nb: \"\"\nc: |\n\nd: 1\n",
]


def encoded(value):
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", "nan" if math.isnan(value) else repr(value)]
    if isinstance(value, str):
        return ["str", str(value)]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ["date"]
    if isinstance(value, dict):
        return ["map", [[key_text(k), encoded(v)] for k, v in value.items()]]
    if isinstance(value, (list, tuple)):
        return ["list", [encoded(v) for v in value]]
    return ["date"] if "TimeStamp" in type(value).__name__ else ["error"]


def key_text(key):
    if isinstance(key, str):
        return str(key)
    raise ValueError("a key that is no string")


def attempt(reader, text):
    try:
        return encoded(reader(text))
    except Exception:  # noqa: BLE001: whatever a reader throws is a refusal
        return ["error"]


def pyyaml(text):
    return yaml.load(text, Loader=yaml.SafeLoader)


def ruamel_12(text):
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


def core_schema(text):
    """A plain scalar by YAML 1.2.2, section 10.3.2."""
    if re.fullmatch(r"null|Null|NULL|~|", text):
        return None
    if re.fullmatch(r"true|True|TRUE", text):
        return True
    if re.fullmatch(r"false|False|FALSE", text):
        return False
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0o[0-7]+", text):
        return int(text[2:], 8)
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text[2:], 16)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?(\.inf|\.Inf|\.INF)", text):
        return -math.inf if text[0] == "-" else math.inf
    if re.fullmatch(r"\.nan|\.NaN|\.NAN", text):
        return math.nan
    return text


def strict_json(text):
    def refuse(name):
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def is_plain(text):
    """Whether YAML takes the text, written bare, for one plain scalar with just that text."""
    try:
        node = yaml.compose("k: " + text + "\n").value[0][1]
    except Exception:  # noqa: BLE001
        return False
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value == text


def random_scalars(generator):
    alphabets = ["0123456789", "0123456789_.eE+-", "01_bxoXaF", "0123456789:._-", "yYnNoOfFeEsStTrRuUaAlL", ".infNaINF+-", "0179-T: Z."]
    for _ in range(500):
        alphabet = generator.choice(alphabets)
        yield "".join(generator.choice(alphabet) for _ in range(generator.randint(1, 8)))


# Without those that ruamel.yaml reads by additions of its own to YAML 1.2.
AGREED_SCALARS = [s for s in SCALARS if is_plain(s) and attempt(ruamel_12, s) == attempt(core_schema, s)]


def random_value(generator, depth):
    kind = generator.random()
    if depth and kind < 0.35:
        return {random_text(generator) or "k": random_value(generator, depth - 1) for _ in range(generator.randint(0, 5))}
    if depth and kind < 0.55:
        return [random_value(generator, depth - 1) for _ in range(generator.randint(0, 5))]
    return generator.choice([
        lambda: None, lambda: generator.random() < 0.5, lambda: generator.randint(-10**6, 10**6),
        lambda: generator.uniform(-1, 1), lambda: generator.choice([1e-5, 1e20, 0.1, 3e-4, math.inf]),
        lambda: random_text(generator), lambda: generator.choice(AGREED_SCALARS),
    ])()


def random_text(generator):
    alphabet = "abcxyz  \n:#-,[]{}'\"é中😀\u0085\t&*!|>%@`?=~0123456789"
    return "".join(generator.choice(alphabet) for _ in range(generator.randint(0, 12)))


def random_documents(generator):
    for _ in range(100):
        value = {"k%d" % i: random_value(generator, 3) for i in range(generator.randint(1, 4))}
        yield yaml.safe_dump(
            value, default_flow_style=generator.choice([None, True, False]), width=generator.choice([20, 80, 10**6]),
            default_style=generator.choice([None, None, None, '"', "'", "|", ">"]), indent=generator.choice([2, 4]),
            allow_unicode=generator.choice([True, False]), explicit_start=generator.choice([True, False]),
            line_break=generator.choice([None, "\r\n"]))


def readings():
    generator = random.Random(20240917)
    scalars = [s for s in dict.fromkeys(SCALARS + list(random_scalars(generator))) if is_plain(s)]
    documents = DOCUMENTS + list(random_documents(generator))
    return {
        "made_by": "Tests/Reference/yaml_reference.py",
        "versions": {"PyYAML": yaml.__version__, "ruamel.yaml": ruamel.yaml.__version__},
        "scalars": [
            [s, attempt(lambda t: pyyaml("k: " + t + "\n")["k"], s), attempt(core_schema, s),
             attempt(lambda t: ruamel_12("k: " + t + "\n")["k"], s), attempt(strict_json, s)]
            for s in scalars
        ],
        "documents": [[d, attempt(pyyaml, d), attempt(ruamel_12, d)] for d in documents],
    }


def as_text(data):
    """One scalar or document a line, so that differences can be read."""
    parts = []
    for key, value in data.items():
        if isinstance(value, list):
            rows = ",\n".join("    " + json.dumps(row, ensure_ascii=True) for row in value)
            parts.append(f'  "{key}": [\n{rows}\n  ]')
        else:
            parts.append(f'  "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def check_emitted():
    """Every reader takes what the Swift emitters wrote for the value that they were given."""
    samples = json.loads((FIXTURES / "emitted.json").read_text(encoding="utf-8"))["samples"]
    failures = 0
    for number, (value, yaml_text, json_text) in enumerate(samples):
        tries = [("PyYAML", pyyaml, yaml_text), ("ruamel.yaml", ruamel_12, yaml_text)]
        if json_text is not None:
            tries += [("json", json.loads, json_text), ("PyYAML on JSON", pyyaml, json_text), ("ruamel.yaml on JSON", ruamel_12, json_text)]
        for name, reader, text in tries:
            result = attempt(reader, text)
            if result != value:
                failures += 1
                print(f"sample {number}: {name} reads\n  {result}\ninstead of\n  {value}\nfrom\n{text}")
    print(f"{len(samples)} emitted samples, {failures} misread")
    return failures == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed files; write nothing")
    arguments = parser.parse_args()
    path = FIXTURES / "readings.json"
    text = as_text(readings())
    if not arguments.check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return 0
    is_current = path.read_text(encoding="utf-8") == text
    print(f"{path.name} is {'current' if is_current else 'stale: run this script without --check'}")
    return 0 if check_emitted() and is_current else 1


if __name__ == "__main__":
    sys.exit(main())
