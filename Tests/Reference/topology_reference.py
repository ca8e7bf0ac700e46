#!/usr/bin/env python3
"""Records what megatron-core 0.16.1 itself does with layouts, ranks, stages and schedules.

Writes Tests/Fixtures/topology/*.json, which TopologyTests compares with the Swift code. Runs on a CPU without any GPU:
process groups use torch's fake backend, and the schedules run with recording stand-ins for the model.

    python3 -m venv venv && venv/bin/pip install torch megatron-core==0.16.1
    venv/bin/python Tests/Reference/topology_reference.py
"""

import topology_common  # noqa: F401, first: it silences megatron's warnings
from topology_layouts import layout_checks, layout_lists, layout_strings
from topology_placement import rank_grids, rank_groups, stage_maps
from topology_schedules import pipeline_schedules

if __name__ == "__main__":
    legal_texts = layout_strings()
    layout_checks(legal_texts)
    layout_lists()
    rank_groups()
    rank_grids()
    stage_maps(legal_texts)
    pipeline_schedules()
