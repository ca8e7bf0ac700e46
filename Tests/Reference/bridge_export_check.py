"""Loads Megatron-Bridge YAML files as Megatron-Bridge does, and says of each whether it would start.

    python bridge_export_check.py --world-size 16 [--mode pretrain|sft|peft] [--start-up] [--values] [--real-files] FILE...

Each file goes through the installed release's `ConfigContainer.from_yaml` in strict mode, then `runtime_config_update`
(which ends in `validate()`); with --start-up also through the other phases of phases.py (groups, tokenizer, model,
optimizer, loaders, first step). One JSON line a file: {"file", "ok", "phase", "error", "rule", "data_parallel_size"};
phase "load" is `from_yaml`. With --values the line has {"loaded", "resolved"} as well: every field as the file gave it, and those that
`runtime_config_update` changed. A pretrained checkpoint is taken to be there unless --real-files. The exit status is 1
when a file failed.
"""

import argparse
import json
import sys

import phases  # First: it installs the stand-ins.
import container_values
import rules
from fake_distributed import World
from megatron.bridge.training import finetune
from megatron.bridge.training.config import ConfigContainer, runtime_config_update
from megatron.bridge.utils.instantiate_utils import InstantiationMode


class FileStart(phases.Start):
    """The start-up of a container that was read from a file."""

    def __init__(self, path, world_size, mode, whole):
        super().__init__({})
        self.path, self.world_size, self.mode, self.whole = path, world_size, mode, whole
        self.phase = "load"
        self.loaded = None

    def run_phases(self):
        World.enter(self.world_size)
        self.cfg = ConfigContainer.from_yaml(self.path, mode=InstantiationMode.STRICT)
        self.loaded = container_values.of_container(self.cfg)
        if self.whole:
            super().run_phases()
        else:
            self.phase = "V"
            self.validate()

    def validate(self):
        if self.mode != "pretrain":
            finetune.finetune(self.cfg, None)
        runtime_config_update(self.cfg)
        self.derived["data_parallel_size"] = self.cfg.data_parallel_size


def check(path, world_size, mode, whole, values=False):
    start = FileStart(path, world_size, mode, whole)
    try:
        start.run()
        result = {"file": path, "ok": True, "data_parallel_size": start.derived["data_parallel_size"]}
    except Exception as error:  # noqa: BLE001  Whatever is raised is the answer.
        line, rule = rules.describe(error, start.phase)
        result = {"file": path, "ok": False, "phase": start.phase, "error": line[:300], "rule": rule}
    if values and start.loaded is not None:
        now = container_values.of_container(start.cfg)
        result |= {"loaded": start.loaded, "resolved": container_values.difference(now, start.loaded)}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--world-size", type=int, required=True)
    parser.add_argument("--mode", choices=["pretrain", "sft", "peft"], default="pretrain")
    parser.add_argument("--start-up", action="store_true", help="run the phases after validate() as well")
    parser.add_argument("--values", action="store_true", help="tell every loaded field, and those that validation changed")
    parser.add_argument("--real-files", action="store_true", help="look for the pretrained checkpoint that a file names")
    options = parser.parse_args()
    if options.real_files:
        phases.look_for_files()
    ok = True
    for path in options.files:
        result = check(path, options.world_size, options.mode, options.start_up, options.values)
        ok = ok and result["ok"]
        print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
