"""Writes Tests/Fixtures/estimation/megatron.jsonl: what Megatron-LM's own functions say of random configs.

    python megatron_reports.py --megatron-lm DIR [--seed 8] [--count 120]

DIR is a checkout of github.com/NVIDIA/Megatron-LM. Two of its functions run as they are, on arguments made from a
launch config: `theoretical_memory_usage.py` and `num_floating_point_operations` of `training.py`. A line:
{"set": {dotted path: value}, "num_microbatches", "weights_and_optimizer", "activations" (bytes), "flops" (one step)}.
"""

import argparse
import json
import math
import random
import re
import types
from pathlib import Path

import base_configs

FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "estimation" / "megatron.jsonl"
M, P = "model.", "parallelism."


def functions(root):
    """The two functions' modules, without the packages around them."""
    context = {"math": math, "is_hybrid_model": lambda args: False, "print_rank_0": lambda *_: None,
               "is_linear_attention_variant": lambda variant: False}
    memory = (Path(root) / "megatron/training/theoretical_memory_usage.py").read_text()
    exec(memory.replace("from .utils import is_hybrid_model, print_rank_0", ""), context)
    training = (Path(root) / "megatron/training/training.py").read_text()
    exec(re.search(r"^def num_floating_point_operations\(.*?(?=^def )", training, re.M | re.S).group(0), context)
    return context


def draw(rng):
    layers = rng.choice([4, 6, 8, 12, 24])
    tp, pp, cp = rng.choice([1, 2, 4, 8]), rng.choice([1, 2, 4]), rng.choice([1, 1, 2])
    ep, etp = rng.choice([1, 2, 4, 8]), rng.choice([1, 1, 2])
    world = math.lcm(tp * pp * cp, ep * etp * pp) * rng.choice([1, 2, 4])
    mla = rng.random() < 0.8
    moe = rng.random() < 0.85
    vp = 2 if pp > 1 and rng.random() < 0.4 and layers % (2 * pp) == 0 else None
    data = world // (tp * pp * cp)
    micro = rng.choice([1, 2, 4])
    return {
        "cluster.num_nodes": world, "cluster.gpus_per_node": 1,
        M + "num_layers": layers, M + "hidden_size": rng.choice([512, 1024, 2048, 7168]),
        M + "ffn_hidden_size": rng.choice([1408, 4096, 11264]), M + "num_attention_heads": rng.choice([16, 32, 64]),
        M + "num_query_groups": None, M + "kv_channels": rng.choice([64, 128]), M + "multi_latent_attention": mla,
        M + "q_lora_rank": rng.choice([None, 512, 1536]), M + "kv_lora_rank": rng.choice([256, 512]),
        M + "qk_head_dim": rng.choice([64, 128]), M + "qk_pos_emb_head_dim": rng.choice([32, 64]),
        M + "v_head_dim": rng.choice([64, 128]),
        M + "num_moe_experts": rng.choice([8, 64, 256]) if moe else None,
        M + "moe_router_topk": rng.choice([1, 2, 6, 8]),
        M + "moe_ffn_hidden_size": rng.choice([768, 1408, 2048]),
        M + "moe_shared_expert_intermediate_size": rng.choice([None, 1408, 2816]) if moe else None,
        M + "moe_layer_freq": rng.choice([[0] + [1] * (layers - 1), 1, 2]),
        M + "mtp_num_layers": rng.choice([None, None, 1, 2]),
        M + "normalization": rng.choice(["RMSNorm", "LayerNorm"]), M + "add_bias_linear": rng.random() < 0.2,
        M + "gated_linear_unit": rng.random() < 0.8, M + "vocab_size": rng.choice([32000, 129280, 163840]),
        M + "share_embeddings_and_output_weights": rng.random() < 0.3, M + "seq_length": rng.choice([2048, 4096, 8192]),
        P + "tensor_model_parallel_size": tp, P + "pipeline_model_parallel_size": pp,
        P + "virtual_pipeline_model_parallel_size": vp, P + "context_parallel_size": cp,
        P + "expert_model_parallel_size": ep, P + "expert_tensor_parallel_size": etp,
        P + "sequence_parallel": tp > 1 and rng.random() < 0.8,
        "train.micro_batch_size": micro, "train.global_batch_size": micro * data * rng.choice([1, 2, 3, 8]),
        "optimizer.use_distributed_optimizer": (sharded := rng.random() < 0.8),
        "ddp.use_distributed_optimizer": sharded,
        "recompute.recompute_granularity": rng.choice(["selective", "selective", None]),
    }


def arguments(config):
    """Megatron-LM's arguments of a launch config."""
    model, parallelism, train = config["model"], config["parallelism"], config["train"]
    names = ("num_layers hidden_size ffn_hidden_size num_attention_heads num_query_groups kv_channels "
             "multi_latent_attention q_lora_rank kv_lora_rank qk_head_dim qk_pos_emb_head_dim v_head_dim "
             "moe_router_topk moe_ffn_hidden_size moe_shared_expert_intermediate_size moe_layer_freq mtp_num_layers "
             "normalization add_bias_linear seq_length").split()
    args = types.SimpleNamespace(**{name: model[name] for name in names})
    args.num_experts = model["num_moe_experts"]
    args.swiglu = model["gated_linear_unit"]
    args.padded_vocab_size = model["vocab_size"]
    args.untie_embeddings_and_output_weights = not model["share_embeddings_and_output_weights"]
    args.group_query_attention = False
    args.moe_latent_size = None
    args.experimental_attention_variant = None
    args.attention_output_gate = False
    for name in ("tensor_model_parallel_size", "pipeline_model_parallel_size", "virtual_pipeline_model_parallel_size",
                 "expert_model_parallel_size", "expert_tensor_parallel_size", "sequence_parallel"):
        setattr(args, name, parallelism[name])
    cluster = config["cluster"]
    args.world_size = cluster["num_nodes"] * cluster["gpus_per_node"]
    args.data_parallel_size = args.world_size // (
        args.tensor_model_parallel_size * args.pipeline_model_parallel_size * parallelism["context_parallel_size"])
    args.micro_batch_size = train["micro_batch_size"]
    args.use_distributed_optimizer = config["optimizer"]["use_distributed_optimizer"]
    args.recompute_granularity = config["recompute"]["recompute_granularity"]
    return args


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megatron-lm", required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--count", type=int, default=120)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    real = functions(options.megatron_lm)
    base = base_configs.load()["pretrain"]
    with open(FIXTURE, "w") as out:
        for _ in range(options.count):
            changes = draw(rng)
            config = base_configs.changed(base, changes)
            args = arguments(config)
            microbatches = config["train"]["global_batch_size"] // (args.micro_batch_size * args.data_parallel_size)
            with_sp = args.sequence_parallel and args.recompute_granularity == "selective"
            activation = real["compute_activation_memory" if with_sp else "compute_activation_memory_without_sp"]
            record = {
                "set": changes, "num_microbatches": microbatches,
                "weights_and_optimizer": real["compute_weight_and_optimizer_memory"](args),
                "activations": activation(args, num_microbatches=microbatches),
                "flops": real["num_floating_point_operations"](args, config["train"]["global_batch_size"]),
            }
            out.write(json.dumps(record, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
