#!/bin/bash
# hydra-core 1.3.4, whose override parser Megatron-Bridge 0.6.2's run scripts read their command lines with.
#
# Expected: a value without spaces needs no quotes of Hydra's own, or always does.
# Seen: of Megatron's pipeline layouts, `Et*14|t*13L` and `Ettt|tt|L` are read as they stand; one with a group,
# `Ettt|(tt|)*12,L`, is refused ("mismatched input '('"), so that an override that worked for PP 2 fails for VP 2. A split as Megatron-LM
# takes it, `990,8,2`, is a sweep over three runs, which compose() refuses as ambiguous. `None` is the word, `null` is no value. Quotes that
# reach Hydra ("key='...'") help; those that the shell takes off do not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check hydra-core==1.3.4
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException

(Path(sys.argv[1]) / "run.yaml").write_text("split: '9999,8,2'\nlayout: null\n")


def value(override):
    """What the field holds after the override, or the error's first line."""
    try:
        return compose("run", [override])[override.split("=")[0]]
    except HydraException as error:
        return error


with initialize_config_dir(sys.argv[1], version_base=None):
    for override in ("layout=Et*14|t*13L", "layout=Ettt|tt|L", "layout=Ettt|(tt|)*12,L", "split=990,8,2", "layout=None"):
        print(f"{override}: {str(value(override)).splitlines()[0]}")
    assert value("layout=Et*14|t*13L") == "Et*14|t*13L"
    assert value("layout=Ettt|tt|L") == "Ettt|tt|L"
    assert "mismatched input '('" in str(value("layout=Ettt|(tt|)*12,L"))
    assert value("layout='Ettt|(tt|)*12,L'") == "Ettt|(tt|)*12,L"
    assert "Ambiguous value" in str(value("split=990,8,2"))
    assert value("split='990,8,2'") == "990,8,2"
    assert value("layout=None") == "None" and value("layout=null") is None
PYTHON
