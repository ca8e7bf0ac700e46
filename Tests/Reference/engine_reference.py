"""Reference values for the training engine, from the real transformers and torch.

    python Tests/Reference/engine_reference.py Tests/Fixtures/engine [--only PREFIX]

--only writes those fixtures alone whose names begin so (`curve`, `adapter_dora`, ...).

Other cases, of random shapes, are made and checked by

    python Tests/Reference/engine_reference.py /tmp/held-out --random 20 --seed 7
    ENGINE_FIXTURES=/tmp/held-out swift test --filter 'ReferenceModelTests|LossCurveTests'

Needs transformers 4.57.6, torch and megatron-core 0.16.1. Every case is a tiny random DeepSeek-V3 model. Weights and
tokens come from a small generator (SplitMix64) that the Swift tests have too, so a fixture holds results alone: one
JSON file per case, and a .bin file with the logits and all gradients as little-endian fp32 in the order that the JSON
names. The smallest gap between a chosen and an unchosen expert is checked: a choice within rounding of a tie would
make any comparison meaningless.
"""

import argparse
import inspect
import json
import math
import pathlib
import random

import numpy as np
import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

MASK = (1 << 64) - 1


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def split_mix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def uniform(name, seed, count):
    """`count` values in [-1, 1), multiples of 2^-23."""
    stream = split_mix(fnv1a(name) ^ seed)
    return torch.tensor([(next(stream) >> 40) / float(1 << 23) - 1.0 for _ in range(count)], dtype=torch.float64)


def fill(name, shape, seed, latent_scale):
    values = uniform(name, seed, math.prod(shape)).reshape(shape)
    if name.endswith("e_score_correction_bias"):
        values = values * 0.125
    elif len(shape) == 1:
        values = 1 + values * 0.25
    elif "embed_tokens" in name or "lm_head" in name:
        values = values * 0.5
    else:
        values = values * (1.5 / math.sqrt(shape[1]))
        if "kv_a_proj" in name:
            values = values * latent_scale
    return values.float()


def tokens(name, seed, count, vocabulary):
    stream = split_mix(fnv1a(name) ^ seed)
    return torch.tensor([(next(stream) >> 33) % vocabulary for _ in range(count)], dtype=torch.long)


BASE = dict(
    vocab_size=64, hidden_size=32, intermediate_size=48, moe_intermediate_size=16, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, n_shared_experts=2, n_routed_experts=8, num_experts_per_tok=3,
    n_group=1, topk_group=1, routed_scaling_factor=2.446, norm_topk_prob=True, first_k_dense_replace=1,
    kv_lora_rank=16, q_lora_rank=None, qk_nope_head_dim=16, qk_rope_head_dim=8, v_head_dim=16, rope_theta=50000.0,
    max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=False, attention_bias=False,
    initializer_range=0.02,
)

YARN = dict(type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=32, beta_slow=1, mscale=1.0)

CASES = {
    "plain": dict(config={}, batch=(2, 24)),
    "query_latent": dict(config=dict(q_lora_rank=12, v_head_dim=12, qk_nope_head_dim=20), batch=(2, 20)),
    "yarn": dict(
        config=dict(rope_scaling=dict(YARN, mscale_all_dim=0.7), max_position_embeddings=64), batch=(1, 40)),
    "yarn_without_mscale_all_dim": dict(
        config=dict(rope_scaling=dict(YARN, mscale_all_dim=0.0), q_lora_rank=8, max_position_embeddings=64),
        batch=(1, 33)),
    "groups": dict(
        config=dict(n_routed_experts=16, num_experts_per_tok=4, n_group=4, topk_group=2, first_k_dense_replace=0),
        batch=(2, 16)),
    "small_latent": dict(config={}, batch=(2, 16), latent_scale=1e-3),
    "tied": dict(config=dict(tie_word_embeddings=True), batch=(3, 11)),
    "long": dict(
        config=dict(norm_topk_prob=False, n_shared_experts=1, num_attention_heads=3, num_key_value_heads=3,
                    v_head_dim=10, num_hidden_layers=3, n_routed_experts=5, num_experts_per_tok=2),
        batch=(1, 150)),
    "packed": dict(config={}, batch=(2, 80), segments=[[30, 50], [70, 7, 3]], masked=True),
    "balance": dict(config=dict(n_group=2, topk_group=1), batch=(3, 20), aux=0.01),
}


def build(case, seed):
    config = DeepseekV3Config(**{**BASE, **case["config"]}, attn_implementation="eager")
    model = DeepseekV3ForCausalLM(config).float()
    scale = case.get("latent_scale", 1.0)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if not name.endswith("inv_freq"):
                tensor.copy_(fill(name, list(tensor.shape), seed, scale))
    model.eval()
    return config, model


def batch(case, config, seed, name):
    count, length = case["batch"]
    stream = tokens(name, seed, count * (length + 1), config.vocab_size).reshape(count, length + 1)
    mask = torch.ones(count, length)
    if case.get("masked"):
        mask = (torch.arange(count * length).reshape(count, length) % 5 != 2).float()
    return stream[:, :-1].contiguous(), stream[:, 1:].contiguous(), mask


def attention_inputs(case):
    """Position ids and a block-diagonal causal mask for packed samples."""
    if "segments" not in case:
        return {}
    count, length = case["batch"]
    positions = torch.cat([torch.arange(size) for row in case["segments"] for size in row]).reshape(count, length)
    mask = torch.full((count, 1, length, length), torch.finfo(torch.float32).min)
    for index, row in enumerate(case["segments"]):
        start = 0
        for size in row:
            block = torch.full((size, size), torch.finfo(torch.float32).min).triu(1)
            mask[index, 0, start:start + size, start:start + size] = block
            start += size
    return dict(position_ids=positions, attention_mask=mask)


class Routers:
    """Hooks that record the smallest gap between chosen and unchosen experts, and the scores."""

    def __init__(self, model):
        self.gap = math.inf
        self.scores = []
        for module in model.modules():
            if type(module).__name__ == "DeepseekV3TopkRouter":
                module.register_forward_hook(self.record)

    def record(self, module, inputs, output):
        logits = torch.nn.functional.linear(inputs[0].reshape(-1, module.weight.shape[1]), module.weight)
        scores = logits.sigmoid()
        self.scores.append((module, scores))
        choice = (scores + module.e_score_correction_bias).detach()
        if module.n_group > 1:
            groups = choice.view(len(choice), module.n_group, -1).topk(2)[0].sum(-1).sort(descending=True)[0]
            self.gap = min(self.gap, (groups[:, module.topk_group - 1] - groups[:, module.topk_group]).min().item())
            allowed = torch.zeros_like(choice)
            allowed.scatter_(1, output[0], 1.0)
            chosen = choice.gather(1, output[0]).min(1)[0]
            size = choice.shape[1] // module.n_group
            reached = allowed.view(len(choice), module.n_group, size).sum(-1, keepdim=True) > 0
            rest = choice.masked_fill(allowed.bool(), -9).view(len(choice), module.n_group, size)
            rest = rest.masked_fill(~reached, -9).view(len(choice), -1).max(1)[0]
            self.gap = min(self.gap, (chosen - rest).min().item())
        elif module.top_k < choice.shape[1]:
            ordered = choice.sort(dim=-1, descending=True)[0]
            self.gap = min(self.gap, (ordered[:, module.top_k - 1] - ordered[:, module.top_k]).min().item())

    def balance_loss(self, case, coefficient):
        """Megatron's own function on the scores of transformers' routers."""
        from megatron.core.transformer.moe.moe_utils import (
            compute_routing_scores_for_aux_loss, switch_load_balancing_loss_func)
        count, length = case["batch"]
        total = 0.0
        for module, scores in self.scores:
            logits = torch.logit(scores)
            routing_map, normalised = compute_routing_scores_for_aux_loss(logits, module.top_k, "sigmoid")
            experts = module.n_routed_experts
            # [sequence, position] here, [position, sequence] in Megatron.
            normalised = normalised.view(count, length, experts).transpose(0, 1).reshape(length, -1)
            routing_map = routing_map.view(count, length, experts).transpose(0, 1).reshape(length, -1)
            total = total + switch_load_balancing_loss_func(
                normalised, routing_map.sum(0), length, module.top_k, experts, coefficient) / count
        return total


def finite(gap):
    """JSON has no infinity, which is the gap of a model without routers."""
    return gap if math.isfinite(gap) else None


def loss_of(case, model, inputs, targets, mask):
    logits = model(input_ids=inputs, use_cache=False, **attention_inputs(case)).logits
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return logits, (losses * mask.flatten()).sum() / mask.sum()


def forward_case(name, case, seed, out):
    config, model = build(case, seed)
    routers = Routers(model)
    inputs, targets, mask = batch(case, config, seed, "tokens")
    logits, loss = loss_of(case, model, inputs, targets, mask)
    aux = routers.balance_loss(case, case["aux"]) if "aux" in case else None
    (loss if aux is None else loss + aux).backward()
    assert routers.gap > 2e-5, (name, routers.gap)
    gradients = {n: p.grad if p.grad is not None else torch.zeros_like(p) for n, p in model.named_parameters()}
    sections = [("logits", logits.detach())] + sorted(gradients.items())
    (out / f"{name}.bin").write_bytes(b"".join(t.contiguous().numpy().astype("<f4").tobytes() for _, t in sections))
    layers = config.num_hidden_layers - config.first_k_dense_replace
    description = dict(
        seed=seed, config={**BASE, **case["config"]}, sequences=case["batch"][0], length=case["batch"][1],
        latent_scale=case.get("latent_scale", 1.0), segments=case.get("segments"), masked=case.get("masked", False),
        aux_coefficient=case.get("aux", 0.0), loss=loss.item(),
        aux_loss=None if aux is None else aux.item() / layers,
        gradient_norm=math.sqrt(sum(g.double().square().sum().item() for g in gradients.values())),
        routing_gap=finite(routers.gap),
        sections=[dict(name=n, count=t.numel()) for n, t in sections])
    (out / f"{name}.json").write_text(json.dumps(description, indent=1) + "\n")


def muon_class():
    """torch's own Muon, with its Newton-Schulz iteration in fp32 instead of bf16."""
    module = torch.optim._muon
    if "in_fp32" not in module.__dict__:
        source = inspect.getsource(module._zeropower_via_newtonschulz).replace("torch.bfloat16", "torch.float32")
        exec(source, module.__dict__)
        module.in_fp32 = True
    return torch.optim.Muon


def train(case, seed, optimizer_name, steps, lr, decay, clip, micro_batches, nudge=0.0):
    """Losses and gradient norms; `nudge` changes every weight by so much of itself, up or down."""
    config, model = build(case, seed)
    routers = Routers(model)
    named = list(model.named_parameters())
    with torch.no_grad():
        generator = torch.Generator().manual_seed(seed)
        for _, parameter in named if nudge else []:
            parameter.mul_(1 + nudge * torch.randint(-1, 2, parameter.shape, generator=generator))
    if optimizer_name == "muon":
        is_muon = lambda n, p: p.ndim == 2 and "embed_tokens" not in n and "lm_head" not in n
        rest = [(n, p) for n, p in named if not is_muon(n, p)]
        optimizers = [muon_class()([p for n, p in named if is_muon(n, p)], lr=lr, weight_decay=decay, momentum=0.95,
                                   adjust_lr_fn="match_rms_adamw")]
    else:
        rest, optimizers = named, []
    groups = [dict(params=[p for _, p in rest if p.ndim > 1], weight_decay=decay),
              dict(params=[p for _, p in rest if p.ndim == 1], weight_decay=0.0)]
    if optimizer_name == "sgd":
        optimizers.append(torch.optim.SGD(groups, lr=lr, momentum=0.9))
    else:
        optimizers.append(torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), eps=1e-8))
    losses, norms = [], []
    for step in range(steps):
        for _, parameter in named:
            # Megatron's gradient buffers hold zeros for an expert without tokens.
            parameter.grad = torch.zeros_like(parameter)
        total = 0.0
        for index in range(micro_batches):
            inputs, targets, mask = batch(case, config, seed, f"step {step % 4} {index}")
            loss = loss_of(case, model, inputs, targets, mask)[1]
            (loss / micro_batches).backward()
            total += loss.item() / micro_batches
        losses.append(total)
        norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in named], clip).item())
        for optimizer in optimizers:
            optimizer.step()
    return losses, norms, routers.gap


def curve(name, case, seed, optimizer_name, steps, out, lr=3e-3, decay=0.1, clip=1.0, micro_batches=1,
          is_random=False):
    if not wanted(f"curve_{name}"):
        return
    losses, norms, gap = train(case, seed, optimizer_name, steps, lr, decay, clip, micro_batches)
    assert gap > 2e-6, (name, gap)
    if is_random:
        # A run that the last bit of its weights moves by more than a fraction of the tolerance compares nothing.
        others = train(case, seed, optimizer_name, steps, lr, decay, clip, micro_batches, nudge=1e-7)
        for first, second, tolerance in ((losses, others[0], 2e-5), (norms, others[1], 2e-4)):
            assert all(abs(a - b) < tolerance * a for a, b in zip(first, second)), (name, first, second)
    config = {**BASE, **case["config"]}
    (out / f"curve_{name}.json").write_text(json.dumps(dict(
        seed=seed, config=config, sequences=case["batch"][0], length=case["batch"][1],
        latent_scale=case.get("latent_scale", 1.0), optimizer=optimizer_name, lr=lr, weight_decay=decay, clip=clip,
        micro_batches=micro_batches, routing_gap=finite(gap), losses=losses, gradient_norms=norms), indent=1) + "\n")


class Mask(torch.nn.Module):
    """Dropout by the engine's rule: an element's fate follows from its place, the step and the adapter's name."""

    def __init__(self, target, probability, seed):
        super().__init__()
        self.target, self.probability, self.seed, self.step = target, probability, seed, 0

    @staticmethod
    def mix(value):
        z = value + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def forward(self, x):
        rows, columns = x.numel() // x.shape[-1], x.shape[-1]
        with np.errstate(over="ignore"):
            key = self.mix(self.mix(np.uint64(self.seed) + np.uint64(self.step)) + np.uint64(0))
            row_keys = self.mix(key ^ self.mix(np.uint64(fnv1a(self.target)) + np.arange(rows, dtype=np.uint64)))
            pairs = np.arange((columns + 1) // 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            bits = self.mix(row_keys[:, None] + pairs[None, :])
        halves = np.stack([bits & np.uint64(0xFFFFFFFF), bits >> np.uint64(32)], axis=-1).reshape(rows, -1)[:, :columns]
        kept = torch.from_numpy(halves >= np.uint64(round(self.probability * 2**32))).float()
        return x * kept.reshape(x.shape) / (1 - self.probability)


def put_masks(model, probability, position, seed):
    """In place of peft's dropout; `post` (Megatron's, behind both matrices) hangs on the second one."""
    masks = []
    for name, module in model.named_modules():
        if not hasattr(module, "lora_dropout"):
            continue
        masks.append(Mask(name.removeprefix("base_model.model.") + ".weight", probability, seed))
        if position == "pre":
            module.lora_dropout["default"] = masks[-1]
        else:
            module.lora_B["default"].register_forward_hook(lambda _, inputs, output, mask=masks[-1]: mask(output))
    return masks


def adapter_curve(
    name, case, seed, targets, dora, steps, out, lr=1e-2, decay=0.1, clip=1.0, dropout=0.0, position="pre"
):
    """Real peft on the frozen model: 20 AdamW steps, then the adapters."""
    if not wanted(f"adapter_{name}"):
        return
    from peft import LoraConfig, get_peft_model
    config, model = build(case, seed)
    routers = Routers(model)
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=6, target_modules=targets, use_dora=dora))
    model.train(dropout > 0)
    masks = put_masks(model, dropout, position, seed) if dropout > 0 else []
    adapters = {n.replace(".default", "").replace("magnitude_vector.weight", "magnitude_vector"): p
                for n, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for key, parameter in adapters.items():
            if "lora_A" in key or "lora_B" in key:
                scale = 1 / math.sqrt(parameter.shape[1]) if "lora_A" in key else 0.1
                parameter.copy_(uniform(key, seed, parameter.numel()).reshape(parameter.shape) * scale)
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in adapters.values() if p.ndim > 1], weight_decay=decay),
         dict(params=[p for p in adapters.values() if p.ndim == 1], weight_decay=0.0)],
        lr=lr, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for step in range(steps):
        for parameter in adapters.values():
            parameter.grad = torch.zeros_like(parameter)
        for module in masks:
            module.step = step
        inputs, tokens_after, mask = batch(case, config, seed, f"step {step % 4} 0")
        loss = loss_of(case, model, inputs, tokens_after, mask)[1]
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(list(adapters.values()), clip)
        optimizer.step()
    assert routers.gap > 2e-6, (name, routers.gap)
    sections = sorted((k, p.detach()) for k, p in adapters.items())
    (out / f"adapter_{name}.bin").write_bytes(
        b"".join(p.contiguous().numpy().astype("<f4").tobytes() for _, p in sections))
    bases = sorted({k.removeprefix("base_model.model.").rsplit(".lora_", 1)[0] + ".weight" for k in adapters})
    (out / f"adapter_{name}.json").write_text(json.dumps(dict(
        seed=seed, config={**BASE, **case["config"]}, sequences=case["batch"][0], length=case["batch"][1],
        latent_scale=1.0, optimizer="adam", lr=lr, weight_decay=decay, clip=clip, dora=dora, targets=bases,
        dropout=dropout, dropout_position=position, losses=losses, sections=[dict(name=k, count=p.numel()) for k, p in sections]), indent=1) + "\n")


only = ""


def wanted(name):
    return name.startswith(only)


def with_clear_routing(make, first_seed=1):
    """The first seed for which no choice of an expert is near a tie."""
    for seed in range(first_seed, first_seed + 60):
        try:
            return make(seed)
        except AssertionError:
            continue
    raise SystemExit("no seed keeps clear of ties and of chaos")


def random_case(draw):
    """A shape that DeepseekV3ForCausalLM can have, with every optional part in half of the cases or so."""
    heads = draw.choice([1, 2, 3, 4, 5])
    layers = draw.choice([1, 2, 3])
    groups, top_groups = draw.choice([(1, 1), (1, 1), (2, 1), (4, 2), (8, 4)])
    # A group counts by its two best experts.
    experts = groups * draw.choice([2, 3, 4]) if groups > 1 else draw.choice([4, 6, 9, 16])
    length = draw.choice([1, 2, 5, 17, 32, 70, 130])
    normalised = draw.random() < 0.7
    config = dict(
        vocab_size=draw.choice([37, 40, 64, 101]), hidden_size=draw.choice([16, 21, 24, 40, 56]),
        intermediate_size=draw.choice([20, 48, 72]), moe_intermediate_size=draw.choice([6, 16, 25]),
        num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=heads,
        n_shared_experts=draw.choice([1, 2, 3]), n_routed_experts=experts,
        # With one normalised expert the router's gradient is nothing but rounding.
        num_experts_per_tok=draw.randint(2 if normalised else 1, min(experts // groups * top_groups, 6)), n_group=groups,
        topk_group=top_groups, routed_scaling_factor=draw.choice([1.0, 2.446, 2.5]),
        norm_topk_prob=normalised, first_k_dense_replace=draw.randint(0, layers),
        kv_lora_rank=draw.choice([2, 8, 20, 33]), q_lora_rank=draw.choice([None, 3, 16]),
        qk_nope_head_dim=draw.choice([4, 16, 18]), qk_rope_head_dim=draw.choice([2, 8, 12]),
        v_head_dim=draw.choice([4, 16, 22]), rope_theta=draw.choice([1e4, 5e4, 1e6]),
        rms_norm_eps=draw.choice([1e-5, 1e-6]), tie_word_embeddings=draw.random() < 0.3)
    if draw.random() < 0.5:
        mscale = draw.choice([0.7, 1.0])
        config["rope_scaling"] = dict(
            YARN, factor=draw.choice([2.0, 4.0, 40.0]), mscale=mscale,
            mscale_all_dim=draw.choice([0.0, mscale, 0.5]))
    return dict(config=config, batch=(draw.choice([1, 2, 3]), length), latent_scale=draw.choice([1.0, 1.0, 1e-3]))


def random_cases(count, seed, out):
    for index in range(count):
        draw = random.Random(f"{seed} {index}")
        case = random_case(draw)
        first = draw.randrange(1 << 30)
        with_clear_routing(lambda s: forward_case(f"random_{index}", case, s, out), first)
        # A tiny latent is a fine test of one pass, but twenty steps of it are chaos.
        ranks = dict(kv_lora_rank=max(8, case["config"]["kv_lora_rank"]))
        if case["config"]["q_lora_rank"]:
            ranks["q_lora_rank"] = 16
        # One token is soon known by heart, and its loss a difference of nearly equal numbers.
        length = min(max(case["batch"][1], 5), 12)
        short = dict(config={**case["config"], **ranks}, batch=(case["batch"][0], length))
        for optimizer in ("adam", "muon"):
            with_clear_routing(lambda s: curve(
                f"random_{index}_{optimizer}", short, s, optimizer, 20, out, is_random=True), first)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--random", type=int, metavar="COUNT", help="make so many cases of random shapes instead")
    parser.add_argument("--seed", type=int, default=1, help="of the random cases")
    parser.add_argument("--only", default="", metavar="PREFIX", help="write the fixtures whose names begin so")
    options = parser.parse_args()
    global only
    only = options.only
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if options.random is not None:
        return random_cases(options.random, options.seed, out)
    for name, case in CASES.items():
        if wanted(name):
            with_clear_routing(lambda seed: forward_case(name, case, seed, out))
    small = dict(CASES["plain"], batch=(2, 12))
    latent = dict(CASES["query_latent"], batch=(2, 10))
    # Two tokens a step leave experts without any.
    starved = dict(CASES["plain"], batch=(1, 2))
    with_clear_routing(lambda s: curve("adamw", small, s, "adam", 20, out))
    with_clear_routing(lambda s: curve("adamw_query_latent", latent, s, "adam", 20, out))
    with_clear_routing(lambda s: curve("adamw_starved", starved, s, "adam", 20, out))
    with_clear_routing(lambda s: curve("adamw_tied", dict(CASES["tied"], batch=(2, 12)), s, "adam", 20, out))
    with_clear_routing(lambda s: curve("adamw_micro_batches", starved, s, "adam", 20, out, micro_batches=3))
    with_clear_routing(lambda s: curve("muon", small, s, "muon", 20, out))
    with_clear_routing(lambda s: curve("muon_query_latent", latent, s, "muon", 20, out))
    with_clear_routing(lambda s: curve("muon_starved", starved, s, "muon", 20, out))
    with_clear_routing(lambda s: curve("sgd", small, s, "sgd", 20, out))
    attention = ["q_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"]
    mlp = r".*mlp\.(gate|up|down)_proj|.*shared_experts\.(gate|up)_proj|.*experts\.[0-5]\.(up|down)_proj"
    with_clear_routing(lambda s: adapter_curve("lora_attention", small, s, attention, False, 20, out))
    with_clear_routing(lambda s: adapter_curve("dora_attention", small, s, attention, True, 20, out))
    with_clear_routing(lambda s: adapter_curve("lora_mlp", small, s, mlp, False, 20, out))
    with_clear_routing(lambda s: adapter_curve(
        "dora_query_latent", latent, s, ["q_a_proj", "q_b_proj", "kv_b_proj"], True, 20, out))
    # Without routed experts: their rows are numbered by the order of dispatch.
    dense = attention + ["mlp.gate_proj", "mlp.down_proj", "shared_experts.up_proj", "shared_experts.down_proj"]
    for scheme, position in [("lora", "pre"), ("lora", "post"), ("dora", "pre")]:
        with_clear_routing(lambda s: adapter_curve(
            f"{scheme}_dropout_{position}", small, s, dense, scheme == "dora", 20, out, dropout=0.3, position=position))


if __name__ == "__main__":
    main()
