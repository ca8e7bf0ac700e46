"""Compares the training engine's speed with PyTorch, both programs in turn within the same minutes.

    swift build -c release --product engine-benchmark
    python Tests/Reference/engine_benchmark.py .build/release/engine-benchmark [mini|tiny] [rounds] [--stock-muon SECONDS]
    python Tests/Reference/engine_benchmark.py .build/release/engine-benchmark [mini|tiny] [rounds] --bf16

PyTorch runs transformers' DeepseekV3ForCausalLM (eager attention) with AdamW, the same with torch.optim.Muon on the
matrices, and the fastest form that was found by hand: grouped experts and fused attention. Steps are whole ones: forward,
backward, clipping, optimizer.

torch.optim.Muon iterates in bf16, which a processor without such instructions emulates at a hundredth of its speed. So it
is timed with that one type replaced by fp32, which is the harder comparison there, and as what our Muon computes in. Stock
Muon itself gets one step of at most so many seconds with --stock-muon.

With --bf16 ours is the run in bf16, and PyTorch's forms, all with AdamW, are those two in fp32, under bf16 autocast, and with
the whole model in bf16, of which the fastest counts. Works with transformers 4.57 and 5.
"""

import argparse
import re
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM
from transformers.models.deepseek_v3 import modeling_deepseek_v3 as modeling

from engine_reference import muon_class


def config(shape, attention):
    mini = shape == "mini"
    return DeepseekV3Config(
        vocab_size=4096 if mini else 1024, hidden_size=256 if mini else 128, intermediate_size=1408 if mini else 512,
        moe_intermediate_size=176 if mini else 64, num_hidden_layers=6 if mini else 4, num_attention_heads=4,
        num_key_value_heads=4, n_shared_experts=2, n_routed_experts=32 if mini else 8,
        num_experts_per_tok=6 if mini else 2, n_group=1, topk_group=1, routed_scaling_factor=2.446,
        first_k_dense_replace=1, kv_lora_rank=128 if mini else 64, q_lora_rank=None,
        qk_nope_head_dim=64 if mini else 32, qk_rope_head_dim=32 if mini else 16, v_head_dim=64 if mini else 32,
        rope_theta=50000.0, max_position_embeddings=8192, rms_norm_eps=1e-5, use_cache=False,
        attn_implementation=attention)


class GroupedExperts(torch.nn.Module):
    """All experts in three tensors, one sorted pass over the tokens, no mask of tokens by experts."""

    def __init__(self, moe):
        super().__init__()
        if hasattr(moe.experts, "gate_up_proj"):  # transformers 5 has them so.
            self.gate_up, self.down = moe.experts.gate_up_proj, moe.experts.down_proj
            return
        self.gate_up = torch.nn.Parameter(torch.stack(
            [torch.cat([e.gate_proj.weight, e.up_proj.weight]) for e in moe.experts]).detach())
        self.down = torch.nn.Parameter(torch.stack([e.down_proj.weight for e in moe.experts]).detach())

    def forward(self, x, indices, weights):
        flat = indices.flatten()
        order = flat.argsort(stable=True)
        token = order // indices.shape[1]
        counts = flat.bincount(minlength=len(self.down)).tolist()
        rows = x[token].split(counts)
        scale = weights.flatten()[order].unsqueeze(-1).split(counts)
        outputs = []
        for index, (part, w) in enumerate(zip(rows, scale)):
            if len(part) == 0:
                continue
            gate, up = F.linear(part, self.gate_up[index]).chunk(2, -1)
            outputs.append(F.linear((F.silu(gate) * up * w).to(gate.dtype), self.down[index]))
        outputs = torch.cat(outputs)
        return torch.zeros_like(x, dtype=outputs.dtype).index_add_(0, token, outputs).to(x.dtype)


def group_experts(model):
    for layer in model.model.layers:
        if isinstance(layer.mlp, modeling.DeepseekV3MoE):
            layer.mlp.experts = GroupedExperts(layer.mlp)
            layer.mlp.moe = layer.mlp.experts.forward


class Trainer:
    def __init__(self, shape, kind):
        torch.manual_seed(1)
        self.is_autocast = kind.endswith("autocast")
        self.model = DeepseekV3ForCausalLM(config(shape, "sdpa" if kind.startswith("best") else "eager"))
        if kind.startswith("best"):
            group_experts(self.model)
        if kind.endswith("bf16"):
            self.model.bfloat16()
        named = list(self.model.named_parameters())
        matrix = lambda n, p: p.ndim == 2 and "embed_tokens" not in n and "lm_head" not in n
        self.optimizers = []
        if kind in ("muon fp32", "muon stock"):
            self.optimizers.append((muon_class() if kind == "muon fp32" else torch.optim.Muon)(
                [p for n, p in named if matrix(n, p)], lr=1e-4, adjust_lr_fn="match_rms_adamw"))
            named = [(n, p) for n, p in named if not matrix(n, p)]
        self.optimizers.append(torch.optim.AdamW([p for _, p in named], lr=1e-4, betas=(0.9, 0.95), fused=True))
        self.batch, self.length = (4, 256) if shape == "mini" else (2, 64)
        self.vocabulary = self.model.config.vocab_size

    def step(self):
        tokens = torch.randint(self.vocabulary, (self.batch, self.length + 1))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.is_autocast):
            logits = self.model(input_ids=tokens[:, :-1], use_cache=False).logits.float()
            loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()


def timed(trainer, steps):
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        trainer.step()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2] * 1000


def stock_muon_step(shape, limit):
    """Seconds of a whole step with Muon as torch has it, in a process that can be ended; None where they are more."""
    arguments = [sys.executable, __file__, "", shape, "--one-stock-step"]
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=limit, check=True)
    except subprocess.TimeoutExpired:
        return None
    return float(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("shape", nargs="?", default="mini", choices=["mini", "tiny"])
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--steps", type=int, help="of each turn")
    parser.add_argument("--stock-muon", type=float, metavar="SECONDS")
    parser.add_argument("--one-stock-step", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    shape, rounds = options.shape, options.rounds
    torch.set_num_threads(2)
    if options.one_stock_step:
        print(timed(Trainer(shape, "muon stock"), 1) / 1000)
        return
    steps = options.steps or (5 if shape == "mini" else 40)
    kinds = ["eager", "best", "muon fp32"]
    if options.bf16:
        kinds = ["eager", "best", "eager autocast", "best autocast", "eager bf16", "best bf16"]
    trainers = {kind: Trainer(shape, kind) for kind in kinds}
    for trainer in trainers.values():
        trainer.step()
    ratios = {kind: [] for kind in kinds}
    ours = {}
    for _ in range(rounds):
        for optimizer in ("adam",) if options.bf16 else ("adam", "muon"):
            line = subprocess.run(
                [options.binary, shape, optimizer, str(steps), "2", "bf16" if options.bf16 else "fp32"],
                capture_output=True, text=True).stdout.strip()
            print(line)
            ours[optimizer] = float(re.search(r"median ([0-9.]+) ms", line).group(1))
        for kind in kinds:
            found = timed(trainers[kind], steps)
            ratio = found / ours["muon" if kind.startswith("muon") else "adam"]
            ratios[kind].append(ratio)
            print(f"torch {shape} {kind}: median {found:.1f} ms, {ratio:.2f} times ours", flush=True)
    for kind, values in ratios.items():
        print(f"{shape} {kind}: {sorted(values)[len(values) // 2]:.2f} times our time per step (median of {rounds};"
              f" least {min(values):.2f}, most {max(values):.2f})")
    if options.stock_muon:
        found = stock_muon_step(shape, options.stock_muon)
        text = f"{found:.1f} s" if found else f"more than {options.stock_muon:.0f} s"
        ratio = (found or options.stock_muon) * 1000 / ours["muon"]
        print(f"{shape} stock torch.optim.Muon, one step: {text}, {'' if found else 'more than '}{ratio:.0f} times ours")


if __name__ == "__main__":
    main()
