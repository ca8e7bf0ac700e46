#!/usr/bin/env python3
"""Records what megatron-core 0.16.1 itself does with layouts, ranks, stages and schedules.

Writes Tests/Fixtures/topology/*.json, which TopologyTests compares with the Swift code. Runs on a CPU without any GPU:
process groups use torch's fake backend, and the schedules run with recording stand-ins for the model.

    python3 -m venv venv && venv/bin/pip install torch megatron-core==0.16.1
    venv/bin/python Tests/Reference/topology_reference.py
"""

import itertools
import json
import logging
import pathlib
import random
import sys
import types
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import torch  # noqa: E402
from megatron.core import parallel_state  # noqa: E402
from megatron.core.pipeline_parallel import schedules  # noqa: E402
from megatron.core.transformer.enums import LayerType  # noqa: E402
from megatron.core.transformer.pipeline_parallel_layer_layout import PipelineParallelLayerLayout  # noqa: E402
from megatron.core.transformer.transformer_block import get_num_layers_to_build  # noqa: E402
from megatron.core.transformer.transformer_config import TransformerConfig  # noqa: E402
from megatron.core.transformer.transformer_layer import get_transformer_layer_offset  # noqa: E402
from torch.testing._internal.distributed.fake_pg import FakeStore  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "topology"
LETTERS = {LayerType.embedding: "E", LayerType.decoder: "t", LayerType.mtp: "m", LayerType.loss: "L",
           LayerType.encoder: "e"}


def write(name, rows):
    """One row a line, so that a change of the fixture can be read."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    text = "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n"
    (FIXTURES / f"{name}.json").write_text(text)
    print(f"{name}: {len(rows)} rows, {len(text)} bytes")


# ---------------------------------------------------------------------------------------------------------- layouts


def letters(stages):
    return "|".join("".join(LETTERS[element] for element in stage) for stage in stages)


def parse(text):
    """The stages as letters, or None where Megatron refuses the text."""
    try:
        return letters(PipelineParallelLayerLayout.parse_str_to_list(text))
    except Exception:
        return None


HAND_WRITTEN = [
    "", "|", "||", "E", "L", "EL", "E|L", "t", "Et*14|t*13L", "Et*7|t*7|t*7|t*6L", "Ettt|(tt|)*12,L", "Ettt|(tt|)*29,m|L",
    "Et*3|(t*4|)*3(t*3|)*3t*3L", "Et*3|(t*4|)*5t*3|tL", "Ettttttt|tttttttt|tttttttt|ttttL", "Et|(tt|)*30L", "E|||L",
    "xy(ab|cd|ef)*2,pq", "(ab)*3", "ab,(cd|)*2", "(|ab)*2,cd", "(tt)", "(tt)*", "(tt)*0", "()*3", "()", "(", ")", "*", "**",
    "*2", "**2", "**0", "E**0t", "t*0", "Et*0L", "t*2*3", "(t)*2*2", "(t)*2*2*2", "(t)*2*0", "(t*2)*2", "(t*2)*2*2",
    "(t)*2)*2", "((t)*2)*2", "(t(t)*2)*2", "((t)*2", "((t)*0t", "|*3", "E|*3L", "(|)*3", "(||t)*2", "t*", "t*-1", "t*+1",
    "t*1.5", "t* 2", "t *2", " t", "t ", "t\n", "\nt", "t\tt", "\n*2", "\n*0t", "(\n)*0t", "(t\n)*0L", "\r*0E", "\r\n*0E", "e",
    "l", "T", "M", "Em", "EtmL", "Etm*2L", "mmm", "1*0", "5*0t", "55*0t", "Et1*0L", "E,,t,L", ",", ",,,", "t,*2", "t*,2",
    "t*1,2", "(t,t)*2", "(,)*2", "(tt|),*2", "(tt|)*,2", "t*\u0662", "t*\uff12", "t*\u0967\u0968", "t*1\u0662", "t*\u00b2", "t*\u2460",
    "t*\u4e00", "t*\U0001d7d1", "(t|)*\u0663L", "\u0662", "t\u0662", "t*00003", "t*0000", "t*2E", "t*2|t*3", "t*2t*3", "t*2(t)*3", "(t)*3t*2",
    "(t*2|)*3*2", "|*0", "E|*0L", ")*0E", "E)*0", "(*0E", "E(*0tL", "((t)*2|)*3", "(t*0)*5", "(t*0|)*3", "(t*0*2)*3", "(E*0)*3L*2",
    "t+t", "8+7+7+6", "14+13", "+*0t", "auto", "E-t", "E;L", "E/L", "[E]", "E\\L", "\u0415t", "tt\u200b", "\ufefft", "E\u0301", "t*\u0301", "\U0001f600",
    "\U0001f600*0t", "(\U0001f600)*0E", "e\u0301*0", "tt*3", "Ett*3L", "(Et*2)*2", "E*2", "L*2", "m*2*", "t*2*", "(t)*2*", "(t)*3(", "(t)*3)",
    "t*2)", "(t|*2)*2", "(t*)*2", "(t*)*2*3", "(*2)*2", "(2*)*2", "(*)*2", "t*(2)", "t*(2)*3", "((((((t", "t))))))", "()()()", "(())*2",
    "(()*2", "()*2)*2", "t*" + "0" * 4299 + "2", "t*" + "0" * 4300 + "2", "E" + "|" * 63 + "L",
    "E" + "t*1" * 9 + "L", "Et|tt|tt|tL|", "|EtttL", "|Ett|tL", "EtttL|", "Et||tL", "L|tt|E", "tEL", "ELt", "EttE|L", "EttL|L",
    "Et|mt|L", "Etm|tL", "Et|tm|mL", "Et|tm|L", "Etm|tL|", "Emt|L", "Et|t|m|L", "Et|t|tmm|L", "Etmm|L",
]  # fmt: skip


def random_layouts(rng, count):
    """Texts that look like layouts: some legal, most with something wrong."""
    digits = ["0", "1", "2", "3", "4", "7", "12", "\u0662", "\uff13"]

    def item(depth):
        kind = rng.random()
        if kind < 0.45:
            return rng.choice("ttttmEL|")
        if kind < 0.70:
            return rng.choice("tttm|E") + "*" + rng.choice(digits)
        if kind < 0.88 and depth < 2:
            return "(" + "".join(item(depth + 1) for _ in range(rng.randint(0, 4))) + ")*" + rng.choice(digits)
        if kind < 0.94:
            return rng.choice([",", "", ",,", "|"])
        return rng.choice(["*", "(", ")", " ", "x", "e", "2", "*3", "\n", "+", "()", "\u00e9", "*0", "|*2"])

    for _ in range(count):
        yield "".join(item(0) for _ in range(rng.randint(1, 9)))


def legal_layouts(rng, count):
    """Texts that begin with E and end with L, mostly legal."""
    for _ in range(count):
        stages = [rng.choice(["t", "tt", "t*2", "t*3", "t*4", "", "t*0", "(t)*3", "(t)*2*2"]) for _ in range(rng.randint(1, 8))]
        text = "|".join(stages)
        if rng.random() < 0.3:
            text += rng.choice(["|", "", ","]) + "(" + rng.choice(["tt|", "t|", "|t", "t*2|", "t|t"]) + ")*" + str(rng.randint(0, 5))
        yield "E" + text + rng.choice(["", "", "m", "mm", "|m", "|", "m|m", "|m|"]) + "L"


def mutated(rng, texts, count):
    alphabet = "EtLm|()*0123,  xe\n+\u0662"
    for _ in range(count):
        text = list(rng.choice(texts))
        for _ in range(rng.randint(1, 3)):
            place = rng.randint(0, len(text))
            what = rng.random()
            if what < 0.4:
                text.insert(place, rng.choice(alphabet))
            elif text:
                place = min(place, len(text) - 1)
                if what < 0.7:
                    del text[place]
                else:
                    text[place] = rng.choice(alphabet)
        yield "".join(text)


def check(text, pipeline, virtual, num_layers, mtp_num_layers):
    """1 where Megatron starts with the layout, 2 where it also sets mtp_standalone, 0 where it refuses."""
    try:
        config = transformer_config(
            num_layers=num_layers, pipeline=pipeline, virtual=virtual, mtp_num_layers=mtp_num_layers, layout=text)
    except Exception:
        return 0
    if config.virtual_pipeline_model_parallel_size is not None and pipeline == 1:
        return 0  # refused when the process groups are made; see grid_verdict below
    return 2 if config.mtp_standalone else 1


def transformer_config(num_layers, pipeline, virtual=None, mtp_num_layers=None, layout=None, first=None, last=None,
                       embedding=False, loss=False):
    return TransformerConfig(
        num_layers=num_layers, hidden_size=8, num_attention_heads=1, pipeline_model_parallel_size=pipeline,
        virtual_pipeline_model_parallel_size=virtual, pipeline_dtype=torch.float32, mtp_num_layers=mtp_num_layers,
        pipeline_model_parallel_layout=layout, num_layers_in_first_pipeline_stage=first,
        num_layers_in_last_pipeline_stage=last, account_for_embedding_in_pipeline_split=embedding,
        account_for_loss_in_pipeline_split=loss)


def layout_strings():
    rng = random.Random(20251)
    legal = list(legal_layouts(rng, 700))
    texts = HAND_WRITTEN + legal + list(random_layouts(rng, 1500))
    texts += list(mutated(rng, HAND_WRITTEN[:60] + legal, 1200))
    texts = [text for text in dict.fromkeys(texts) if parse(text) is None or len(parse(text)) < 1500]
    write("layout-strings", [[text, parse(text)] for text in texts])
    return [text for text in texts if parse(text) is not None]


def layout_checks(texts):
    rng = random.Random(20252)
    rows = []
    for text in texts:
        stages = parse(text).split("|")
        decoders, mtp = parse(text).count("t"), parse(text).count("m")
        if decoders == 0:
            continue  # TransformerConfig itself refuses a model without layers
        for pipeline in {len(stages), rng.choice([1, 2, 3, 4])}:
            virtual = rng.choice([None, None, len(stages) // pipeline or 1, 1, 2])
            layers = decoders + rng.choice([0, 0, 0, 0, 1])
            mtp_layers = rng.choice([mtp, mtp, mtp or None, mtp + 1])
            if mtp_layers == 0:
                mtp_layers = None
            rows.append([text, pipeline, virtual, layers, mtp_layers, check(text, pipeline, virtual, layers, mtp_layers)])
    accepted = [row for row in rows if row[-1]]
    refused = [row for row in rows if not row[-1]]
    write("layout-checks", accepted + rng.sample(refused, min(len(refused), 1500)))


def layout_lists():
    names = ["embedding", "decoder", "mtp", "loss", "encoder", " Decoder ", "LOSS", "E", "t", "", "\x1fmtp\x85", "de coder",
             "\u3000loss", "embedding\x00", "Embedding\n", "decoder\u200b", "l\u043ess"]
    rows = []
    for name in names:
        try:
            layout = PipelineParallelLayerLayout([[name]], 1).flatten_layout
            rows.append([name, LETTERS[layout[0]]])
        except Exception:
            rows.append([name, None])
    write("layout-names", rows)


# ------------------------------------------------------------------------------------------------------------ ranks

ORDERS = ["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"]


def grid_verdict(world, tensor, pipeline, context, expert, expert_tensor, order):
    """What initialize_model_parallel does: data-parallel sizes, or None where it refuses."""
    torch.distributed.init_process_group("fake", rank=0, world_size=world, store=FakeStore())
    try:
        parallel_state.initialize_model_parallel(
            tensor_model_parallel_size=tensor, pipeline_model_parallel_size=pipeline, context_parallel_size=context,
            expert_model_parallel_size=expert, expert_tensor_parallel_size=expert_tensor, order=order,
            create_gloo_process_groups=False)
        return [parallel_state.get_data_parallel_world_size(), parallel_state.get_expert_data_parallel_world_size()]
    except (RuntimeError, AssertionError, ZeroDivisionError):
        return None
    finally:
        parallel_state.destroy_model_parallel()
        torch.distributed.destroy_process_group()
        sys.excepthook = sys.__excepthook__  # torch nests one more at every initialisation


def rank_groups():
    shapes = [(1, 1, 1, 1, 1, None), (8, 2, 2, 1, 2, 1), (16, 2, 1, 1, 8, 1), (32, 2, 4, 1, 4, None), (32, 2, 4, 1, 4, 1),
              (24, 2, 3, 2, 2, 1), (48, 1, 1, 8, 48, 1), (16, 2, 2, 2, 2, 2), (12, 3, 2, 1, 2, 3), (36, 3, 3, 2, 4, 1)]
    rows = []
    for (world, tensor, pipeline, context, expert, expert_tensor), order in itertools.product(shapes, ORDERS):
        sizes = grid_verdict(world, tensor, pipeline, context, expert, expert_tensor, order)
        if sizes is None:
            continue
        etp = tensor if expert_tensor is None else expert_tensor
        dense = parallel_state.RankGenerator(tp=tensor, ep=1, dp=sizes[0], pp=pipeline, cp=context, order=order)
        experts = parallel_state.RankGenerator(tp=etp, ep=expert, dp=sizes[1], pp=pipeline, cp=1, order=order)
        groups = {token: dense.get_ranks(token)
                  for token in ["tp", "cp", "dp", "dp-cp", "pp", "tp-pp", "tp-cp", "tp-dp", "tp-dp-cp"]}
        groups |= {name: experts.get_ranks(token)
                   for name, token in [("ep", "ep"), ("etp", "tp"), ("edp", "dp"), ("etp-ep", "tp-ep"), ("etp-ep-pp", "tp-ep-pp")]}
        groups["embd"] = [parallel_state.default_embedding_ranks(ranks) for ranks in groups["pp"]]
        groups["pos_embd"] = [parallel_state.default_position_embedding_ranks(ranks) for ranks in groups["pp"]]
        rows.append({"world": world, "sizes": [tensor, pipeline, context, expert, expert_tensor], "order": order, "groups": groups})
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


# ----------------------------------------------------------------------------------------------------------- stages


def stage_map(**arguments):
    """[[offset, count], ...] in model order; None where Megatron refuses.

    "broken" where it accepts, but does not build every layer once or not as many on the first or last rank as it was told.
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
        result = stage_map(num_layers=num_layers, pipeline=pipeline, virtual=virtual, first=first, last=last,
                           embedding=embedding, loss=loss)
        rows.append([num_layers, pipeline, virtual, first, last, int(embedding), int(loss), result])

    sizes = list(itertools.product([1, 2, 3, 4, 6, 7, 8, 11, 12, 16, 24, 26, 27, 28, 29, 30], [1, 2, 3, 4, 6, 8, 29], [None, 1, 2, 3, 7]))
    for num_layers, pipeline, virtual in sizes:
        add(num_layers, pipeline, virtual)
    for num_layers, pipeline, virtual in sizes:
        add(num_layers, pipeline, virtual, **rng.choice([{"embedding": True}, {"loss": True}, {"embedding": True, "loss": True}]))
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
            add(scale * ((pipeline - 2) * middle + first + last), pipeline, virtual, first=scale * first, last=scale * last)
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


# -------------------------------------------------------------------------------------------------------- schedules


class RecordingTensor:
    """Stands for an activation: remembers which chunk and micro-batch it came from."""

    def __init__(self, chunk, microbatch):
        self.chunk, self.microbatch = chunk, microbatch

    def __getitem__(self, index):
        return self


def run_schedule(pipeline, chunks, microbatches, group, extra_warmup=False):
    """Per rank, the order in which Megatron's own function runs its steps: F or B, chunk, micro-batch."""
    log = []

    def forward_step(func, iterator, model, *args, current_microbatch=None, vp_stage=None, **kwargs):
        log.append(("F", vp_stage or 0, current_microbatch))
        return RecordingTensor(vp_stage or 0, current_microbatch), 0

    def backward_step(input_tensor, output_tensor, *args):
        log.append(("B", output_tensor.chunk, output_tensor.microbatch))
        return "gradient"

    class Group:
        def __init__(self, rank, size):
            self._rank, self._size = rank, size

        def rank(self):
            return self._rank

        def size(self):
            return self._size

    class Communicator:
        def __init__(self, rank, config):
            self.pp_group, self.config = Group(rank, pipeline), config
            self.virtual_pipeline_model_parallel_size = config.virtual_pipeline_model_parallel_size

        def __getattr__(self, name):
            pairs = name == "send_forward_backward_recv_forward_backward"
            return lambda *args, **kwargs: ("received", "received") if pairs else "received"

    config = types.SimpleNamespace(
        overlap_p2p_comm=False, batch_p2p_comm=True, overlap_p2p_comm_warmup_flush=False, finalize_model_grads_func=None,
        timers=None, no_sync_func=None, grad_sync_func=None, param_sync_func=None, deallocate_pipeline_outputs=False,
        microbatch_group_size_per_vp_stage=group, hidden_size=1, sequence_parallel=False, variable_seq_lengths=False,
        num_microbatches_with_partial_activation_checkpoints=None, overlap_moe_expert_parallel_comm=False,
        virtual_pipeline_model_parallel_size=chunks if chunks > 1 or group else None, calculate_per_token_loss=False,
        fine_grained_activation_offloading=False, cuda_graph_impl="none", barrier_with_L1_time=False)
    orders = []
    saved = {name: getattr(schedules, name) for name in ["forward_step", "backward_step", "deallocate_output_tensor",
                                                         "get_model_config", "get_model_type", "torch"]}
    schedules.forward_step, schedules.backward_step = forward_step, backward_step
    schedules.deallocate_output_tensor = lambda *args: None
    schedules.get_model_config = lambda model: config
    schedules.get_model_type = lambda model: schedules.ModelType.encoder_or_decoder
    schedules.torch = types.SimpleNamespace(zeros=lambda *args, **kwargs: 0, int=torch.int, nn=torch.nn)
    try:
        for rank in range(pipeline):
            log.clear()
            one = Group(0, 1)
            groups = types.SimpleNamespace(tp=one, cp=one, embd=None, pos_embd=None, pp=Group(rank, pipeline), dp_cp=one)
            model = [torch.nn.Module() for _ in range(chunks)]
            common = dict(num_microbatches=microbatches, seq_length=1, micro_batch_size=1, forward_step_func=None,
                          p2p_communicator=Communicator(rank, config), pg_collection=groups)
            if config.virtual_pipeline_model_parallel_size is not None:
                schedules.forward_backward_pipelining_with_interleaving(data_iterator=[None] * chunks, model=model, **common)
            else:
                schedules.forward_backward_pipelining_without_interleaving(data_iterator=None, model=model[0], **common)
            orders.append(" ".join(f"{kind}{chunk}.{microbatch}" for kind, chunk, microbatch in log))
    except (ValueError, RuntimeError) as error:
        if "range in [PP=" in str(error) or "remainder" in str(error):
            return None
        raise
    finally:
        for name, value in saved.items():
            setattr(schedules, name, value)
    return orders


def pipeline_schedules():
    patched = (schedules.is_pp_first_stage, schedules.is_pp_last_stage)
    schedules.is_pp_first_stage = lambda group: group.rank() == 0
    schedules.is_pp_last_stage = lambda group: group.rank() == group.size() - 1
    rows = []
    for pipeline, microbatches in itertools.product([2, 3, 4, 5], [1, 2, 3, 4, 7, 8]):
        rows.append([pipeline, None, microbatches, None, run_schedule(pipeline, 1, microbatches, None)])
    for pipeline, chunks in itertools.product([2, 3, 4], [1, 2, 3]):
        for microbatches, group in itertools.product([1, 2, 3, 4, 5, 6, 8, 10], [2, 3, 4, 5, 6]):
            rows.append([pipeline, chunks, microbatches, group, run_schedule(pipeline, chunks, microbatches, group)])
    schedules.is_pp_first_stage, schedules.is_pp_last_stage = patched
    write("schedules", rows)


if __name__ == "__main__":
    legal_texts = layout_strings()
    layout_checks(legal_texts)
    layout_lists()
    rank_groups()
    rank_grids()
    stage_maps(legal_texts)
    pipeline_schedules()
