"""The hand-written cases: every start-up rule at its boundary, on both sides.

Each entry is (rule, verdict that Megatron's sources lead one to expect, base, overrides). What is expected is only
compared with what the real code says; the fixture holds what the real code says.
"""

from base_configs import DENSE

SHORT = {
    "nodes": "cluster.num_nodes",
    "gpus": "cluster.gpus_per_node",
    "tp": "parallelism.tensor_model_parallel_size",
    "pp": "parallelism.pipeline_model_parallel_size",
    "vp": "parallelism.virtual_pipeline_model_parallel_size",
    "cp": "parallelism.context_parallel_size",
    "ep": "parallelism.expert_model_parallel_size",
    "etp": "parallelism.expert_tensor_parallel_size",
    "sp": "parallelism.sequence_parallel",
    "layout": "parallelism.pipeline_model_parallel_layout",
    "first": "parallelism.num_layers_in_first_pipeline_stage",
    "last": "parallelism.num_layers_in_last_pipeline_stage",
    "emb": "parallelism.account_for_embedding_in_pipeline_split",
    "loss": "parallelism.account_for_loss_in_pipeline_split",
    "group": "parallelism.microbatch_group_size_per_vp_stage",
    "layers": "model.num_layers",
    "freq": "model.moe_layer_freq",
    "heads": "model.num_attention_heads",
    "experts": "model.num_moe_experts",
    "topk": "model.moe_router_topk",
    "vocab": "model.vocab_size",
    "tokens": "tokenizer.vocab_size",
    "gbs": "train.global_batch_size",
    "mbs": "train.micro_batch_size",
    "ramp": "train.rampup_batch_size",
    "decrease": "train.decrease_batch_size_if_needed",
    "iters": "train.train_iters",
    "samples": "train.train_samples",
}

CASES = []


def spelled(short):
    return {SHORT.get(name, name): value for name, value in short.items()}


def accept(rule, base="pretrain", _set=None, **short):
    CASES.append((rule, "accept", base, spelled(short | (_set or {}))))


def refuse(rule, base="pretrain", _set=None, **short):
    CASES.append((rule, "refuse", base, spelled(short | (_set or {}))))


def layers(n):
    """A model of n layers, the first dense, as overrides."""
    return {"model.num_layers": n, "model.moe_layer_freq": [0] * min(1, n) + [1] * max(0, n - 1)}


# --- 1.1 world size and groups -----------------------------------------------------------------------------------
for nodes, gpus, tp, pp, cp, ep in [(1, 8, 2, 1, 1, 8), (1, 8, 3, 1, 1, 8), (1, 12, 2, 1, 1, 8), (1, 12, 2, 1, 1, 6),
                                    (1, 12, 8, 1, 1, 4), (3, 8, 2, 1, 1, 8), (3, 8, 16, 1, 1, 8), (1, 1, 1, 1, 1, 1),
                                    (1, 2, 2, 1, 1, 2), (1, 6, 4, 1, 1, 2), (6, 8, 1, 1, 8, 16), (6, 8, 1, 1, 8, 48),
                                    (5, 8, 4, 1, 1, 8), (7, 8, 8, 1, 1, 8), (8, 8, 1, 1, 64, 8), (16, 8, 2, 1, 1, 64),
                                    (16, 8, 2, 1, 1, 128)]:
    CASES.append(("GPU-01", None, "pretrain", spelled({
        "nodes": nodes, "gpus": gpus, "tp": tp, "pp": pp, "cp": cp, "ep": ep, "sp": tp > 1,
        "gbs": 2880, "experts": 192 if ep == 48 else 64})))
refuse("GPU-02", gpus=12, nodes=1, tp=2, ep=8, gbs=2880)
refuse("GPU-02", gpus=12, nodes=1, tp=1, sp=False, ep=8, gbs=2880)
refuse("GPU-02", gpus=12, nodes=1, tp=2, ep=1, etp=8, gbs=2880)
refuse("GPU-02", nodes=1, gpus=4, tp=2, ep=8)
accept("GPU-02", nodes=1, gpus=4, tp=2, ep=4)
refuse("GPU-03", nodes=1, gpus=8, etp=None)
accept("GPU-03", nodes=2, gpus=8, etp=None)
accept("GPU-03", nodes=1, gpus=8, etp=1)
accept("GPU-03", nodes=1, gpus=8, etp=None, ep=4)
accept("GPU-03", nodes=1, gpus=8, etp=8, ep=1)
accept("GPU-03", nodes=1, gpus=8, etp=4, ep=2, tp=1, sp=False)
refuse("GPU-03", nodes=1, gpus=8, etp=3, ep=1)
accept("GPU-04", nodes=1, gpus=8, tp=2, ep=8)
accept("GPU-04", nodes=1, gpus=8, tp=8, ep=8)
accept("GPU-04", nodes=1, gpus=8, tp=1, cp=8, sp=False, ep=8)
for mapping in (True, False):
    for tp, ep, nodes in [(2, 8, 4), (2, 4, 4), (4, 4, 4), (2, 2, 2), (1, 1, 2), (8, 8, 2)]:
        CASES.append(("GPU-05", None, "layout", spelled({
            "nodes": nodes, "tp": tp, "sp": tp > 1, "ep": ep, "dist.use_tp_pp_dp_mapping": mapping})))
    accept("GPU-05", tp=2, ep=8, _set={"dist.use_tp_pp_dp_mapping": mapping})
for instances, nodes, ep, refused in [(2, 2, 8, False), (2, 1, 8, True), (4, 2, 8, True), (2, 4, 8, False),
                                      (4, 4, 8, False), (3, 2, 8, True), (2, 2, 16, True), (2, 2, 4, False)]:
    (refuse if refused else accept)("GPU-07", nodes=nodes, ep=ep,
                                    _set={"ddp.num_distributed_optimizer_instances": instances})
refuse("GPU-07", "muon", _set={"ddp.num_distributed_optimizer_instances": 2})
refuse("GPU-09", tp=0)
refuse("GPU-09", pp=0)
refuse("GPU-09", cp=0)
refuse("GPU-09", ep=0)
refuse("GPU-10", _set={"dist.sharp_enabled_group": "dp"})
accept("GPU-10", _set={"dist.use_sharp": True, "dist.sharp_enabled_group": "dp"})
accept("GPU-10", _set={"dist.use_sharp": True})
refuse("GPU-10", _set={"dist.use_sharp": True, "dist.sharp_enabled_group": "dp_replica"})
refuse("GPU-10", _set={"dist.use_sharp": True, "dist.sharp_enabled_group": "tp"})
accept("GPU-10", _set={"dist.use_sharp": True, "dist.sharp_enabled_group": "dp_replica",
                       "ddp.num_distributed_optimizer_instances": 2})
accept("GPU-11", _set={"dist.use_gloo_process_groups": False})
refuse("GPU-12", _set={"dist.use_decentralized_pg": True})
for sizes, cp, refused in [([2, 2], 4, False), ([2, 4], 4, True), ([4], 4, False), ([2, 2], 2, True)]:
    (refuse if refused else accept)("GPU-08", cp=cp, _set={"model.hierarchical_context_parallel_sizes": sizes})

# --- 1.2 model dimensions ----------------------------------------------------------------------------------------
for heads, tp, refused in [(16, 4, False), (16, 8, False), (16, 16, False), (12, 8, True), (20, 8, True), (15, 2, True),
                           (24, 8, False), (14, 2, False)]:
    (refuse if refused else accept)("DIM-01", heads=heads, tp=tp)
for groups, tp, refused in [(16, 2, False), (None, 2, False), (3, 2, True), (5, 2, True)]:
    (refuse if refused else accept)("DIM-02", tp=tp, _set={"model.num_query_groups": groups})
accept("DIM-03", _set={"model.kv_channels": None})
accept("DIM-03", _set={"model.kv_channels": None, "model.hidden_size": 2050})
for ffn, tp, refused in [(11264, 2, False), (11265, 2, True), (11264, 8, False), (11268, 8, True), (11268, 4, False),
                         (None, 2, False)]:
    (refuse if refused else accept)("DIM-04", tp=tp, _set={"model.ffn_hidden_size": ffn})
accept("DIM-04", tp=2, freq=[1] * 27, _set={"model.ffn_hidden_size": 11265})
for ffn, etp, tp, refused in [(1408, 1, 2, False), (1409, 1, 2, False), (1409, 2, 2, True), (1408, 2, 2, False),
                              (1409, None, 2, True), (1412, 8, 2, True), (1416, 8, 2, False), (None, 1, 2, False)]:
    (refuse if refused else accept)("DIM-05", tp=tp, etp=etp, ep=2, _set={"model.moe_ffn_hidden_size": ffn})
accept("DIM-05", etp=2, _set=DENSE)
accept("DIM-05", _set=DENSE)
refuse("MOE-09", _set=DENSE | {"model.moe_router_group_topk": 1})
refuse("DIM-04", _set=DENSE | {"model.ffn_hidden_size": 11265})
for size, tp, refused in [(2816, 2, False), (2817, 2, True), (2816, 8, False), (2820, 8, True), (2820, 4, False),
                          (0, 2, True), (-1, 2, True), (None, 2, False)]:
    (refuse if refused else accept)("DIM-06", tp=tp, _set={"model.moe_shared_expert_intermediate_size": size})
accept("DIM-06", tp=1, sp=False, etp=2, ep=4, _set={"model.moe_shared_expert_intermediate_size": 2817})
accept("DIM-07", tp=2, _set={"model.hidden_size": 2049})
accept("MLA-02", tp=8, _set={"model.kv_lora_rank": 511})
accept("MLA-02", tp=2, _set={"model.qk_pos_emb_head_dim": 32, "model.kv_lora_rank": 513})
refuse("MLA-03", _set={"model.transformer_impl": "local"})
refuse("MLA-04", _set={"model.rotary_interleaved": True})
refuse("MLA-05", _set={"model.apply_rope_fusion": True, "model.rope_type": "rope"})
accept("MLA-05", _set={"model.apply_rope_fusion": True, "dist.enable_megatron_core_experimental": True})
accept("MLA-05", _set={"model.apply_rope_fusion": True})
accept("MLA-07", _set={"model.rope_type": "rope"})
refuse("MLA-08", _set={"model.rope_type": "nope"})
accept("MLA-09", _set={"model.q_lora_rank": 512})
accept("MLA-09", tp=8, _set={"model.q_lora_rank": 1536})
refuse("MLA-09", _set={"model.attention_output_gate": True})
accept("MLA-09", _set={"model.qk_l2_norm": True})
refuse("MLA-09", _set={"model.cache_mla_latents": True})
accept("MLA-10", _set={"model.qk_layernorm": False})
for vocab, tokens, tp, refused in [
        (163840, 163840, 2, False), (163840, 163841, 2, True), (163842, 163841, 2, False), (163842, 163842, 2, False),
        (163842, 163842, 4, True), (163842, 163842, 8, True), (163844, 163842, 4, False), (163848, 163842, 8, False),
        (None, 163842, 1, False), (None, 163842, 2, False), (None, 163842, 4, False), (None, 163842, 8, False),
        (None, 163840, 8, False), (None, 1, 2, False), (163839, 163839, 2, True), (163839, 163839, 1, False),
        (151936, 151936, 4, False), (151936, 163840, 4, True), (200000, 163840, 2, False)]:
    (refuse if refused else accept)("VOCAB-01", tp=tp, sp=tp > 1, vocab=vocab, tokens=tokens)
for divisor, tokens, tp in [(128, 163842, 2), (1, 163843, 2), (1, 163843, 1), (1280, 1281, 8), (64, 151937, 4)]:
    accept("VOCAB-02", tp=tp, sp=tp > 1, vocab=None, tokens=tokens,
        _set={"model.make_vocab_size_divisible_by": divisor})
refuse("VOCAB-02", vocab=None, _set={"model.make_vocab_size_divisible_by": 0})
refuse("DIM-08", _set={"mixed_precision.fp16": True})
refuse("DIM-08", mixed_precision=None, _set={"model.fp16": True})
refuse("DIM-08", mixed_precision=None, _set={"optimizer.fp16": True})
accept("DIM-09", "layout", _set={"model.pipeline_dtype": None, "mixed_precision.pipeline_dtype": None})
refuse("DIM-10", _set={"model.apply_query_key_layer_scaling": True})
accept("DIM-10", _set={"model.apply_query_key_layer_scaling": True, "env_vars": {"NVTE_APPLY_QK_LAYER_SCALING": "1"}})
refuse("DIM-10", _set={"env_vars": {"NVTE_APPLY_QK_LAYER_SCALING": "1"}})

# --- 1.3 sequence and context parallel ---------------------------------------------------------------------------
refuse("SEQ-01", tp=1, sp=True)
accept("SEQ-01", tp=1, sp=False)
refuse("SEQ-02", tp=2, sp=False)
refuse("SEQ-02", tp=2, sp=False, ep=1)
refuse("SEQ-02", tp=8, sp=False, ep=1, etp=8)
accept("SEQ-02", tp=2, sp=False, _set=DENSE)
accept("SEQ-03", _set={"model.seq_length": 8192, "dataset.seq_length": 8192})
refuse("SEQ-03", _set={"model.seq_length": 8192})
refuse("SEQ-03", _set={"dataset.seq_length": 2048})
refuse("SEQ-03", "sft", _set={"dataset.seq_length": 2048})
for seq, cp, tp in [(4098, 1, 2), (4097, 1, 2), (4100, 1, 8), (4104, 1, 8), (4096, 2, 2), (4100, 2, 2), (4100, 2, 4),
                    (4104, 2, 4), (4104, 2, 8), (4112, 2, 8)]:
    bad = seq % (2 * cp) if cp > 1 else 0
    (refuse if bad or (seq // cp) % tp else accept)("SEQ-04", tp=tp, cp=cp, _set={
        "model.seq_length": seq, "dataset.seq_length": seq})
for seq, cp, refused in [(4096, 2, False), (4098, 2, True), (4100, 2, False), (4096, 8, False), (4104, 4, False),
                         (4100, 4, True), (6, 1, False), (12, 2, False)]:
    (refuse if refused else accept)("CP-01", cp=cp, _set={"model.seq_length": seq, "dataset.seq_length": seq})
FT_CP = {"model.calculate_per_token_loss": True, "ddp.average_in_collective": False}
refuse("CP-02", "sft", cp=2)
refuse("CP-02", "sft", cp=2, _set={"model.calculate_per_token_loss": True})
refuse("CP-02", "sft", cp=2, _set={"ddp.average_in_collective": False})
accept("CP-02", "sft", cp=2, _set=FT_CP)
accept("CP-02", cp=2)
accept("CP-03", cp=2, _set={"model.cp_comm_type": "p2p"})
accept("CP-03", cp=2, _set={"model.cp_comm_type": ["p2p"] * 27})
refuse("CP-03", cp=2, _set={"model.cp_comm_type": ["p2p"] * 26})
accept("CP-03", cp=1, _set={"model.cp_comm_type": "a2a"})
refuse("CP-04", _set={"model.calculate_per_token_loss": True})
accept("CP-04", _set={"model.calculate_per_token_loss": True, "ddp.average_in_collective": False})
refuse("CP-04", "sft", _set={"model.calculate_per_token_loss": True})
accept("CP-06", "sft", cp=2, _set=FT_CP | {"dataset.packed_sequence_specs": {
    "packed_sequence_size": 4096, "pad_seq_to_mult": 4}})
refuse("CP-06", "sft", _set={"dataset.packed_sequence_specs": {"packed_sequence_size": 4096, "pad_seq_to_mult": 0}})

# --- 1.4 pipeline ------------------------------------------------------------------------------------------------
for n, pp, vp, refused in [(27, 2, None, True), (27, 3, None, False), (28, 2, None, False), (28, 4, None, False),
                           (28, 8, None, True), (32, 8, None, False), (27, 1, None, False), (28, 2, 2, False),
                           (28, 2, 7, False), (28, 2, 3, True), (28, 2, 14, False), (28, 4, 7, False),
                           (32, 4, 2, False), (32, 4, 4, False), (32, 4, 3, True), (32, 8, 2, False),
                           (28, 2, 1, False), (27, 1, 1, True), (27, 1, 2, True), (24, 3, 4, False), (1, 1, None,
                           False),
                           (2, 2, None, False), (1, 2, None, True)]:
    (refuse if refused else accept)("PIPE-01", nodes={3: 3, 8: 8}.get(pp, 4), pp=pp, vp=vp, gbs=1536, _set=layers(n))
PIPE4 = {"nodes": 4, "pp": 4}
refuse("PIPE-04", "layout", first=7)
refuse("PIPE-04", "layout", last=6)
refuse("PIPE-04", "layout", emb=True)
refuse("PIPE-04", "layout", loss=True)
refuse("PIPE-05", **PIPE4, first=6, emb=True)
refuse("PIPE-05", **PIPE4, last=6, loss=True)
for first, last, pp, vp, n, refused in [
        (6, None, 4, None, 27, False), (6, 7, 4, None, 27, False), (0, None, 4, None, 27, True),
        (None, 0, 4, None, 27, True), (None, 6, 4, None, 27, False), (7, None, 4, None, 27, True),
        (13, None, 2, None, 27, False), (14, 13, 2, None, 27, False), (14, 14, 2, None, 27, True),
        (13, 13, 2, None, 27, True), (6, 9, 4, 3, 27, False), (6, 8, 4, 3, 27, True), (5, 9, 4, 3, 27, True),
        (6, None, 4, 3, 27, True), (3, 6, 4, 3, 27, False), (27, None, 1, None, 27, False),
        (26, None, 1, None, 27, True), (26, 1, 1, None, 27, True), (None, 27, 1, None, 27, False),
        (14, 13, 2, 1, 27, True), (14, 14, 2, 2, 28, True), (14, None, 2, 2, 28, False), (30, 5, 4, None, 27, False),
        # the last: PIPE-08
        (4, 5, 8, None, 27, False), (3, None, 8, None, 27, True), (6, None, 8, None, 27, False), (9, 9, 3, None, 27,
        False),
        (5, None, 3, None, 27, False), (1, 2, 4, 2, 27, True), (2, 1, 4, None, 27, False), (20, 7, 3, None, 27, True)]:
    (refuse if refused else accept)("PIPE-07", nodes={3: 3, 8: 8}.get(pp, 4), pp=pp, vp=vp, first=first, last=last,
                                    gbs=1536, _set=layers(n))
for e, l, n, pp, vp, refused in [
        (True, False, 27, 4, None, False), (False, True, 27, 4, None, False), (True, True, 27, 4, None, True),
        (True, True, 26, 4, None, False), (True, True, 26, 4, 7, False), (True, False, 27, 4, 7, False),
        (True, False, 27, 4, 2, True), (True, True, 30, 4, 2, False), (True, True, 6, 8, None, False),
        (True, False, 27, 2, 14, False), (True, True, 27, 1, None, False), (True, False, 27, 2, None, False),
        (False, True, 31, 8, 4, False), (True, True, 2, 4, None, False), (True, False, 3, 4, None, False)]:
    (refuse if refused else accept)("PIPE-11", nodes=2 * max(pp, 2), pp=pp, vp=vp, emb=e, loss=l, _set=layers(n))
for text, pp, vp, refused in [
        ("Et*7|t*7|t*7|t*6L", 4, None, False), ("Et*7|t*7|t*7|t*6L", 4, 1, False), ("Et*7|t*7|t*7|t*6L", 2, None,
        False),
        ("Et*7|t*7|t*7|t*6L", 2, 2, False), ("Et*7|t*7|t*7|t*6L", 2, 4, True), ("Et*7|t*7|t*7|t*6L", 8, None, True),
        ("Et*7|t*7|t*7|t*6L", 3, None, True), ("Et*7|t*7|t*7|t*6L", 1, None, True), ("Et*27L", 1, None, False),
        ("Et*14|t*13L", 2, None, False), ("Et*14|t*13L", 2, 1, False), ("Et*14|t*14L", 2, None, True),
        ("Et*13|t*13L", 2, None, True), ("t*14|t*13L", 2, None, True), ("Et*14|t*13", 2, None, True),
        ("EEt*14|t*13L", 2, None, True), ("Et*14|t*13LL", 2, None, True), ("tEt*13|t*13L", 2, None, True),
        ("Et*14L|t*13", 2, None, True), ("Et*14|t*12Lt", 2, None, True), ("E|t*27L", 2, None, False),
        ("Et*27|L", 2, None, False), ("|Et*14|t*13L|", 4, None, False), ("|Et*27L", 2, None, False),
        ("Et*27L|", 2, None, False), ("E||t*27|L", 4, None, False), ("Et*3|(t*4|)*3(t*3|)*3t*3L", 8, None, False),
        ("Et*3|(t*4|)*5t*3|tL", 4, 2, False), ("Et*3|(t*4|)*5t*3|tL", 4, None, False), ("Et*3|(t*4|)*5t*3|tL", 8, None,
        False),
        ("Et*4|(t*4|)*6t*3L", 8, None, True), ("Ettt|(tt|)*12L", 2, 7, False), ("Ettt|(tt|)*12,L", 2, 7, False),
        ("Ettt|(tt|)*11tt,L", 13, None, True), ("E,t*14|t*13,L", 2, None, False), ("Et*14 |t*13L", 2, None, True),
        ("et*14|t*13l", 2, None, True), ("Et*14|(t*13)L", 2, None, True), ("Et*14|(t*13)*1L", 2, None, False),
        ("E((t)*7)*2|t*13L", 2, None, True), ("Et*14|t*13L()*3", 2, None, True), ("Et*14|t*13t*0L", 2, None, False),
        ("Et*7*2|t*13L", 2, None, True), ("E(t)*7*2t*6|t*13L", 2, None, False), ("Et*9|*3t*18L", 4, None, False),
        ("", 2, None, True), ("|", 2, None, True), ("EL", 1, None, True), ("Et*14x|t*13L", 2, None, True),
        ("Et*14|\nt*13L", 2, None, True), ("Et*14|t*13L|", 3, None, False), ("(Et*14|t*13L)*1", 2, None, False),
        ("Et*14|t*13mL", 2, None, True), ("Et*05|t*22L", 2, None, False), ("Et*14|t*13L", 2, 2, True)]:
    (refuse if refused else accept)("PIPE-13", nodes={3: 3, 8: 8}.get(pp, 4), pp=pp, vp=vp, layout=text, gbs=1536,
                                    ep=8 if pp != 13 else 1)
E7, D6L = ["embedding"] + ["decoder"] * 14, ["decoder"] * 13 + ["loss"]
for value, pp, vp, refused in [
        ([E7, D6L], 2, None, False), ([E7, D6L], 1, None, True), ([E7, D6L], 2, 1, False),
        ([[" Embedding "] + ["DECODER"] * 14, D6L], 2, None, False), ([["E"] + ["t"] * 14, ["t"] * 13 + ["L"]], 2,
        None, True),
        ([E7, ["encoder"] + D6L], 2, None, True), ([["embedding"] + ["decoder"] * 13, D6L], 2, None, True),
        ([E7, [], [], D6L], 4, None, False), ([E7, [], [], D6L], 2, None, False), ([[], E7, D6L, []], 2, 2, False),
        ([], 2, None, True), ([[]], 1, None, True), ([["embedding"] + ["decoder"] * 27 + ["loss"]], 1, None, False),
        ([["embedding"], ["decoder"] * 27, ["loss"]], 3, None, False)]:
    (refuse if refused else accept)("PIPE-15", nodes={3: 3, 8: 8}.get(pp, 4), pp=pp, vp=vp, layout=value, gbs=1536)
for text, pp, vp, mtp, refused in [
        ("Et*14|t*13mL", 2, None, 1, False), ("Et*14|t*13L", 2, None, 1, True), ("Et*14|t*13L", 2, None, 0, False),
        ("Et*14|t*13mmL", 2, None, 1, True), ("Et*14|t*13mmL", 2, None, 2, False), ("Et*14m|t*13L", 2, None, 1, True),
        ("Et*14|t*13m|L", 3, None, 1, False), ("Et*14|t*12mtL", 2, None, 1, True), ("Et*14|t*13|m|L", 4, None, 1,
        False),
        ("Et*9|t*9|t*9|mL", 2, 2, 1, False), ("Et*9|t*9|t*9m|L", 2, 2, 1, False), ("Et*9|t*9|m|t*9L", 2, 2, 1, True),
        ("Et*14|t*13m|mL", 3, None, 2, True)]:
    (refuse if refused else accept)("PIPE-17", nodes={3: 3, 8: 8}.get(pp, 4), pp=pp, vp=vp, layout=text, gbs=1536,
    _set={
        "model.mtp_num_layers": mtp})
for pp, vp, dp_gbs, group in [(4, 2, 4, None), (4, 2, 5, None), (4, 2, 6, None), (4, 2, 8, None), (4, 2, 3, None),
                              (4, 2, 10, 6), (4, 2, 16, 5), (4, 2, 16, 6), (4, 2, 8, 8), (4, 2, 8, 9), (4, 2, 8, 3),
                              (4, 2, 12, 8), (4, 2, 11, 8), (4, 2, 10, 8), (4, 1, 6, None), (4, 1, 8, None),
                              (4, None, 6, 9), (4, None, 1, None), (4, 1, 2, None)]:
    CASES.append(("PIPE-21", None, "virtual", spelled({"vp": vp, "gbs": 4 * dp_gbs, "group": group,
                                                       "layout": None, **layers(32)})))
refuse("PIPE-22", "layout", _set={"comm_overlap.overlap_p2p_comm": True})
refuse("PIPE-22", "layout", comm_overlap=None, _set={"model.overlap_p2p_comm": True})
accept("PIPE-22", "layout", comm_overlap=None, _set={"model.overlap_p2p_comm": False})
accept("PIPE-22", _set={"comm_overlap.overlap_p2p_comm": True})
accept("PIPE-23", "virtual")
refuse("PIPE-23", "virtual", _set={"comm_overlap.batch_p2p_comm": True})
accept("PIPE-23", "virtual", _set={"comm_overlap.batch_p2p_comm": True, "comm_overlap.overlap_p2p_comm": False})
refuse("PIPE-23", "virtual", comm_overlap=None, _set={"model.overlap_p2p_comm": True, "model.batch_p2p_comm": True})
accept("PIPE-23", "virtual", comm_overlap=None, _set={"model.overlap_p2p_comm": True, "model.batch_p2p_comm": False})
accept("PIPE-24", "virtual", _set={"model.overlap_p2p_comm_warmup_flush": True})
refuse("PIPE-24", "layout", _set={"model.overlap_p2p_comm_warmup_flush": True})
refuse("PIPE-24", _set={"model.overlap_p2p_comm_warmup_flush": True})
for pp, defer, limit, fusion, refused in [(4, True, 0, True, False), (1, True, 0, True, True), (4, True, -1, True,
        True),
                                          (4, True, None, True, True), (4, True, 4, True, False), (4, True, 0, False,
                                          True),
                                          (4, False, -1, False, False)]:
    (refuse if refused else accept)("PIPE-26", "layout" if pp == 4 else "pretrain", _set={
        "comm_overlap.defer_embedding_wgrad_compute": defer, "comm_overlap.wgrad_deferral_limit": limit,
        "model.gradient_accumulation_fusion": fusion})
refuse("PIPE-26", _set={"model.defer_embedding_wgrad_compute": True, "comm_overlap": None})
