"""Times `moonlight plan` on one core: two seconds is the limit for 1,024 GPUs.

    swift build -c release --product moonlight
    python3 Tests/Benchmarks/plan.py .build/release/moonlight

Prints processor seconds, the fastest of three runs, with what was searched, and each as a multiple of validating one
config in the same run, which does not depend on the machine. Other programs on the core lengthen a run but not these.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def processor_seconds(arguments, runs):
    """The least of several runs, and the last one's output."""
    least = float("inf")
    for _ in range(runs):
        before = os.times()
        output = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least = min(least, used)
    return least, output


if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
tool = os.path.abspath(sys.argv[1])
# A hundred at once, so that starting the process does not count.
config = os.path.join(ROOT, "Examples", "pretrain.yaml")
unit = processor_seconds([tool, "validate"] + [config] * 100, 3)[0] / 100
print(f"validate one config {unit * 1e3:8.2f} ms")
for recipe, gpus in [
    ("moonlight_16b_pretrain_config", 16),
    ("moonlight_16b_pretrain_config", 1024),
    ("moonlight_16b_pretrain_config", 768),
    ("moonlight_16b_pretrain_config", 65536),
    ("moonlight_16b_finetune_config", 1024),
]:
    seconds, output = processor_seconds([tool, "plan", "--recipe", recipe, "--gpus", str(gpus), "--format", "json"], 3)
    result = json.loads(output)
    print(
        f"{recipe} on {gpus:>6} GPUs {seconds:7.3f} s = {seconds / unit:8.0f} validations; "
        f"{result['considered']:>13,} choices, {result['legal']:>10,} legal"
    )
