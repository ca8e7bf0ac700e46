"""Process groups, and the layers that each pipeline stage builds."""

import itertools
import json
import random
import sys

import torch
from megatron.core import parallel_state
from megatron.core.transformer.transformer_block import get_num_layers_to_build
from megatron.core.transformer.transformer_layer import get_transformer_layer_offset
from topology_common import parse, transformer_config, write
from torch.testing._internal.distributed.fake_pg import FakeStore

ORDERS = ["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"]


def grid_verdict(world, tensor, pipeline, context, expert, expert_tensor, order):
    """What initialize_model_parallel does: data-parallel sizes, or None where it refuses."""
    torch.distributed.init_process_group("fake", rank=0, world_size=world, store=FakeStore())
    try:
        parallel_state.initialize_model_parallel(
            tensor_model_parallel_size=tensor,
            pipeline_model_parallel_size=pipeline,
            context_parallel_size=context,
            expert_model_parallel_size=expert,
            expert_tensor_parallel_size=expert_tensor,
            order=order,
            create_gloo_process_groups=False,
        )
        return [parallel_state.get_data_parallel_world_size(), parallel_state.get_expert_data_parallel_world_size()]
    except (RuntimeError, AssertionError, ZeroDivisionError):
        return None
    finally:
        parallel_state.destroy_model_parallel()
        torch.distributed.destroy_process_group()
        sys.excepthook = sys.__excepthook__  # torch nests one more at every initialisation


def rank_groups():
    shapes = [
        (1, 1, 1, 1, 1, None),
        (8, 2, 2, 1, 2, 1),
        (16, 2, 1, 1, 8, 1),
        (32, 2, 4, 1, 4, None),
        (32, 2, 4, 1, 4, 1),
        (24, 2, 3, 2, 2, 1),
        (48, 1, 1, 8, 48, 1),
        (16, 2, 2, 2, 2, 2),
        (12, 3, 2, 1, 2, 3),
        (36, 3, 3, 2, 4, 1),
    ]
    rows = []
    for (world, tensor, pipeline, context, expert, expert_tensor), order in itertools.product(shapes, ORDERS):
        sizes = grid_verdict(world, tensor, pipeline, context, expert, expert_tensor, order)
        if sizes is None:
            continue
        etp = tensor if expert_tensor is None else expert_tensor
        dense = parallel_state.RankGenerator(tp=tensor, ep=1, dp=sizes[0], pp=pipeline, cp=context, order=order)
        experts = parallel_state.RankGenerator(tp=etp, ep=expert, dp=sizes[1], pp=pipeline, cp=1, order=order)
        groups = {
            token: dense.get_ranks(token)
            for token in ["tp", "cp", "dp", "dp-cp", "pp", "tp-pp", "tp-cp", "tp-dp", "tp-dp-cp"]
        }
        groups |= {
            name: experts.get_ranks(token)
            for name, token in [
                ("ep", "ep"),
                ("etp", "tp"),
                ("edp", "dp"),
                ("etp-ep", "tp-ep"),
                ("etp-ep-pp", "tp-ep-pp"),
            ]
        }
        groups["embd"] = [parallel_state.default_embedding_ranks(ranks) for ranks in groups["pp"]]
        groups["pos_embd"] = [parallel_state.default_position_embedding_ranks(ranks) for ranks in groups["pp"]]
        rows.append(
            {
                "world": world,
                "sizes": [tensor, pipeline, context, expert, expert_tensor],
                "order": order,
                "groups": groups,
            }
        )
    write("rank-groups", rows)


def rank_grids():
    rng = random.Random(20253)
    rows = []
    for _ in range(600):
        world = rng.choice([1, 2, 4, 6, 8, 12, 16, 24])
        sizes = [rng.choice([1, 1, 2, 3, 4]) for _ in range(4)] + [rng.choice([None, 1, 1, 2, 3])]
        order = rng.choice(ORDERS)
        rows.append([world, *sizes, order, grid_verdict(world, *sizes, order)])
    write("rank-grids", rows)


def stage_map(**arguments):
    """[[offset, count], ...] in model order; None where Megatron refuses.

    "broken" where it accepts, but does not build every layer once, or not as many on the first or last rank as told.
    """
    pipeline, virtual = arguments["pipeline"], arguments.get("virtual")
    if virtual is not None and pipeline == 1:
        return None  # refused when the process groups are made
    try:
        config = transformer_config(**arguments)
        virtual = config.virtual_pipeline_model_parallel_size
        if virtual is not None and pipeline == 1:
            return None
        parallel_state.set_pipeline_model_parallel_world_size(pipeline)
        parallel_state.set_virtual_pipeline_model_parallel_world_size(virtual)
        stages = []
        for chunk, rank in itertools.product(range(virtual or 1), range(pipeline)):
            parallel_state.set_pipeline_model_parallel_rank(rank)
            stage = chunk if virtual is not None else None
            count = get_num_layers_to_build(config, vp_stage=stage, pp_rank=rank)
            stages.append([get_transformer_layer_offset(config, vp_stage=stage, pp_rank=rank), count])
    except ZeroDivisionError:
        return "broken"
    except (ValueError, AssertionError, IndexError):
        return None
    layers = [layer for offset, count in stages for layer in range(offset, offset + count)]
    told = [(arguments.get("first"), 0), (arguments.get("last"), pipeline - 1)]
    as_told = all(number in (None, sum(count for _, count in stages[rank::pipeline])) for number, rank in told)
    in_range = all(count >= 0 for _, count in stages)
    return stages if in_range and as_told and layers == list(range(arguments["num_layers"])) else "broken"


def stage_maps(texts):
    rng = random.Random(20254)
    rows = []

    def add(num_layers, pipeline, virtual, first=None, last=None, embedding=False, loss=False):
        result = stage_map(
            num_layers=num_layers,
            pipeline=pipeline,
            virtual=virtual,
            first=first,
            last=last,
            embedding=embedding,
            loss=loss,
        )
        rows.append([num_layers, pipeline, virtual, first, last, int(embedding), int(loss), result])

    sizes = list(
        itertools.product(
            [1, 2, 3, 4, 6, 7, 8, 11, 12, 16, 24, 26, 27, 28, 29, 30], [1, 2, 3, 4, 6, 8, 29], [None, 1, 2, 3, 7]
        )
    )
    for num_layers, pipeline, virtual in sizes:
        add(num_layers, pipeline, virtual)
    for num_layers, pipeline, virtual in sizes:
        add(
            num_layers,
            pipeline,
            virtual,
            **rng.choice([{"embedding": True}, {"loss": True}, {"embedding": True, "loss": True}]),
        )
    for num_layers, pipeline, virtual in rng.choices(sizes, k=2500):
        edges = [None, 1, 2, 3, 4, 6, 7, 9, 30, 0, -1, num_layers, num_layers - 1]
        first, last = rng.choice(edges), rng.choice(edges)
        if first is not None or last is not None:
            add(num_layers, pipeline, virtual, first=first, last=last, embedding=rng.random() < 0.03)
    for num_layers, pipeline, virtual in sizes:
        # Uneven splits that fit by construction.
        middle, first, last = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 4)
        scale = virtual or 1
        if pipeline > 2:
            add(
                scale * ((pipeline - 2) * middle + first + last),
                pipeline,
                virtual,
                first=scale * first,
                last=scale * last,
            )
        if pipeline > 1:
            add(scale * ((pipeline - 1) * middle + first), pipeline, virtual, first=scale * first)
            add(scale * ((pipeline - 1) * middle + last), pipeline, virtual, last=scale * last)
    unique = {json.dumps(row): row for row in rows}
    write("stage-maps", list(unique.values()))

    rows = []
    for text in texts:
        stages, decoders = parse(text).split("|"), parse(text).count("t")
        if decoders == 0 or "m" in text or len(stages) > 40:
            continue
        for pipeline in range(1, len(stages) + 1):
            if len(stages) % pipeline == 0:
                result = stage_map(num_layers=decoders, pipeline=pipeline, layout=text)
                if result is not None:
                    rows.append([text, pipeline, result])
    write("stage-layouts", rows)
