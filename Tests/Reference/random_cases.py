"""Random launch configs near the border between accepted and refused: mostly valid choices, some of them disturbed.

`generate(seed, count)` yields (base, overrides). Each mender below sets one subject's fields; a few fields a case are
disturbed, so that a good part of the cases has exactly one thing wrong.
"""

import math
import random

import base_configs

P, M = "parallelism.", "model."


class Draw:
    """One case being drawn: the overrides so far, with the random choices."""

    def __init__(self, rng):
        self.rng = rng
        self.set = {}
        self.base = rng.choices(
            ["pretrain", "layout", "virtual", "sft", "lora", "muon"], [50, 8, 8, 12, 15, 7])[0]
        self.finetune = self.base in ("sft", "lora")
        self.careful = rng.random() < 0.55  # no disturbance at all

    def choose(self, *values):
        return self.rng.choice(values)

    def chance(self, p):
        return self.rng.random() < p

    def wrong(self, p=0.06):
        return not self.careful and self.chance(p)


def sizes(d):
    """World, TP, PP, CP, EP, ETP, and the data-parallel size they leave."""
    d.tp = d.rng.choices([1, 2, 4, 8], [3, 5, 3, 2])[0]
    d.cp = d.rng.choices([1, 2, 4, 8], [10, 2, 1, 1])[0]
    if d.base == "layout":
        d.pp = 4
    elif d.base == "virtual":
        d.pp = 4
    else:
        d.pp = d.rng.choices([1, 2, 3, 4, 6, 8], [8, 4, 2, 4, 1, 2])[0]
    d.ep = d.rng.choices([1, 2, 4, 8, 16, 32, 6], [2, 3, 4, 6, 2, 1, 1])[0]
    d.etp = d.rng.choices([1, None, 2, d.tp], [6, 2, 1, 1])[0]
    expert_tp = d.tp if d.etp is None else d.etp
    block = math.lcm(d.tp * d.pp * d.cp, expert_tp * d.ep * d.pp)
    world = block * d.rng.choices([1, 2, 3, 4], [5, 4, 1, 2])[0]
    if world > 512:
        d.cp, d.ep = 1, min(d.ep, 4)
        world = math.lcm(d.tp * d.pp, expert_tp * d.ep * d.pp)
    if d.wrong(0.15):
        world = max(1, world + d.choose(-1, 1, 2, -2, 4, 8, -8, world // 2))
    gpus = next((g for g in (8, 4, 6, 2, 1) if world % g == 0), 1)
    d.set |= {"cluster.num_nodes": world // gpus, "cluster.gpus_per_node": gpus,
              P + "tensor_model_parallel_size": d.tp, P + "pipeline_model_parallel_size": d.pp,
              P + "context_parallel_size": d.cp, P + "expert_model_parallel_size": d.ep,
              P + "expert_tensor_parallel_size": d.etp,
              P + "sequence_parallel": (d.tp > 1) != d.wrong(0.08)}
    d.dp = max(1, world // (d.tp * d.pp * d.cp))
    if d.cp > 1 and d.finetune and not d.wrong(0.3):
        d.set |= {M + "calculate_per_token_loss": True, "ddp.average_in_collective": False}


def model(d):
    """Dimensions, experts, router."""
    heads = d.choose(16, 16, 32, 64, 8 * d.tp)
    if d.wrong():
        heads = d.choose(12, 15, 20, 24)
    ffn, expert_ffn = d.choose(11264, 1024 * d.tp, 8192), d.choose(1408, 1408, 512 * d.tp, 704)
    shared = d.choose(2816, 2816, None, 1408, 1024)
    if d.wrong():
        ffn += d.choose(1, 2, 4)
    if d.wrong():
        expert_ffn += d.choose(1, 2, 4)
    if shared and d.wrong():
        shared += d.choose(1, 2, 4)
    experts = d.choose(64, 64, 32, 128, d.ep * 2, d.ep * 3)
    if d.ep > 1 and experts % d.ep and not d.wrong(0.5):
        experts = d.ep * max(1, experts // d.ep)
    topk = min(d.choose(6, 8, 2, 4, 1), experts)
    if d.wrong():
        topk = experts + d.choose(0, 1)
    d.set |= {M + "num_attention_heads": heads, M + "ffn_hidden_size": ffn, M + "moe_ffn_hidden_size": expert_ffn,
              M + "moe_shared_expert_intermediate_size": shared, M + "num_moe_experts": experts,
              M + "moe_router_topk": topk}
    if d.chance(0.25):
        groups = d.choose(1, 2, 4, 8)
        limit = d.rng.randint(1, groups)
        if d.wrong(0.3):
            groups, limit = d.choose((3, 1), (8, 9), (None, 2), (16, 1), (8, None))
        d.set |= {M + "moe_router_num_groups": groups, M + "moe_router_group_topk": limit}
    if d.chance(0.2):
        bias = d.wrong(0.5)
        d.set |= {M + "moe_router_score_function": "softmax", M + "moe_router_enable_expert_bias": bias,
                  M + "moe_router_pre_softmax": d.choose(True, True, False)}
    if d.chance(0.2):
        kind = d.choose("aux_loss", "seq_aux_loss", "none", "global_aux_loss", "sinkhorn")
        coefficient = 0.0 if kind == "sinkhorn" and not d.wrong(0.5) else d.choose(0.001, 0.0, 0.01)
        d.set |= {M + "moe_router_load_balancing_type": kind, M + "moe_aux_loss_coeff": coefficient}
    if d.chance(0.25):
        kind = d.choose("alltoall", "flex", "flex", "allgather")
        overlap = kind == "alltoall" if not d.wrong(0.3) else True
        d.set |= {M + "moe_token_dispatcher_type": kind, M + "moe_shared_expert_overlap": overlap and d.choose(True,
            False),
                  M + "moe_flex_dispatcher_backend": d.choose("deepep", "hybridep")}
        if kind == "flex" and d.chance(0.3):
            d.set[M + "moe_enable_deepep"] = True
    if d.chance(0.1):
        d.set |= {M + "moe_expert_capacity_factor": d.choose(1.0, 1.5, None),
                  M + "moe_pad_expert_input_to_capacity": d.choose(True, False)}
    if d.chance(0.1):
        d.set[M + "q_lora_rank"] = d.choose(512, 1536, 768)
    if d.chance(0.08):
        d.set[M + "moe_grouped_gemm"] = False
    if d.chance(0.08):
        d.set |= {M + "apply_rope_fusion": True, M + "rope_type": "yarn" if not d.wrong(0.5) else "rope"}


def pattern(d, count):
    d.layers = count
    freq = d.choose(1, 1, [0] * min(1, count) + [1] * max(0, count - 1))
    if d.chance(0.1):
        freq = d.choose(2, 3, [1] * count, [0] * min(2, count) + [1] * max(0, count - 2))
    if d.wrong(0.03):
        freq = [0] + [1] * count
    d.set |= {M + "num_layers": count, M + "moe_layer_freq": freq}


def spell(d, counts):
    """A layout of decoder counts, written in one of the ways that mean it."""
    last = len(counts) - 1
    if d.chance(0.3):
        return [(["embedding"] if i == 0 else []) + ["decoder"] * n + (["loss"] if i == last else [])
                for i, n in enumerate(counts)]
    parts = []
    for i, n in enumerate(counts):
        body = d.choose("t" * n, f"t*{n}" if n else "", f"(t)*{n}" if n else "") if n < 30 else f"t*{n}"
        parts.append(("E" if i == 0 else "") + body + ("L" if i == last else ""))
    text = "|".join(parts)
    return text.replace("|", ",|") if d.chance(0.1) else text


def pipeline(d):
    """Layers, and one of the four ways to split them."""
    pp, mode = d.pp, None
    vp = d.choose(None, None, 2, 3, 4, 1) if pp > 1 else None
    if pp == 1:
        mode = d.rng.choices(["even", "layout", "uneven"], [12, 2, 1])[0]
    else:
        mode = d.rng.choices(["even", "layout", "uneven", "account"], [5, 7, 4, 3])[0]
    chunks = pp * (vp or 1)
    none = {P + "pipeline_model_parallel_layout": None, P + "virtual_pipeline_model_parallel_size": vp}
    if mode == "even":
        count = chunks * d.rng.randint(1, max(1, 36 // chunks))
        if pp == 1:
            count = d.choose(27, 27, 16, 12)
        d.set |= none
        pattern(d, count + (d.choose(1, pp, -1) if d.wrong(0.25) and count > 1 else 0))
    elif mode == "layout":
        counts = [d.rng.randint(0 if d.chance(0.15) else 1, 6) for _ in range(chunks)]
        total = max(1, sum(counts))
        counts[0] += total - sum(counts)
        layout = spell(d, counts)
        if d.wrong(0.3):
            layout = broken(d, counts)
        d.set |= {P + "pipeline_model_parallel_layout": layout}
        given = vp if d.chance(0.7) or vp is None else None
        d.set[P + "virtual_pipeline_model_parallel_size"] = given
        pattern(d, total)
        d.vp_in_force = vp if vp not in (None, 1) else given
        return
    elif mode == "uneven":
        each, V = d.rng.randint(1, 4), vp or 1
        first = V * d.rng.randint(1, 4) if d.chance(0.75) else None
        last = V * d.rng.randint(1, 4) if d.chance(0.6) or first is None else None
        middle = pp - (first is not None) - (last is not None)
        if middle < 0:
            last, middle = None, pp - 1
        count = (first or 0) + (last or 0) + V * each * middle
        if d.wrong(0.3):
            count += d.choose(1, 2)
        d.set |= none | {P + "num_layers_in_first_pipeline_stage": first, P + "num_layers_in_last_pipeline_stage": last}
        pattern(d, max(1, count))
    else:
        e, l = d.choose((True, False), (False, True), (True, True))
        count = chunks * d.rng.randint(1, max(1, 32 // chunks)) - e - l + (1 if d.wrong(0.3) else 0)
        d.set |= none | {P + "account_for_embedding_in_pipeline_split": e,
                         P + "account_for_loss_in_pipeline_split": l}
        pattern(d, max(1, count))
    d.vp_in_force = vp


def broken(d, counts):
    text = "E" + "|".join(f"t*{n}" if n else "" for n in counts) + "L"
    return d.choose(text + "|", text[1:], text[:-1], text.replace("t", "tt", 1), text.replace("|", " |", 1), text + "L",
                    text.replace("E", "e"), text.replace("t*", "(t*", 1), "|" + text, text.replace("*", "**", 1))


def batch(d):
    """Micro and global batch, ramp-up, sample mode, iterations."""
    mbs = d.rng.choices([1, 2, 4], [5, 2, 1])[0]
    count = d.rng.randint(1, 24)
    pp = d.pp
    if d.vp_in_force is not None and pp > 1 and not d.wrong(0.3):
        count = pp * d.rng.randint(1, 6)
    unit = mbs * d.dp
    gbs = unit * count
    if d.wrong(0.12):
        gbs = max(1, gbs + d.choose(1, -1, unit // 2 or 1))
    d.set |= {"train.global_batch_size": gbs, "train.micro_batch_size": mbs}
    if d.vp_in_force is not None and d.chance(0.25):
        d.set[P + "microbatch_group_size_per_vp_stage"] = d.choose(pp, pp + 1, 2 * pp, max(1, pp - 1), count)
    if d.chance(0.08):
        d.set["train.decrease_batch_size_if_needed"] = True
    elif d.chance(0.1) and count > 2:
        steps = d.rng.randint(1, min(4, count - 1))
        increment = unit * d.rng.randint(1, max(1, (count - 1) // steps))
        if d.wrong(0.3):
            increment += d.choose(1, unit // 2 or 1)
        begin = gbs - steps * increment
        if begin > 0:
            d.set["train.rampup_batch_size"] = [begin, increment, gbs * steps * d.rng.randint(10, 1000)]
    if d.chance(0.1) and not d.finetune:
        samples = gbs * d.rng.randint(100, 5000) + d.choose(0, 1)
        d.set |= {"train.train_iters": None, "train.train_samples": samples}
        if not d.wrong(0.3):
            d.set |= {"scheduler.lr_warmup_iters": 0, "scheduler.lr_decay_iters": None,
                      "scheduler.lr_warmup_samples": d.choose(0, samples // 10)}
    elif d.chance(0.3):
        iters = d.rng.randint(1, 5000)
        d.set |= {"train.train_iters": iters, "scheduler.lr_decay_iters": d.choose(None, iters, iters // 2 + 1),
                  "scheduler.lr_warmup_iters": d.choose(0, iters // 10, iters, iters + 1)}
    if d.chance(0.05):
        d.set["validation.eval_interval"] = d.choose(0, 1, 100) if not d.careful else 100


def sequence(d):
    length = d.choose(4096, 4096, 8192, 2048, 1024)
    if d.wrong(0.1):
        length += d.choose(1, 2, 4, 2 * d.cp)
    if length == 4096 and d.chance(0.8):
        return
    if d.finetune and length % (2 * d.cp * d.tp):
        return  # a fine-tuning batch brings its own length: not decided by the config
    d.set |= {M + "seq_length": length, "dataset.seq_length": length if not d.wrong(0.1) else 4096}


def vocabulary(d):
    if d.finetune:
        if d.chance(0.3):
            d.set[M + "vocab_size"] = d.choose(163842, 163840, 163848)
        return
    tokens = d.choose(163840, 163842, 151936, 163841, 32000)
    size = d.choose(None, tokens, 163840, 163842, 163848, 163968)
    if size is not None and size < tokens and not d.wrong(0.5):
        size = None
    if size is not None and size % d.tp and not d.wrong(0.5):
        size += d.tp - size % d.tp
    d.set |= {"tokenizer.vocab_size": tokens, M + "vocab_size": size,
              M + "make_vocab_size_divisible_by": d.choose(1280, 128, 64, 1)}


def recompute(d):
    kind = d.choose(None, "selective", "full", "full")
    modules = None
    method = count = None
    if kind == "full":
        method = d.choose("uniform", "block")
        count = d.choose(1, 1, 2, 3)
        if method == "uniform" and count > 1 and d.careful and d.chance(0.7):
            count = 1
    elif kind == "selective" and d.chance(0.5):
        modules = d.rng.sample(["core_attn", "moe_act", "layernorm", "mla_up_proj", "mlp", "moe", "shared_experts"],
                               d.rng.randint(0, 4))
    if d.wrong(0.15):
        method, count = d.choose((None, 1), ("uniform", None), ("block", 2), (None, None))
    d.set |= {"recompute.recompute_granularity": kind, "recompute.recompute_method": method,
              "recompute.recompute_num_layers": count, "recompute.recompute_modules": modules}


def optimizer(d):
    o = "optimizer."
    if d.chance(0.4):
        lr = d.choose(3e-4, 1e-4, 5e-6)
        d.set |= {o + "lr": lr, o + "min_lr": d.choose(0.0, lr / 10, lr) if not d.wrong(0.2) else d.choose(lr * 2,
            None)}
    if d.base != "muon" and d.chance(0.3):
        aware = d.choose(True, False)
        kept = aware != d.wrong(0.3)
        low = "bfloat16" if kept else "float32"
        d.set |= {o + "use_precision_aware_optimizer": aware, o + "main_grads_dtype": low, o + "exp_avg_dtype": low,
                  o + "exp_avg_sq_dtype": low}
        if d.chance(0.4):
            own = d.choose(True, False)
            d.set |= {o + "use_distributed_optimizer": own or (aware and not d.wrong(0.3)),
                      "ddp.use_distributed_optimizer": d.choose(True, False)}
    if d.base == "muon":
        d.set |= {o + "optimizer": d.choose("muon", "dist_muon"), o + "muon_num_ns_steps": d.choose(5, 5, 1, 8)}
        if d.wrong(0.2):
            d.set[d.choose(o + "use_distributed_optimizer", "ddp.use_distributed_optimizer")] = True
    if d.wrong(0.04):
        d.set[o + "optimizer"] = d.choose("sgd", "lion")
    if d.chance(0.15):
        d.set["mixed_precision"] = d.choose("bf16_mixed", "bf16-mixed", "fp16_mixed",
            "bf16_with_fp8_current_scaling_mixed",
                                            "bf16_with_mxfp8_mixed", "bf16_with_fp8_delayed_scaling_mixed")


def schedule(d):
    s = "scheduler."
    style = d.choose("cosine", "linear", "constant", "inverse-square-root", "WSD")
    d.set[s + "lr_decay_style"] = style
    if style == "WSD" and not d.wrong(0.3):
        by = "samples" if d.set.get("train.train_samples") is not None else "iters"
        d.set[s + f"lr_wsd_decay_{by}"] = d.rng.randint(1, 100)
    if d.chance(0.3):
        begin = d.choose(0.0, 0.033, 0.1)
        end = d.choose(begin, begin + 0.1) if not d.wrong(0.2) else d.choose(None, begin - 0.01)
        style = "constant" if begin == end and d.chance(0.5) else d.choose("linear", "cosine", "constant")
        d.set |= {s + "start_weight_decay": begin, s + "end_weight_decay": end, s + "weight_decay_incr_style": style}
    if d.chance(0.15):
        d.set[s + "lr_warmup_fraction"] = d.choose(0.01, 0.1, 0.0)
        if not d.wrong(0.3):
            d.set |= {s + "lr_warmup_iters": 0, s + "lr_warmup_samples": 0}
    if d.chance(0.1):
        d.set |= {s + "use_checkpoint_opt_param_scheduler": d.choose(True, False),
                  s + "override_opt_param_scheduler": d.choose(True, False)}


def data(d):
    n = "dataset."
    if d.finetune:
        if d.chance(0.4):
            d.set[n + "packed_sequence_specs"] = {"packed_sequence_size": d.choose(4096, 2048, -1),
                                                  "pad_seq_to_mult": d.choose(1, 2 * d.cp)}
        if d.chance(0.2):
            d.set |= {n + "do_validation": d.choose(True, False), n + "do_test": d.choose(True, False)}
        return
    count = d.rng.randint(1, 3)
    weighted = d.chance(0.5)
    paths = [f"data/part{i}" for i in range(count)]
    d.set |= {n + "kind": "indexed",
              n + "data_paths": [{"path": p, "weight": d.choose(0.1, 0.5, 1.0)} for p in paths] if weighted else paths,
              n + "split": d.choose("99990,8,2", "99,1,0", "1,1,1", "100", "949,50,1", "0.98,0.02,0")}
    if d.wrong(0.1):
        d.set[n + "split"] = d.choose(None, "1,1,1,1")
    if d.chance(0.1):
        d.set[n + "dataloader_type"] = d.choose("single", "cyclic", "external")


def overlap(d):
    c = "comm_overlap"
    if d.chance(0.25):
        d.set[c] = None
        if d.chance(0.4):
            d.set |= {M + "overlap_p2p_comm": d.choose(True, False), M + "batch_p2p_comm": d.choose(True, False)}
        return
    if d.chance(0.3):
        d.set[c + ".overlap_p2p_comm"] = d.choose(True, False)
    if d.chance(0.2):
        d.set[c + ".batch_p2p_comm"] = d.choose(True, False)
    if d.chance(0.3):
        d.set |= {c + ".overlap_grad_reduce": d.choose(True, False), c + ".overlap_param_gather": d.choose(True, False)}
    if d.chance(0.2):
        d.set[c + ".tp_comm_overlap"] = True
    if d.chance(0.2):
        d.set[c + ".overlap_moe_expert_parallel_comm"] = True
        if not d.wrong(0.3):
            d.set |= {M + "moe_shared_expert_overlap": False, "recompute.recompute_granularity": None,
                      "recompute.recompute_method": None, "recompute.recompute_num_layers": None}
        if d.chance(0.3):
            d.set[c + ".delay_wgrad_compute"] = True
    if d.pp > 1 and d.chance(0.1):
        d.set |= {c + ".defer_embedding_wgrad_compute": True, c + ".wgrad_deferral_limit": d.choose(0, 4, None)}


def adapters(d):
    if d.base != "lora":
        return
    names = ["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj", "linear_fc1", "linear_fc2",
    "router",
             "output_layer", "linear_qkv", "*.shared_experts.linear_fc1", "*.self_attention.linear_proj"]
    scheme = d.choose("lora", "lora", "dora")
    dim = d.choose(8, 16, 32, 64)
    if d.wrong(0.2):
        dim = d.choose(1, 3, 12, 33)
    d.set |= {"peft.peft_scheme": scheme, "peft.dim": dim, "peft.alpha": d.choose(16, 32, 64),
              "peft.dropout": d.choose(0.0, 0.0, 0.05, 0.1),
              "peft.target_modules": d.rng.sample(names, d.rng.randint(1, 4))}
    if d.wrong(0.1):
        d.set["peft.dropout_position"] = "post"
    if d.wrong(0.05):
        d.set["peft.target_modules"] = d.choose(["word_embeddings"], ["*layernorm"], [])


def rare(d):
    """Settings that few configs have."""
    if d.chance(0.3):
        d.set["ddp.num_distributed_optimizer_instances"] = d.choose(2, 2, 4, 3)
    if d.chance(0.2):
        d.set["dist.use_tp_pp_dp_mapping"] = True
    if d.chance(0.3) and d.base != "lora":
        count = d.set[M + "num_layers"]
        d.set |= {M + "num_moe_experts": None, M + "moe_ffn_hidden_size": None, M + "moe_router_num_groups": None,
                  M + "moe_router_group_topk": None, M + "moe_shared_expert_intermediate_size": None,
                  M + "moe_layer_freq": d.choose(1, [0] * count),
                  P + "expert_model_parallel_size": 1 if not d.wrong(0.3) else 2}
    if d.chance(0.2):
        d.set["validation.eval_iters"] = d.choose(0, 1)
    if d.chance(0.2):
        d.set[M + "transformer_impl"] = d.choose("local", "transformer_engine", "transformer_engine")
    if d.chance(0.2):
        d.set["checkpoint.async_save"] = True
        if d.wrong(0.5):
            d.set["checkpoint.save"] = None
    if d.chance(0.1):
        d.set["checkpoint.pretrained_checkpoint"] = None
    if d.chance(0.2) and "comm_overlap" not in d.set:
        d.set |= {"comm_overlap.overlap_param_gather_with_optimizer_step": True}


OPTIONAL = [(sequence, 0.3), (vocabulary, 0.3), (recompute, 0.35), (optimizer, 0.35), (schedule, 0.25), (data, 0.3),
            (overlap, 0.3), (rare, 0.2)]


def generate(seed, count):
    rng = random.Random(seed)
    bases = base_configs.load()
    for _ in range(count):
        d = Draw(rng)
        sizes(d)
        if d.chance(0.5):
            model(d)
        pipeline(d)
        batch(d)
        for mender, p in OPTIONAL:
            if d.chance(p):
                mender(d)
        adapters(d)
        yield d.base, pruned(bases[d.base], d.set)


def pruned(base, overrides):
    """The overrides without those that leave the base as it is."""

    def same(path, value):
        node = base
        for name in path.split("."):
            node = node.get(name, _ABSENT) if isinstance(node, dict) else _ABSENT
        return type(node) is type(value) and node == value

    return {path: value for path, value in overrides.items() if not same(path, value)}


_ABSENT = object()
