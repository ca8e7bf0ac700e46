"""A second generator, made in another way than random_cases.py: from the fields of the installed release's classes.

`sweep` sets every field of every class alone, to each value its type suggests. `generate(seed, count)` draws whole
runs (sizes that need not be powers of two, layouts grown from the grammar, other models than Moonlight) and then
changes up to three fields of any class.
"""

import json
import math
import random

import base_configs
import stand_ins

FIELDS = json.loads(stand_ins.RELEASE.fields.read_text())["sections"]
SECTIONS = {
    "model": "model", "train": "train", "optimizer": "optimizer", "scheduler": "scheduler", "ddp": "ddp",
    "mixed_precision": "mixed_precision", "comm_overlap": "comm_overlap", "tokenizer": "tokenizer",
    "checkpoint": "checkpoint", "logger": "logger", "rng": "rng", "dist": "dist", "profiling": "profiling",
    "rerun_state_machine": "rerun_state_machine",
} | ({"validation": "validation"} if "validation" in FIELDS else {})
# Bases to sweep, and the classes of their other sections.
SWEPT = {
    "pretrain": {"dataset": "dataset_pretrain"},
    "sft": {"dataset": "packed_sequence_specs"},
    "lora": {"peft": "peft_lora"},
}
# What "bare" has null: a path into it would make it a section again.
NULL_IN_BARE = ("mixed_precision.", "comm_overlap.")

# What no config can say, what the harness pretends, and what it does not decide (STARTING-MEGATRON.md).
SKIPPED = {
    "model.timers", "model.init_model_with_meta_device", "model.use_cpu_initialization", "model.perform_initialization",
    "model.hierarchical_context_parallel_sizes", "model.cp_comm_type", "model.quant_recipe", "model.barrier_with_L1_time",
    "checkpoint.ckpt_format", "dist.use_megatron_fsdp", "ddp.use_megatron_fsdp", "dist.use_decentralized_pg",
    "dist.external_gpu_device_mapping", "dist.local_rank", "dist.rank", "dist.world_size", "dist.master_addr",
    "dist.nccl_communicator_config_path", "ddp.nccl_ub", "rerun_state_machine.rerun_mode", "mixed_precision.fp8",
    "train.check_weight_hash_across_dp_replicas_interval", "dataset.packed_sequence_specs.pad_seq_to_mult",
    "tokenizer.tokenizer_type", "tokenizer.tokenizer_model",
}


def values(kind, default):
    """Values that a type suggests, at the places where rules tend to have their boundary."""
    if kind.startswith("Optional[") or kind.endswith("| None"):
        inner = kind.removeprefix("Optional[").removesuffix("]").removesuffix("| None").strip()
        return [None] + values(inner, default) if values(inner, default) else []
    if kind.startswith("Literal["):
        return json.loads("[" + kind.removeprefix("Literal[").removesuffix("]").replace("'", '"') + "]")
    near = [default - 1, default + 1] if isinstance(default, int) and not isinstance(default, bool) else []
    return {
        "bool": [True, False],
        "int": [0, 1, 2, 3, 8, -1] + near,
        "float": [0.0, 0.5, 1.0, 2.0, -1.0],
        "str": ["", "x"],
        "list[int]": [[], [1], [2, 2]], "List[int]": [[], [1], [2, 2]],
        "list[str]": [[], ["x"]], "List[str]": [[], ["x"]],
        "torch.dtype": ["float32", "bfloat16", "float16"],
    }.get(kind, [])


def homes(section, name):
    """Our path of a field of the class behind a section."""
    if section == "model":
        for home in ("parallelism", "recompute"):
            if name in base_configs.PRETRAIN[home]:
                return f"{home}.{name}"
    if section == "train" and name in base_configs.PRETRAIN["validation"]:
        return f"validation.{name}"
    return f"{section}.{name}"


def domain(extra):
    """(path, value) of every field of every class, each of the values its type suggests."""
    for section, of in {**SECTIONS, **extra}.items():
        for field in FIELDS[of]["fields"]:
            path = homes(section, field["name"])
            if of == "packed_sequence_specs":
                path = "dataset.packed_sequence_specs." + field["name"]
            if path in SKIPPED or not field.get("init", True):
                continue
            for value in values(field["type"], field.get("default")):
                yield path, value


def sweep():
    """Each field alone, on bases of several kinds; on all but the first only what differs in kind: switches."""
    for base, extra in SWEPT.items():
        for path, value in domain(extra):
            own = any(path.startswith(section) for section in extra)
            if base != "pretrain" and not own and not isinstance(value, (bool, str)):
                continue
            yield base, {path: value}


# --- whole runs --------------------------------------------------------------------------------------------------

P, M, N = "parallelism.", "model.", "model.num_layers"
ELEMENTS = {"embedding": "E", "decoder": "t", "mtp": "m", "loss": "L"}


def lists(rng, stages, decoders, mtp):
    """Decoders dealt over stages by random cuts; MTP layers and the loss on the last, or just before."""
    cuts = sorted(rng.randint(0, decoders) for _ in range(stages - 1))
    counts = [b - a for a, b in zip([0] + cuts, cuts + [decoders])]
    layout = [["decoder"] * n for n in counts]
    layout[0].insert(0, "embedding")
    layout[-1] += ["mtp"] * mtp + ["loss"]
    if mtp and stages > 2 and not counts[-1] and rng.random() < 0.5:
        layout[-2] += ["mtp"] * mtp
        layout[-1] = ["loss"]
    return layout


def text(rng, layout):
    """A string of Megatron's grammar for a layout: runs as repeats, as groups, or plain; equal stages as a group."""
    stages = []
    for stage in layout:
        out, i = "", 0
        while i < len(stage):
            j = i
            while j < len(stage) and stage[j] == stage[i]:
                j += 1
            run = rng.randint(1, j - i)
            letter = ELEMENTS[stage[i]]
            out += rng.choice([letter * run, f"{letter}*{run}", f"({letter})*{run}"])
            i += run
            out += "," if rng.random() < 0.05 else ""
        stages.append(out)
    result, i = "", 0
    while i < len(layout):
        j = i
        while j < len(layout) and layout[j] == layout[i]:
            j += 1
        if j - i > 1 and j < len(layout) and "(" not in stages[i] and rng.random() < 0.6:
            result += f"({stages[i]}|)*{j - i}"
        else:
            result += "|".join(stages[i:j]) + ("|" if j < len(layout) else "")
        i = j
    return result


def scrambled(rng, layout):
    """One or two elements moved, dropped or doubled."""
    layout = [list(stage) for stage in layout]
    for _ in range(rng.randint(1, 2)):
        stage = rng.choice(layout)
        how = rng.choice(["drop", "add", "swap", "stage"])
        if how == "drop" and stage:
            stage.pop(rng.randrange(len(stage)))
        elif how == "add":
            stage.insert(rng.randint(0, len(stage)), rng.choice(list(ELEMENTS)))
        elif how == "swap":
            other = rng.choice(layout)
            if stage and other:
                i, j = rng.randrange(len(stage)), rng.randrange(len(other))
                stage[i], other[j] = other[j], stage[i]
        elif how == "stage":
            layout.insert(rng.randint(0, len(layout)), [])
    return layout


def sizes(rng, base, out):
    tp = rng.choice([1, 1, 2, 2, 4, 8, 3, 6, 5])
    pp = rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 12])
    cp = rng.choice([1, 1, 1, 2, 3, 4])
    ep = rng.choice([1, 2, 4, 8, 3, 5, 6, 16, 12])
    etp = rng.choice([1, 1, None, 2, 3, tp])
    block = math.lcm(tp * cp, (tp if etp is None else etp) * ep) * pp
    if block > 640:
        cp, ep, etp = 1, rng.choice([1, 2]), 1
        block = math.lcm(tp * cp, ep) * pp
    world = block * rng.choice([1, 1, 2, 3])
    if rng.random() < 0.04:
        world = max(1, world + rng.choice([-pp, pp, 1, tp, block // 2]))
    out |= {"cluster.num_nodes": world, "cluster.gpus_per_node": 1,
            P + "tensor_model_parallel_size": tp, P + "pipeline_model_parallel_size": pp,
            P + "context_parallel_size": cp, P + "expert_model_parallel_size": ep,
            P + "expert_tensor_parallel_size": etp, P + "sequence_parallel": tp > 1,
            "dist.use_tp_pp_dp_mapping": rng.random() < 0.05}
    if cp > 1 and base in ("sft", "lora"):
        out |= {M + "calculate_per_token_loss": True, "ddp.average_in_collective": False}
    return tp, pp, cp, ep, etp, max(1, world // (tp * pp * cp))


def dimensions(rng, base, tp, cp, ep, etp, out):
    """Widths that mostly divide: multiples of the ranks that share them, sometimes one off."""
    off = lambda: rng.choice([1, -1, 2]) if rng.random() < 0.02 else 0  # noqa: E731
    shared = math.lcm(tp, etp or tp)
    heads = tp * rng.randint(1, 12) + off()
    out |= {M + "num_attention_heads": max(1, heads), M + "num_query_groups": rng.choice([None, max(1, heads)]),
            M + "ffn_hidden_size": rng.choice([None, tp * rng.randint(64, 4000) + off()]),
            M + "hidden_size": 32 * tp * rng.randint(1, 100), M + "kv_lora_rank": rng.randint(1, 700),
            M + "q_lora_rank": rng.choice([None, rng.randint(1, 2000)]),
            M + "qk_head_dim": 2 * rng.randint(4, 100), M + "qk_pos_emb_head_dim": 2 * rng.randint(4, 60),
            M + "v_head_dim": rng.randint(8, 200)}
    if out[M + "ffn_hidden_size"] is None and 4 * out[M + "hidden_size"] % tp:
        out[M + "ffn_hidden_size"] = tp * 100
    if base == "dense":
        out[P + "expert_model_parallel_size"] = ep if rng.random() < 0.05 else 1
    else:
        experts = ep * rng.randint(1, 12) + (1 if rng.random() < 0.03 else 0)
        topk = min(experts, rng.choice([1, 2, 3, 6, 8])) + (1 if rng.random() < 0.02 else 0)
        groups = rng.choice([None, 1] + [g for g in (2, 4, 8) if experts % g == 0])
        out |= {M + "num_moe_experts": experts, M + "moe_router_topk": topk,
                M + "moe_ffn_hidden_size": rng.choice([None, shared * rng.randint(8, 500) + off()]),
                M + "moe_shared_expert_intermediate_size": rng.choice([None, tp * rng.randint(8, 900) + off()]),
                M + "moe_router_num_groups": groups,
                M + "moe_router_group_topk": None if groups is None else rng.randint(1, groups),
                M + "moe_router_score_function": "sigmoid"}
    length = rng.choice([1, 2, 3]) * 2 * cp * tp * rng.randint(1, 400) + off()
    out |= {M + "seq_length": length, "dataset.seq_length": length}
    unit = rng.choice([1, 3, 64, 128, 1280])
    tokens = rng.randint(2, 200000)
    size = rng.choice([None, None, -(-tokens // tp) * tp, tp * rng.randint(20000, 30000), tokens + rng.randint(0, 3)])
    out |= {M + "make_vocab_size_divisible_by": unit, M + "vocab_size": size}
    if base not in ("sft", "lora"):
        out["tokenizer.vocab_size"] = tokens
    elif size is None or size % tp:
        out[M + "vocab_size"] = tp * 20000


def split(rng, base, pp, out):
    """The layers and how they are divided; returns the virtual size in force."""
    vp = rng.choice([None, None, 1, 2, 3]) if pp > 1 else rng.choice([None] * 12 + [1])
    chunks = pp * (vp or 1)
    mtp = rng.choice([None] * 9 + [0, 1, 1, 2]) if base not in ("muon", "lora") else None
    way = rng.choice(["even", "layout", "layout", "lists", "account", "uneven"] if pp > 1 else
                     ["even"] * 4 + ["layout", "account", "uneven"])
    out |= {P + "virtual_pipeline_model_parallel_size": vp, P + "pipeline_model_parallel_layout": None,
            P + "account_for_embedding_in_pipeline_split": False, P + "account_for_loss_in_pipeline_split": False,
            P + "num_layers_in_first_pipeline_stage": None, P + "num_layers_in_last_pipeline_stage": None,
            M + "mtp_num_layers": mtp}
    off = rng.choice([1, -1, pp]) if rng.random() < 0.08 else 0
    if way in ("layout", "lists"):
        count = rng.randint(1, 40)
        stages = lists(rng, chunks, count, mtp or 0)
        if rng.random() < 0.15:
            stages = scrambled(rng, stages)
        out[P + "pipeline_model_parallel_layout"] = stages if way == "lists" else text(rng, stages)
        if vp is not None and rng.random() < 0.3:
            out[P + "virtual_pipeline_model_parallel_size"] = None
    elif way == "account":
        first, last = rng.choice([(True, False), (False, True), (True, True)])
        count = chunks * rng.randint(1, max(1, 40 // chunks)) - first - last + off
        out |= {P + "account_for_embedding_in_pipeline_split": first, P + "account_for_loss_in_pipeline_split": last}
    elif way == "uneven":
        v = vp or 1
        first, last = rng.choice([(1, 0), (0, 1), (1, 1)])
        if pp < first + last:
            last = 0
        first, last = first * v * rng.randint(1, 6), last * v * rng.randint(1, 6)
        middle = pp - bool(first) - bool(last)
        count = first + last + v * middle * rng.randint(1, 4) + off
        out |= {P + "num_layers_in_first_pipeline_stage": first or None,
                P + "num_layers_in_last_pipeline_stage": last or None}
    else:
        count = chunks * rng.randint(1, max(1, 40 // chunks)) + off
    out[N] = count = max(1, count)
    if base == "dense":
        out[M + "moe_layer_freq"] = 1
    else:
        dense = rng.randint(0, min(3, count))
        out[M + "moe_layer_freq"] = rng.choice([1, 2, rng.randint(1, 5), [0] * dense + [1] * (count - dense),
                                                [rng.randint(0, 1) for _ in range(count)]])
    return vp if pp > 1 else None


def batches(rng, base, pp, vp, dp, out):
    mbs = rng.choice([1, 1, 2, 3, 5])
    count = rng.randint(1, 40)
    if vp is not None and rng.random() < 0.93:
        count = pp * rng.randint(1, 6)
    unit = mbs * dp
    out |= {"train.global_batch_size": unit * count + (rng.choice([1, -1, dp]) if rng.random() < 0.04 else 0),
            "train.micro_batch_size": mbs, "train.decrease_batch_size_if_needed": rng.random() < 0.05}
    if vp is not None and rng.random() < 0.15:
        out[P + "microbatch_group_size_per_vp_stage"] = rng.randint(1, 3 * pp)
    if count > 1 and rng.random() < 0.12:
        steps = rng.randint(1, count - 1)
        grow = unit * max(1, (count - 1) // steps)
        begin = unit * count - grow * ((count - 1) // max(1, grow // unit))
        out["train.rampup_batch_size"] = [begin, grow, rng.choice([0, 1, 50, 10 ** rng.randint(2, 7)])]
    iters = rng.randint(1, 10 ** rng.randint(1, 6))
    if base not in ("sft", "lora") and rng.random() < 0.15:
        samples = rng.randint(1, 10 ** 7)
        out |= {"train.train_iters": None, "train.train_samples": samples, "scheduler.lr_warmup_iters": 0,
                "scheduler.lr_decay_iters": None, "scheduler.lr_warmup_samples": rng.choice([0, samples // 7]),
                "scheduler.lr_decay_samples": rng.choice([None, None, samples // 2, samples])}
        out.pop("train.rampup_batch_size", None)
    else:
        out |= {"train.train_iters": iters, "scheduler.lr_warmup_iters": rng.choice([0, iters // 9, iters]),
                "scheduler.lr_decay_iters": rng.choice([None, iters, rng.randint(1, 2 * iters)])}
    out |= {"scheduler.lr_decay_style": rng.choice(["cosine", "linear", "constant", "inverse-square-root", "WSD"]),
            "validation.eval_interval": rng.choice([1, 10, 1000]), "validation.eval_iters": rng.choice([0, 1, 32])}
    if out["scheduler.lr_decay_style"] == "WSD":
        by = "samples" if out.get("train.train_samples") else "iters"
        out[f"scheduler.lr_wsd_decay_{by}"] = rng.randint(0, iters)


def recompute(rng, out):
    kind = rng.choice([None, "selective", "selective", "full", "full"])
    full = kind == "full"
    out |= {"recompute.recompute_granularity": kind,
            "recompute.recompute_method": rng.choice(["uniform", "block"]) if full else None,
            "recompute.recompute_num_layers": rng.randint(1, 5) if full else None,
            "recompute.recompute_modules": rng.choice([None, rng.sample(
                ["core_attn", "moe_act", "layernorm", "mla_up_proj", "mlp", "moe", "shared_experts"], rng.randint(0, 3))])
            if kind == "selective" else None}


def generate(seed, count):
    rng = random.Random(seed)
    bases = base_configs.load()
    domains = {base: list(domain(SWEPT.get(base, {}))) for base in bases}
    for _ in range(count):
        base = rng.choice(list(bases))
        out = {}
        tp, pp, cp, ep, etp, dp = sizes(rng, base, out)
        dimensions(rng, base, tp, cp, ep, etp, out)
        vp = split(rng, base, pp, out)
        batches(rng, base, pp, vp, dp, out)
        if rng.random() < 0.5:
            recompute(rng, out)
        if base == "lora":
            out |= {"peft.dim": tp * (etp or tp) * rng.randint(1, 9), "peft.target_modules": rng.sample(
                ["linear_q_proj", "linear_kv_up_proj", "linear_proj", "linear_fc1", "*.shared_experts.linear_fc2",
                 "linear_q_up_proj", "linear_q_down_proj", "output_layer"], rng.randint(1, 4))}
        for path, value in rng.sample(domains[base], rng.choice([0, 0, 1, 2, 3])):
            wanted = isinstance(value, (bool, str)) or rng.random() < 0.3
            if wanted and not (base == "bare" and path.startswith(NULL_IN_BARE)):
                out[path] = value
        yield base, out
