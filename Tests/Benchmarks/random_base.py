"""Hugging Face directories of random weights, for benchmarks. Needs numpy."""

import json
import struct

import numpy

# What all of them share; the sizes are each benchmark's own.
COMMON = dict(
    architectures=["DeepseekV3ForCausalLM"], model_type="deepseek_v3", n_group=1, topk_group=1,
    routed_scaling_factor=2.446, norm_topk_prob=True, first_k_dense_replace=1, q_lora_rank=None, rope_theta=50000.0,
    rms_norm_eps=1e-5, tie_word_embeddings=False, hidden_act="silu", attention_bias=False, scoring_func="sigmoid",
    topk_method="noaux_tc")


def tensors(config):
    """Name and shape of every tensor; without a query latent, the first layer dense."""
    hidden, vocabulary, heads = config["hidden_size"], config["vocab_size"], config["num_attention_heads"]
    latent, rope, value = config["kv_lora_rank"], config["qk_rope_head_dim"], config["v_head_dim"]
    nope = config["qk_nope_head_dim"]

    def mlp(prefix, width):
        return [(prefix + "gate_proj.weight", [width, hidden]), (prefix + "up_proj.weight", [width, hidden]),
                (prefix + "down_proj.weight", [hidden, width])]

    result = [("model.embed_tokens.weight", [vocabulary, hidden]), ("model.norm.weight", [hidden]),
              ("lm_head.weight", [vocabulary, hidden])]
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        attention = prefix + "self_attn."
        result += [
            (prefix + "input_layernorm.weight", [hidden]), (prefix + "post_attention_layernorm.weight", [hidden]),
            (attention + "q_proj.weight", [heads * (nope + rope), hidden]),
            (attention + "kv_a_proj_with_mqa.weight", [latent + rope, hidden]),
            (attention + "kv_a_layernorm.weight", [latent]),
            (attention + "kv_b_proj.weight", [heads * (nope + value), latent]),
            (attention + "o_proj.weight", [hidden, heads * value])]
        if layer == 0:
            result += mlp(prefix + "mlp.", config["intermediate_size"])
            continue
        result += [(prefix + "mlp.gate.weight", [config["n_routed_experts"], hidden]),
                   (prefix + "mlp.gate.e_score_correction_bias", [config["n_routed_experts"]])]
        result += mlp(prefix + "mlp.shared_experts.", config["n_shared_experts"] * config["moe_intermediate_size"])
        for expert in range(config["n_routed_experts"]):
            result += mlp(prefix + f"mlp.experts.{expert}.", config["moe_intermediate_size"])
    return result


def write_file(path, entries, bf16=True):
    """safetensors by hand: bf16 bits are the upper halves of fp32's."""
    header, place = {}, 0
    for name, shape in entries:
        is_wide = not bf16 or name.endswith("e_score_correction_bias")
        size = int(numpy.prod(shape)) * (4 if is_wide else 2)
        header[name] = dict(dtype="F32" if is_wide else "BF16", shape=shape, data_offsets=[place, place + size])
        place += size
    text = json.dumps(header).encode()
    draw = numpy.random.default_rng(1)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in entries:
            values = draw.standard_normal(shape, dtype=numpy.float32) * 0.02 + (1 if name.endswith("norm.weight") else 0)
            if name.endswith("e_score_correction_bias"):
                values *= 0
            values = values.astype("<f4")
            file.write((values if header[name]["dtype"] == "F32" else (values.view("<u4") >> 16).astype("<u2")).tobytes())
    return place


def write_base(folder, config, shards=1, bf16=True):
    """The bytes of the weights."""
    config = dict(COMMON, num_key_value_heads=config["num_attention_heads"],
                  torch_dtype="bfloat16" if bf16 else "float32", **config)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    entries = tensors(config)
    if shards == 1:
        return write_file(folder / "model.safetensors", entries, bf16)
    size = (len(entries) + shards - 1) // shards
    names = [f"model-{index + 1:05d}-of-{shards:05d}.safetensors" for index in range(shards)]
    parts = [entries[index * size:(index + 1) * size] for index in range(shards)]
    total = sum(write_file(folder / name, part, bf16) for name, part in zip(names, parts))
    index = {entry[0]: name for name, part in zip(names, parts) for entry in part}
    (folder / "model.safetensors.index.json").write_text(json.dumps(dict(metadata={}, weight_map=index)))
    return total
