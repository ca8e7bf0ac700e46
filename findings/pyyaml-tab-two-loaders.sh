#!/bin/bash
# PyYAML 6.0.3, wheel with libyaml.
#
# Expected: SafeLoader and CSafeLoader are one reader at two speeds.
# Seen: a tab between a colon and its value, before a comment, or after a comma in a list is white space to CSafeLoader
# (as YAML 1.2 has it), and a ScannerError to SafeLoader ("found character '\t' that cannot start any token").
# So a config passes every tool built on libyaml, and is refused where OmegaConf or yaml.safe_load reads it, which is what
# training programs do. An editor that aligns comments with tabs is enough.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PyYAML==6.0.3
"$folder/venv/bin/python" - <<'PYTHON'
import yaml

CASES = {
    "lr:\t0.1\n": {"lr": 0.1},
    "lr: 0.1\t# peak\n": {"lr": 0.1},
    "betas: [0.9,\t0.95]\n": {"betas": [0.9, 0.95]},
}
for text, meant in CASES.items():
    assert yaml.load(text, yaml.CSafeLoader) == meant
    try:
        yaml.load(text, yaml.SafeLoader)
    except yaml.scanner.ScannerError as error:
        print(f"{text!r}: libyaml reads {meant}, SafeLoader: {error.problem}")
    else:
        raise SystemExit(f"{text!r} is read by both now")
PYTHON
