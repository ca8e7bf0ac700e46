"""Writes Tests/Fixtures/estimation/ranks.jsonl: what every pipeline rank holds, as Megatron-Core builds it.

    python rank_parameters.py [--seed 8] [--count 120]

Random configs (small models, all layers built on the meta device; no fixture case of the agreement is used) run through
the start-up up to the built model; refused ones are left out. A line: {"base", "set": {dotted path: value}, "ranks":
[{"pp", "parameters", "trained", "experts"}]}, experts being those that Megatron reduces over expert replicas.
"""

import argparse
import collections
import contextlib
import io
import json
import math
import random
import sys
from pathlib import Path

import base_configs
import phases

FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "estimation" / "ranks.jsonl"
M, P = "model.", "parallelism."


def draw(rng):
    """(base, overrides) of a random config, mostly legal."""
    base = rng.choices(["pretrain", "muon", "sft", "lora"], [6, 1, 1, 3])[0]
    layers = rng.randint(2, 9)
    mla = rng.random() < 0.85
    heads, tp = 16, rng.choice([1, 1, 2, 4, 8])
    pp = rng.choice([n for n in (1, 2, 3, 4) if n <= layers])
    ep, etp, cp = rng.choice([1, 2, 4, 8]), rng.choice([1, 1, 1, 2, 4]), rng.choice([1, 1, 1, 2])
    world = math.lcm(tp * pp * cp, ep * etp * pp) * rng.choice([1, 2])
    biased = rng.random() < 0.15
    mtp = rng.choice([None, None, None, 1, 2]) if base == "pretrain" else None
    etp = 1 if biased else etp
    world = math.lcm(tp * pp * cp, ep * etp * pp) * rng.choice([1, 2])
    changes = {
        "cluster.num_nodes": world, "cluster.gpus_per_node": 1,
        M + "num_layers": layers, M + "hidden_size": rng.choice([64, 128, 192]),
        M + "ffn_hidden_size": rng.choice([128, 256, 704]), M + "num_attention_heads": heads,
        M + "num_query_groups": heads if mla else rng.choice([8, 16]), M + "kv_channels": rng.choice([8, 16]),
        M + "multi_latent_attention": mla, M + "q_lora_rank": rng.choice([None, None, 24, 48]),
        M + "kv_lora_rank": rng.choice([32, 64]), M + "qk_head_dim": rng.choice([16, 32]),
        M + "qk_pos_emb_head_dim": rng.choice([8, 16]), M + "v_head_dim": rng.choice([16, 32]),
        M + "num_moe_experts": rng.choice([8, 16]), M + "moe_router_topk": 4,
        M + "moe_ffn_hidden_size": rng.choice([64, 96]),
        M + "moe_shared_expert_intermediate_size": None if biased else rng.choice([None, 128, 192]),
        M + "moe_shared_expert_overlap": False, M + "moe_router_num_groups": None, M + "moe_router_group_topk": None,
        M + "moe_layer_freq": [int(i >= rng.choice([0, 1, 1, layers // 2])) for i in range(layers)],
        M + "vocab_size": rng.choice([640, 1280]), M + "mtp_num_layers": mtp,
        M + "share_embeddings_and_output_weights": rng.random() < 0.25,
        M + "normalization": rng.choice(["RMSNorm", "RMSNorm", "LayerNorm"]),
        M + "qk_layernorm": rng.random() < 0.8, M + "add_bias_linear": biased,
        M + "gated_linear_unit": rng.random() < 0.85,
        P + "tensor_model_parallel_size": tp, P + "pipeline_model_parallel_size": pp,
        P + "context_parallel_size": cp, P + "expert_model_parallel_size": ep, P + "expert_tensor_parallel_size": etp,
        P + "sequence_parallel": tp > 1,
        "train.micro_batch_size": 1, "train.global_batch_size": 48 * world,
        "recompute.recompute_granularity": None,
    }
    changes["tokenizer.vocab_size"] = changes[M + "vocab_size"]
    if base == "lora":
        changes[P + "context_parallel_size"] = 1
    if biased:
        changes |= {M + "bias_activation_fusion": False, M + "bias_dropout_fusion": False}
    if rng.random() < 0.1:
        changes |= {M + "num_moe_experts": None, M + "moe_shared_expert_intermediate_size": None,
                    M + "moe_ffn_hidden_size": None, M + "moe_grouped_gemm": False, P + "expert_model_parallel_size": 1,
                    P + "expert_tensor_parallel_size": 1}
    if pp > 1 and rng.random() < 0.7:
        changes[P + "pipeline_model_parallel_layout"] = layout(rng, layers, pp, mtp or 0)
    if base == "lora":
        targets = rng.choice([["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"],
                              ["linear_fc1", "linear_fc2"], ["linear_proj", "linear_fc2"],
                              ["*.mlp.shared_experts.linear_fc1", "linear_kv_down_proj"]])
        dora = rng.random() < 0.3 and not any("fc" in target for target in targets)
        changes |= {"peft.target_modules": targets, "peft.dim": 8, "peft.peft_scheme": "dora" if dora else "lora"}
    return base, changes


def layout(rng, layers, pp, mtp):
    """A random custom layout; now and then an interleaved one."""
    chunks = pp * (2 if layers >= 2 * pp and rng.random() < 0.4 else 1)
    cuts = sorted(rng.sample(range(1, layers), chunks - 1))
    counts = [b - a for a, b in zip([0] + cuts, cuts + [layers])]
    stages = ["t" * count for count in counts]
    stages[0] = "E" + stages[0]
    stages[-1] += "m" * mtp + "L"
    return "|".join(stages)


def ranks(config):
    """What each pipeline rank holds, by the real model build."""
    start = phases.Start(config, full_depth=True)
    for name, step in (("V", start.validate), ("I", start.initialize), ("T", start.tokenizer), ("B", start.build)):
        start.phase = name
        with contextlib.redirect_stdout(io.StringIO()):
            step()
    result = []
    for place, chunks in enumerate(start.models):
        parameters = [p for chunk in chunks for p in chunk.parameters()]
        result.append({
            "pp": place,
            "parameters": sum(p.numel() for p in parameters),
            "trained": sum(p.numel() for p in parameters if p.requires_grad),
            "experts": sum(p.numel() for p in parameters if not getattr(p, "allreduce", True)),
        })
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--count", type=int, default=120)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    bases = base_configs.load()
    refused = collections.Counter()
    kept = 0
    with open(FIXTURE, "w") as out:
        while kept < options.count:
            base, changes = draw(rng)
            try:
                found = ranks(base_configs.changed(bases[base], changes))
            except Exception as error:  # noqa: BLE001  Whatever is raised is a refusal.
                refused[f"{type(error).__name__}: {error}"[:90]] += 1
                continue
            kept += 1
            out.write(json.dumps({"base": base, "set": changes, "ranks": found}, separators=(",", ":")) + "\n")
    for reason, count in refused.most_common(8):
        print(count, reason, file=sys.stderr)


if __name__ == "__main__":
    main()
