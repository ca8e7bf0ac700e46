"""Files of weights and adapters between the real transformers and peft of both generations and `moonlight-trainer`.

    python Tests/Reference/adapter_forms.py --bin .build/debug --other PYTHON [--seeds 1-6] [--only WAY] [--keep DIR]

Runs with transformers 4.57.6 or 5.24.0 and peft 0.21.2; PYTHON is one that has the other of the two. Each seed makes small
random DeepSeek-V3 models and, for every way to adapt them below, an adapter saved by peft. Then

- `export-hf` of the model that transformers saved, with experts fused and one by one, gives its logits on both generations;
- `merge` of peft's adapter gives the logits that peft computes on this generation;
- 20 steps from the adapter give the losses of peft on this generation;
- the adapter that the run saved gives, loaded by peft on either generation that the form is for, the logits of its merge, and
  so does what `export-adapter` makes of it in each form that `--peft-format` names.

What one side refuses is printed with the reason of either; what ours has to refuse is asked for last. Losses say nothing where
peft's own move by more than 2e-5 once the base's weights do by 1e-7 (a choice of experts near a tie, say): then the adapter is
drawn again, and how often is printed. PiSSA takes from the base what its singular vectors span, and peft computes those in
fp32: there ours is held against peft with them in fp64, and how far peft itself is from that is printed.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch
import transformers
from peft import EvaConfig, LoraConfig, PeftModel, get_peft_model, initialize_lora_eva_weights
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, DeepseekV3Config, DeepseekV3ForCausalLM
from transformers.utils import logging

GENERATION = int(transformers.__version__.split(".")[0])
STEPS, LR, DECAY, CLIP = 20, 1e-2, 0.1, 1.0
ATTENTION = ["q_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"]
MLP = ["gate_proj", "up_proj", "down_proj"]
# What the run's config calls the same matrices.
RUN_TARGETS = {
    "q_proj": ["linear_q_proj"], "o_proj": ["linear_proj"], "kv_a_proj_with_mqa": ["linear_kv_down_proj"],
    "kv_b_proj": ["linear_kv_up_proj"],
}

WAYS = {
    "attention": dict(target_modules=ATTENTION),
    "attention dora": dict(target_modules=ATTENTION, use_dora=True),
    "attention rslora": dict(target_modules=ATTENTION, use_rslora=True),
    "attention fractional alpha": dict(target_modules=ATTENTION, lora_alpha=5.5),
    "attention pissa": dict(target_modules=ATTENTION, init_lora_weights="pissa"),
    "attention olora": dict(target_modules=ATTENTION, init_lora_weights="olora"),
    "attention pissa dora": dict(target_modules=ATTENTION, init_lora_weights="pissa", use_dora=True),
    "attention gaussian": dict(target_modules=ATTENTION, init_lora_weights="gaussian"),
    # Started from data: ranks and alphas of their own, and a base that stays as it is.
    "attention eva": dict(target_modules=ATTENTION, init_lora_weights="eva", eva_config=EvaConfig(rho=2.0)),
    "attention orthogonal": dict(target_modules=ATTENTION, init_lora_weights="orthogonal"),
    "attention patterns": dict(
        target_modules=ATTENTION, rank_pattern={"q_proj": 2, r".*\.1\..*o_proj": 3}, alpha_pattern={"kv_b_proj": 3}),
    "one layer": dict(target_modules=ATTENTION, layers_to_transform=[1]),
    "expression": dict(target_modules=r".*layers\.[01]\.self_attn\.(q|o)_proj"),
    "mlp": dict(target_modules=MLP),
    "mlp rslora": dict(target_modules=MLP, use_rslora=True),
    "mlp and attention": dict(target_modules=ATTENTION + MLP),
    "all-linear": dict(target_modules="all-linear"),
    "down": dict(target_modules=["down_proj"]),
    "mlp dora": dict(target_modules=MLP, use_dora=True),
    "mlp pissa": dict(target_modules=MLP, init_lora_weights="pissa"),
    "dense and shared": dict(target_modules=["mlp.gate_proj", "mlp.up_proj", "shared_experts.down_proj"]),
    "some experts": dict(target_modules=["experts.0.gate_proj", "experts.1.down_proj", "q_proj"]),
    "fused parameters": dict(
        target_modules=["q_proj"], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]),
    "fused gate and up": dict(target_modules=[], target_parameters=["mlp.experts.gate_up_proj"]),
    "linear parameters": dict(
        target_modules=["q_proj"], target_parameters=["mlp.up_proj.weight", "shared_experts.up_proj.weight"]),
    "router": dict(target_modules=["q_proj"], target_parameters=["mlp.gate.weight"]),
}
# Why there is no form for transformers 5.
NO_FORM_FOR_5 = ["on modules alone", "only some of the routed experts"]
# What the config of an adapter says in addition, and what ours has to say of it. Some of them peft starts from data alone.
REFUSED = {
    "corda": (dict(), dict(init_lora_weights="corda"), "covariances of data"),
    "loftq": (dict(), dict(init_lora_weights="loftq"), "quantized"),
    "lora_ga": (dict(), dict(init_lora_weights="lora_ga"), "gradients"),
    "pissa_niter": (dict(init_lora_weights="pissa_niter_4"), dict(), "random numbers"),
    "an unknown start": (dict(), dict(init_lora_weights="xyz"), "not known"),
    "modules_to_save": (dict(modules_to_save=["lm_head"]), dict(), "modules_to_save"),
    "lora_bias": (dict(), dict(lora_bias=True), "lora_bias"),
    "bias": (dict(bias="all"), dict(), "bias"),
    "an unknown key": (dict(), dict(use_xyz=True), "not known"),
    "another kind": (dict(), dict(peft_type="VERA"), "VERA"),
}


def shape(seed):
    draw = torch.Generator().manual_seed(seed)
    pick = lambda values: values[torch.randint(len(values), (1,), generator=draw).item()]
    heads = pick([1, 2, 3])
    return DeepseekV3Config(
        vocab_size=48, hidden_size=pick([16, 24]), intermediate_size=40, moe_intermediate_size=pick([8, 12]),
        num_hidden_layers=3, num_attention_heads=heads, num_key_value_heads=heads, n_shared_experts=pick([1, 2]),
        n_routed_experts=4, num_experts_per_tok=2, n_group=1, topk_group=1, routed_scaling_factor=2.446,
        norm_topk_prob=True, first_k_dense_replace=1, kv_lora_rank=8, q_lora_rank=None, qk_nope_head_dim=8,
        qk_rope_head_dim=4, v_head_dim=8, rope_theta=50000.0, max_position_embeddings=64, rms_norm_eps=1e-5,
        bos_token_id=None, eos_token_id=None, pad_token_id=None, attn_implementation="eager")


def make_base(seed, folder):
    torch.manual_seed(seed)
    model = DeepseekV3ForCausalLM(shape(seed)).float()
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("e_score_correction_bias"):
                tensor.normal_(std=0.1)
            elif name.endswith("norm.weight"):
                tensor.normal_(mean=1, std=0.1)
            elif tensor.ndim >= 2:
                tensor.normal_(std=0.5 if "embed" in name or "lm_head" in name else tensor.shape[-1] ** -0.5)
    model.eval().save_pretrained(folder / "base", max_shard_size="20KB")
    if GENERATION == 5:
        model.save_pretrained(folder / "base-fused", save_original_format=False)


def load(folder):
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager")
    problems = {key: value for key, value in info.items() if value}
    assert not problems, f"{folder}: {problems}"
    return model.eval()


@contextlib.contextmanager
def singular_values(exact):
    """Those that peft starts PiSSA from, in fp64 where they are to be exact; peft itself takes fp32."""
    ordinary = torch.linalg.svd
    if exact:
        torch.linalg.svd = lambda matrix, **more: tuple(part.to(matrix.dtype) for part in ordinary(matrix.double(), **more))
    try:
        yield
    finally:
        torch.linalg.svd = ordinary


def logits_of(folder, adapter, tokens, exact=False):
    """What peft makes of an adapter; fails where it warns of missing or unexpected keys."""
    model = load(folder)
    if adapter:
        with warnings.catch_warnings(record=True) as said, singular_values(exact):
            warnings.simplefilter("always")
            model = PeftModel.from_pretrained(model, adapter).eval()
        for warning in said:
            text = str(warning.message)
            assert "missing" not in text and "nexpected" not in text, text[:300]
    with torch.no_grad():
        return model(tokens).logits


def train(model, tokens):
    adapters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in adapters if p.ndim > 1], weight_decay=DECAY),
         dict(params=[p for p in adapters if p.ndim == 1], weight_decay=0.0)], lr=LR, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for rows in tokens:
        for parameter in adapters:
            parameter.grad = torch.zeros_like(parameter)
        logits = model(input_ids=rows[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(adapters, CLIP)
        optimizer.step()
    return losses


class Refusal(Exception):
    pass


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Refusal((done.stderr or done.stdout).strip().splitlines()[-1][-300:])
    return done


def run_targets(adapter):
    """The run's names for the matrices that an adapter's file holds."""
    names = set()
    for key in load_file(adapter / "adapter_model.safetensors"):
        module = key.removeprefix("base_model.model.").split(".lora_")[0]
        if module.endswith(("experts", "experts.base_layer")):
            value = load_file(adapter / "adapter_model.safetensors")
            inputs = value[key.split(".lora_")[0] + ".lora_A.weight"].shape[1]
            kinds = ["gate_proj", "up_proj"] if inputs == HIDDEN else ["down_proj"]
            layer = module.split(".")[2]
            names |= {f"*.layers.{layer}.mlp.experts.*.{kind}" for kind in kinds}
        else:
            names.add("*." + module.removeprefix("model."))
    return sorted(names)


def config_file(binaries, folder, adapter, tokens):
    lora = json.loads((adapter / "adapter_config.json").read_text())
    steps, batch, length = tokens.shape[0], tokens.shape[1], tokens.shape[2] - 1
    # transformers 5 names a layer of multi-token prediction by default, of which it loads and saves nothing.
    model = [line for line in run(binaries / "moonlight", "import-hf", folder / "base").stdout.splitlines()
             if not line.lstrip().startswith(("seq_length:", "mtp_"))]
    text = "\n".join(["extends: moonlight_tiny_pretrain_config"] + model) + f"""
  seq_length: {length}
  moe_aux_loss_coeff: 0.0
  moe_grouped_gemm: false
  make_vocab_size_divisible_by: 1
recipe: {{name: {folder.name}-{adapter.name}, mode: peft, dir: {json.dumps(str(folder))}}}
train: {{train_iters: {steps}, global_batch_size: {batch}, micro_batch_size: {batch}}}
validation: {{eval_iters: 0}}
optimizer: {{optimizer: adam, lr: {LR}, min_lr: {LR}, weight_decay: {DECAY}, clip_grad: {CLIP}, adam_beta1: 0.9, adam_beta2: 0.95, adam_eps: 1.0e-08}}
scheduler: {{lr_decay_style: constant, lr_warmup_iters: 0, start_weight_decay: {DECAY}, end_weight_decay: {DECAY}}}
peft: {{peft_scheme: {"dora" if lora["use_dora"] else "lora"}, dim: {lora["r"]}, alpha: {int(lora["lora_alpha"])}, target_modules: {json.dumps(run_targets(adapter))}}}
dataset: {{kind: tokens, data_paths: [{json.dumps(str(folder / "tokens.jsonl"))}], shuffle: false, split: "1,0,0"}}
tokenizer: {{tokenizer_type: NullTokenizer, vocab_size: 47}}
checkpoint: {{pretrained_checkpoint: {json.dumps(str(folder / "base"))}, load: {json.dumps(str(adapter))}, save_interval: {steps}}}
"""
    path = folder / f"{adapter.name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def distance(found, expected):
    return ((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12)).item()


class Elsewhere:
    """The logits of a folder in the other generation, by a process that stays."""

    def __init__(self, python):
        self.process = subprocess.Popen(
            [python, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def logits(self, folder, adapter, tokens, out, exact=False):
        torch.save(tokens, out / "inputs.pt")
        request = [str(folder), str(adapter or ""), str(out / "inputs.pt"), str(out / "logits.pt"), exact]
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer:
            raise Refusal(answer)
        return torch.load(out / "logits.pt")

    @staticmethod
    def serve():
        for line in sys.stdin:
            folder, adapter, inputs, out, exact = json.loads(line)
            answer = ""
            try:
                torch.save(logits_of(folder, adapter, torch.load(inputs), exact), out)
            except Exception as error:
                answer = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
            print(json.dumps(answer), flush=True)


def disturbed(base, adapter, tokens, losses):
    """How far peft's losses move when the base's weights do by 1e-7: what rounding alone can do."""
    model = load(base)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 1e-7 * torch.randn_like(parameter))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moved = train(PeftModel.from_pretrained(model, adapter, is_trainable=True).train(), tokens)
    return max(abs(a - b) / b for a, b in zip(moved, losses))


def save_adapter(name, way, folder, attempt=0):
    """As peft starts it, and loaded again: what the folder alone determines."""
    adapter = folder / name.replace(" ", "-")
    shutil.rmtree(adapter, ignore_errors=True)
    torch.manual_seed(len(name) + 1000 * attempt)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = get_peft_model(load(folder / "base"), LoraConfig(**dict(dict(r=4, lora_alpha=6, task_type="CAUSAL_LM"), **way)))
        if way.get("init_lora_weights") == "eva":
            data = [dict(input_ids=torch.randint(0, 48, (4, 12))) for _ in range(4)]
            # peft's own way to take inputs has no place for the dimension that transformers 5 puts before kv_b_proj's tokens.
            initialize_lora_eva_weights(
                model, data, prepare_model_inputs_fn=None, show_progress_bar=False,
                prepare_layer_inputs_fn=lambda inputs, *_: inputs[0].flatten(0, -2))
        with torch.no_grad():
            for key, tensor in model.named_parameters():
                if "lora_B" in key:
                    tensor.add_(torch.randn_like(tensor) * 0.1)
        model.save_pretrained(adapter)
        return adapter, PeftModel.from_pretrained(load(folder / "base"), adapter, is_trainable=True)


def refused(name, way, more, reason, folder, binaries, tokens):
    adapter, _ = save_adapter(f"refused {name}", dict(target_modules=ATTENTION, **way), folder)
    config = adapter / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | more))
    said = []
    for command in (["merge", folder / "base", adapter, folder / "never"],
                    ["train", config_file(binaries, folder, adapter, tokens)],
                    ["generate", adapter, "--base", folder / "base", "--prompt", "a"]):
        done = subprocess.run([str(part) for part in [binaries / "moonlight-trainer", *command]], capture_output=True, text=True)
        if done.returncode == 0 or reason not in done.stderr:
            return f"WRONG {command[0]} ends with {done.returncode}: {done.stderr[-200:]}"
        said.append(done.stderr.strip().splitlines()[-1])
    if (folder / "never").exists():
        return "WRONG something was written"
    return f"right {said[0][-140:]}"


def adapt(name, way, folder, binaries, other, tokens):
    for attempt in range(30):
        try:
            adapter, model = save_adapter(name, way, folder, attempt)
        except (ValueError, AttributeError) as error:
            return f"peft: {str(error)[:110]}"
        losses = train(model.train(), tokens)
        if max(disturbed(folder / "base", adapter, tokens, losses) for _ in range(2)) < 2e-5:
            break
    else:
        return "WRONG no draw is steady"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = PeftModel.from_pretrained(load(folder / "base"), adapter, is_trainable=True)
    inputs = tokens[0, :, :-1]
    results, failed = [], False
    is_pissa = way.get("init_lora_weights") == "pissa"
    with torch.no_grad():
        expected = model.eval()(inputs).logits
    merged = folder / f"{adapter.name}-merged"
    run(binaries / "moonlight-trainer", "merge", folder / "base", adapter, merged, "--dtype", "fp32")
    with torch.no_grad():
        ours = load(merged)(inputs).logits
    error = distance(ours, expected)
    results.append(f"merge {error:.0e}")
    if is_pissa:
        exact = logits_of(folder / "base", adapter, inputs, exact=True)
        error = distance(ours, exact)
        results[-1] += f" (in fp64 {error:.0e}, peft itself {distance(expected, exact):.0e})"
    failed |= error > 1e-5
    train(model.train(), tokens)
    try:
        path = config_file(binaries, folder, adapter, tokens)
        said = run(binaries / "moonlight-trainer", "train", path).stderr
        folder_of_run = folder / f"{folder.name}-{adapter.name}"
        found = [json.loads(line)["loss"] for line in (folder_of_run / "metrics.jsonl").read_text().splitlines()]
        error = max(abs(a - b) / b for a, b in zip(found, losses, strict=True))
        results.append(f"losses {error:.0e}" + (f" (draw {attempt + 1})" if attempt else ""))
        failed |= error > 1e-4
        saved = folder_of_run / "checkpoints" / f"iter_{STEPS:07d}"
        final = folder / f"{adapter.name}-final"
        run(binaries / "moonlight-trainer", "merge", folder / "base", saved, final, "--dtype", "fp32")
        with torch.no_grad():
            results.append(f"merge of the run {distance(load(final)(inputs).logits, model.eval()(inputs).logits):.0e}")
            expected = load(final)(inputs).logits

        def reload(adapter, generation):
            """How far peft's logits are from those of the merge: what counts, and as text."""
            def logits(exact):
                if generation == GENERATION:
                    return logits_of(folder / "base", adapter, inputs, exact)
                return other.logits(folder / "base-as-separate", adapter, inputs, folder, exact)

            error = distance(logits(False), expected)
            if not is_pissa:
                return error, f"{error:.0e}"
            exact = distance(logits(True), expected)
            return exact, f"{error:.0e} (in fp64 {exact:.0e})"

        for generation in (4, 5):
            cannot = f"transformers {generation} does not read" in said
            try:
                error, text = reload(saved, generation)
                results.append(f"reload on {generation} {text}{' (refused by us)' if cannot else ''}")
                failed |= error > 1e-5 and not cannot
            except (Refusal, AssertionError, ValueError, RuntimeError) as error:
                results.append(f"reload on {generation}: {'as we say' if cannot else 'REFUSED ' + str(error)[:160]}")
                failed |= not cannot
        for form in ("common", "4", "5"):
            rewritten = folder / f"{adapter.name}-form-{form}"
            try:
                said = run(binaries / "moonlight-trainer", "export-adapter", saved, rewritten, "--base", folder / "base",
                           "--peft-format", form).stderr
            except Refusal as error:
                # What peft can hold in no such form; that for 4 exists always.
                results.append(f"form {form}: {error}")
                failed |= form != "5" or not any(reason in str(error) for reason in NO_FORM_FOR_5)
                continue
            for generation in (4, 5) if form == "common" else (int(form),):
                if f"transformers {generation} does not read" in said:
                    results.append(f"form {form} is not for {generation}")
                    continue
                try:
                    error, text = reload(rewritten, generation)
                    results.append(f"form {form} on {generation} {text}")
                    failed |= error > 1e-5
                except (Refusal, AssertionError, ValueError, RuntimeError) as error:
                    results.append(f"form {form} on {generation}: REFUSED {str(error)[:160]}")
                    failed = True
    except Refusal as error:
        results.append(f"train: {error}")
        failed = True
    return ("WRONG " if failed else "right ") + ", ".join(results)


def weights(folder, binaries, other, tokens):
    inputs = tokens[0, :, :-1]
    sources = ["base"] + (["base-fused"] if GENERATION == 5 else [])
    expected = logits_of(folder / "base", None, inputs)
    results, failed = [], False
    # The config.json that transformers 5 writes keeps the base of the rotation where 4 does not look; ours has both.
    for source in sources:
        for experts in ("separate", "fused"):
            out = folder / f"{source}-as-{experts}"
            run(binaries / "moonlight-trainer", "export-hf", folder / source, out, "--dtype", "fp32", "--experts", experts, "--max-shard-size", 20000)
            for generation in (4, 5):
                if experts == "fused" and generation == 4:
                    continue
                found = logits_of(out, None, inputs) if generation == GENERATION else other.logits(out, None, inputs, folder)
                results.append(distance(found, expected))
                failed |= results[-1] > 1e-5
    return ("WRONG " if failed else "right ") + ", ".join(f"{r:.0e}" for r in results)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=".build/debug")
    parser.add_argument("--other", help="a Python with the other transformers")
    parser.add_argument("--seeds", default="1-2", help="FIRST-LAST")
    parser.add_argument("--only", help="part of a way's name")
    parser.add_argument("--keep", help="where the files stay")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    if options.serve:
        return Elsewhere.serve()
    other = Elsewhere(options.other)
    global HIDDEN
    first, last = map(int, options.seeds.split("-"))
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(first, last + 1):
            folder = pathlib.Path(options.keep or temporary).resolve() / f"{seed}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            HIDDEN = shape(seed).hidden_size
            make_base(seed, folder)
            torch.manual_seed(seed)
            tokens = torch.randint(0, 48, (STEPS, 2, 13))
            with open(folder / "tokens.jsonl", "w", encoding="utf-8") as file:
                for row in tokens.flatten(0, 1).tolist():
                    file.write(json.dumps({"tokens": row}) + "\n")
            binaries = pathlib.Path(options.bin).resolve()
            cases = {"weights": lambda: weights(folder, binaries, other, tokens)}
            for name, way in WAYS.items():
                cases[name] = lambda name=name, way=way: adapt(name, way, folder, binaries, other, tokens)
            for name, (way, more, reason) in REFUSED.items():
                cases[f"refused: {name}"] = lambda name=name, way=way, more=more, reason=reason: refused(
                    name, way, more, reason, folder, binaries, tokens)
            for name, case in cases.items():
                # The weights are also what the other generation loads adapters on.
                if options.only and options.only not in name and name != "weights":
                    continue
                try:
                    result = case()
                except Refusal as error:
                    result = f"WRONG {error}"
                wrong += result.startswith("WRONG")
                print(f"{seed} on {GENERATION}, {name}: {result}", flush=True)
    print(f"{wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
