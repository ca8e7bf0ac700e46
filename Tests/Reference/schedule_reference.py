"""Learning rates and weight decays of megatron-core's own OptimizerParamScheduler (0.16.1).

    python Tests/Reference/schedule_reference.py Tests/Fixtures/engine/schedules.json
"""

import itertools
import json
import sys

from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler


class Optimizer:
    def __init__(self):
        self.param_groups = [{}]


def values(steps, **settings):
    optimizer = Optimizer()
    scheduler = OptimizerParamScheduler(optimizer, **settings)
    group = optimizer.param_groups[0]
    result = [(group["lr"], group["weight_decay"])]
    for _ in range(steps):
        scheduler.step(1)
        result.append((group["lr"], group["weight_decay"]))
    return result


def main():
    cases = []
    warmups = [(0, 0.0), (4, 0.0), (5, 1e-5)]
    styles = [("constant", None), ("linear", None), ("cosine", None), ("inverse-square-root", None)]
    styles += [("WSD", style) for style in ("linear", "cosine", "exponential", "minus_sqrt")]
    for (warmup, init), (style, wsd) in itertools.product(warmups, styles):
        settings = dict(
            init_lr=init, max_lr=4.2e-4, min_lr=4.2e-5, lr_warmup_steps=warmup, lr_decay_steps=20,
            lr_decay_style=style, start_wd=0.1, end_wd=0.1, wd_incr_steps=20, wd_incr_style="constant",
            wsd_decay_steps=6 if wsd else None, lr_wsd_decay_style=wsd)
        cases.append(dict(settings=settings, values=values(24, **settings)))
    for style in ("linear", "cosine"):
        settings = dict(
            init_lr=0.0, max_lr=1e-3, min_lr=0.0, lr_warmup_steps=2, lr_decay_steps=10, lr_decay_style="cosine",
            start_wd=0.01, end_wd=0.1, wd_incr_steps=8, wd_incr_style=style)
        cases.append(dict(settings=settings, values=values(12, **settings)))
    with open(sys.argv[1], "w") as out:
        json.dump(cases, out)
        out.write("\n")


if __name__ == "__main__":
    main()
