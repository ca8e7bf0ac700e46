"""Phase S: the first training step, up to where it would compute.

The real `train()` runs with the real model, optimizer and schedules until the first forward pass; what the forward
pass itself checks is then asked of the real layers one by one, on small or meta tensors.
"""

import contextlib
import inspect
import math
import types

import stand_ins
import torch
from fake_distributed import World
from megatron.bridge.data.iterator_utils import make_data_iterator_list
from megatron.bridge.training import setup, train
from megatron.bridge.training.state import TrainState
from megatron.bridge.training.utils import flop_utils, train_utils
from megatron.core import num_microbatches_calculator as microbatches
from megatron.core.pipeline_parallel import schedules
from megatron.core.pipeline_parallel.p2p_communication import P2PCommunicator
from megatron.core.tensor_parallel.mappings import reduce_scatter_to_sequence_parallel_region
from megatron.core.models.common.embeddings.rope_utils import apply_rotary_pos_emb
from megatron.core.models.common.embeddings.rotary_pos_embedding import RotaryEmbedding
from megatron.core.models.common.embeddings.yarn_rotary_pos_embedding import YarnRotaryEmbedding
from megatron.core.transformer import transformer_block
from megatron.core.transformer.mlp import MLP
from megatron.core.transformer.moe.experts import SequentialMLP, TEGroupedMLP
from megatron.core.transformer.moe.moe_layer import MoELayer
from megatron.core.transformer.moe.router import TopKRouter
from megatron.core.transformer.transformer_block import TransformerBlock
from megatron.core.transformer.multi_token_prediction import MultiTokenPredictionLayer
from megatron.core.transformer.multi_latent_attention import MultiLatentAttention
from phases import ChecksPassed, CudaAs, EndlessLoop, ramps_up

try:
    from megatron.bridge.data import batch_utils as finetuning
except ImportError:
    from megatron.bridge.data import finetuning

try:
    from megatron.core import recompute as checkpointing
    from megatron.core.recompute import checkpointed_forward
except ImportError:
    checkpointing, checkpointed_forward = transformer_block, TransformerBlock._checkpointed_forward


def _checks_passed(*_, **__):
    raise ChecksPassed


# Where computing begins. `modelopt`'s function answers None for a model that is not a distillation.
schedules.forward_step = _checks_passed
schedules.combined_1f1b_schedule_for_no_pipelining = _checks_passed
schedules.combined_1f1b_schedule_for_interleaved_pipelining = _checks_passed
train.get_tensor_shapes_adjust_fn_for_distillation = lambda *_, **__: None
train.maybe_finalize_async_save = lambda *_, **__: None
train.fault_tolerance = stand_ins.StandIn()
train.gc = types.SimpleNamespace(disable=lambda: None, enable=lambda: None, collect=lambda *_: 0)
train_utils.reduce_max_stat_across_model_parallel_group = lambda stat, mp_group: stat
finetuning.prepare_finetuning_batch = lambda data_iterator, default_seq_length, **_: (data_iterator, default_seq_length)


@contextlib.contextmanager
def until_computing():
    with contextlib.suppress(ChecksPassed):
        yield


def check(start):
    with CudaAs("cpu"):
        training_loop(start)
        schedule_of_every_batch_size(start)
        attention_forward(start)
        rotation(start)
        mlp_forward(start)
        moe_forward(start)
        routing(start)
        sequence_scatter(start)
        recomputation(start)
        bookkeeping(start)


def _state(cfg):
    return types.SimpleNamespace(
        cfg=cfg, train_state=TrainState(), timers=stand_ins.StandIn(), straggler_timer=stand_ins.StandIn(),
        energy_monitor=None, nvrx_straggler_manager=None, tensorboard_logger=None, wandb_logger=None,
        mlflow_logger=None, comet_logger=None, start_time=0.0, fault_tolerance_state=stand_ins.StandIn(),
    )


def training_loop(start):
    """Megatron-Bridge's own `train()` for step 0."""
    cfg, model = start.cfg, start.models[0]
    cfg.model.timers = stand_ins.StandIn()
    setup._update_model_config_funcs(
        model, cfg.model, cfg.ddp, start.optimizers[0], align_grad_reduce=cfg.dist.align_grad_reduce,
        pg_collection=start.groups,
    )
    if cfg.train.train_iters < 1:
        return
    with until_computing(), CudaAs("meta"):
        train.train(
            lambda data_iterator, model: None, model, start.optimizers[0], start.schedulers[0], start.iterator,
            start.iterator, _state(cfg), stand_ins.StandIn(), start.groups,
        )


def schedule_of_every_batch_size(start):
    """The schedule's checks at every batch size of the ramp-up, and for evaluation."""
    cfg = start.cfg
    for count in batch_sizes(cfg):
        run_schedule(start, count, forward_only=False)
    evaluation = getattr(cfg, "validation", cfg.train)
    if evaluation.eval_iters > 0:
        batch, micro_batch = (getattr(evaluation, f"eval_{name}", None) or getattr(cfg.train, name)
                              for name in ("global_batch_size", "micro_batch_size"))
        run_schedule(start, batch // (micro_batch * cfg.data_parallel_size), forward_only=True)


def batch_sizes(cfg):
    """Micro-batch counts of the ramp-up, by the real calculator with its consistency check on."""
    calculator = microbatches._GLOBAL_NUM_MICROBATCHES_CALCULATOR
    counts = []
    if ramps_up():
        ramp = cfg.train.rampup_batch_size
        steps = (cfg.train.global_batch_size - int(ramp[0])) // int(ramp[1])
        samples = [math.ceil(k * int(ramp[2]) / steps) for k in range(steps)] + [int(ramp[2]) + 1]
        for consumed in samples:
            calculator.update(consumed, consistency_check=True)
            counts.append(calculator.get())
    return sorted(set(counts))


def run_schedule(start, count, forward_only):
    cfg, model = start.cfg, start.models[0]
    function = schedules.get_forward_backward_func(
        pp_size=start.groups.pp.size(), vp_size=cfg.model.virtual_pipeline_model_parallel_size
    )
    iterator = start.iterator
    # The newer releases make the list for a virtual pipeline here as well; 0.3.1's loaders already did.
    if cfg.dataset.dataloader_type == "batch" or len(model) > 1 and not isinstance(iterator, list):
        iterator = make_data_iterator_list(model=model, data_iterator=iterator)
    with until_computing():
        function(
            forward_step_func=None, data_iterator=iterator, model=model, num_microbatches=count,
            seq_length=cfg.model.seq_length, micro_batch_size=cfg.train.micro_batch_size, forward_only=forward_only,
            p2p_communicator=P2PCommunicator(pp_group=start.groups.pp, config=cfg.model), pg_collection=start.groups,
        )


def modules(start, kind):
    return [m for chunks in start.models for chunk in chunks for m in chunk.modules() if isinstance(m, kind)]


def moe_layers(start):
    return modules(start, MoELayer)


def moe_forward(start):
    """MoELayer.forward's own check, before it routes."""
    for layer in moe_layers(start)[:1]:
        layer.train()
        layer.moe_layer_recompute = False
        layer.route = layer.shared_experts_compute = _checks_passed
        with until_computing():
            layer.forward(torch.empty(1, 1, 1, device="meta"))


def attention_forward(start):
    """MultiLatentAttention.forward's own checks, before it projects."""
    layers = modules(start, MultiLatentAttention)
    for layer in layers[:1]:
        layer.train()
        layer.get_query_key_value_tensors = _checks_passed
        with until_computing():
            layer.forward(torch.empty(1, 1, 1, device="meta"), None)


def rotation(start):
    """The real rotation of one head's part, by the real frequencies."""
    model = start.cfg.model
    if not modules(start, MultiLatentAttention) or model.apply_rope_fusion:
        return
    if model.rope_type == "yarn":
        rope = YarnRotaryEmbedding(
            model.qk_pos_emb_head_dim, rotary_base=model.rotary_base, scaling_factor=model.rotary_scaling_factor,
            original_max_position_embeddings=model.original_max_position_embeddings, beta_fast=model.beta_fast,
            beta_slow=model.beta_slow, mscale=model.mscale, mscale_all_dim=model.mscale_all_dim,
            cp_group=World.alone, use_cpu_initialization=True)
        frequencies, _ = rope(4)
    else:
        rope = RotaryEmbedding(model.qk_pos_emb_head_dim, rotary_percent=model.rotary_percent,
                               rotary_base=model.rotary_base, cp_group=World.alone, use_cpu_initialization=True)
        frequencies = rope(4)
    head = torch.zeros(4, 1, 1, model.qk_pos_emb_head_dim, device=frequencies.device)
    apply_rotary_pos_emb(head, frequencies, model, cp_group=World.alone)


class _Gives(torch.nn.Module):
    """A linear that gives what it is told."""

    def __init__(self, *output):
        super().__init__()
        self.output = output

    def forward(self, *_, **__):
        return self.output


def mlp_forward(start):
    """The real activations of dense layers, shared experts and routed experts, between linears that do nothing."""
    model = start.cfg.model
    if model.cpu_offloading or model.fp8 or model.fp4 or model.use_te_activation_func:
        return
    experts = {expert for layer in modules(start, SequentialMLP) for expert in layer.local_experts}
    seen = set()
    for layer in modules(start, (MLP, TEGroupedMLP, SequentialMLP)):
        if type(layer) in seen or layer in experts:
            continue
        seen.add(type(layer))
        if isinstance(layer, TEGroupedMLP) and getattr(model, "use_transformer_engine_op_fuser", False):
            continue  # one operation of Transformer Engine's
        with contextlib.ExitStack() as stack:
            if isinstance(layer, MLP):
                stack.enter_context(_without_linears(layer, torch.zeros(2, 1, 8)))
                MLP.forward(layer, torch.zeros(2, 1, 8))
                continue
            layer.activation_recompute = False  # it would ask a GPU for its random numbers
            for part in [layer] if isinstance(layer, TEGroupedMLP) else layer.local_experts:
                stack.enter_context(_without_linears(part, torch.zeros(layer.num_local_experts, 8)))
            count = layer.num_local_experts
            layer.forward(torch.zeros(count, 8), torch.ones(count, dtype=torch.int64), torch.ones(count))


@contextlib.contextmanager
def _without_linears(layer, output):
    """The linears of an MLP give `output`; the first a bias as well, where it would hand one on."""
    kept = dict(layer._modules)
    hands_bias = layer.config.add_bias_linear and not isinstance(layer, TEGroupedMLP)
    layer._modules |= {"linear_fc1": _Gives(output, torch.zeros(output.shape[-1]) if hands_bias else None),
                       "linear_fc2": _Gives(output, None)}
    try:
        yield
    finally:
        layer._modules.clear()
        layer._modules.update(kept)


def routing(start):
    """The real router on eight tokens (all, where their number counts), with auxiliary losses and dropping as configured."""
    model = start.cfg.model
    # Quantiles are asked for before the fusion is.
    by_quantiles = model.moe_router_load_balancing_type == "quantile_balancing"
    if not moe_layers(start) or model.moe_router_fusion and not by_quantiles:
        return
    tokens = 8
    if by_quantiles:  # their number counts
        shared = model.tensor_model_parallel_size if model.sequence_parallel else 1
        tokens = model.seq_length // (model.context_parallel_size * shared)
    world_device = torch.cuda.current_device
    torch.cuda.current_device = lambda: torch.device("cpu")
    meta, model.init_model_with_meta_device = model.init_model_with_meta_device, False
    jitter = model.moe_router_force_load_balancing
    try:
        router = TopKRouter(config=model, pg_collection=start.groups)
        router.weight = torch.nn.Parameter(torch.zeros(model.num_moe_experts, 1))
        router.set_layer_number(1)
        router.train()
        sequences = start.cfg.train.micro_batch_size if by_quantiles else 1
        router.routing(torch.randn(tokens, sequences, model.num_moe_experts, requires_grad=True))
    finally:
        torch.cuda.current_device = world_device
        model.init_model_with_meta_device, model.moe_router_force_load_balancing = meta, jitter


def sequence_scatter(start):
    """The embedding's output is scattered over TP with sequence parallelism: the local length must divide."""
    model = start.cfg.model
    if not model.sequence_parallel or start.cfg.dataset.dataloader_type == "batch":
        return  # a fine-tuning batch brings its own length
    local = model.seq_length // model.context_parallel_size
    reduce_scatter_to_sequence_parallel_region(torch.empty(local, 1, 1, device="meta"), group=start.groups.tp)


def recomputation(start):
    """TransformerBlock's checkpointed forward over as many layers as each chunk has."""
    model = start.cfg.model
    if model.recompute_granularity != "full":
        return

    class Layer(torch.nn.Module):
        layer_number = 1

        def forward(self, hidden_states, context=None, **_):
            return hidden_states, context

    calls = 0

    def checkpoint(function, _distribute, *args):
        nonlocal calls
        calls += 1
        if calls > 100_000:
            raise EndlessLoop("recompute_num_layers makes no progress")
        return function(*args)

    def te_checkpoint(function, distribute, _tracker, _group, *args):
        return checkpoint(function, distribute, *args)

    real = checkpointing.tensor_parallel.checkpoint, checkpointing.te_checkpoint
    checkpointing.tensor_parallel.checkpoint, checkpointing.te_checkpoint = checkpoint, te_checkpoint
    try:
        for count in sorted({stage[3] for stage in start.derived["stages"]}):
            block = TransformerBlock.__new__(TransformerBlock)
            torch.nn.Module.__init__(block)
            block.config, block.pg_collection, block.num_layers_per_pipeline_rank = model, start.groups, count
            block.layers = torch.nn.ModuleList([Layer() for _ in range(count)])
            checkpointed_forward(block, torch.zeros(1), None, None, None, None, None, None, False)
        for layer in modules(start, MultiTokenPredictionLayer):
            with until_computing():
                recompute_prediction(layer)
    finally:
        checkpointing.tensor_parallel.checkpoint, checkpointing.te_checkpoint = real


def recompute_prediction(layer):
    """MultiTokenPredictionLayer's checkpointed forward, up to the layer itself."""
    takes_function = "forward_func" in inspect.signature(layer._checkpointed_forward).parameters
    layer._proj_and_transformer_layer = _checks_passed
    layer._checkpointed_forward(*([_checks_passed] if takes_function else [torch.zeros(1), torch.zeros(1)]))


class _Timers(stand_ins.StandIn):
    """Asked for a time: the log line begins to be written, and every check is passed."""

    def __call__(self, *_, **__):
        raise ChecksPassed


def bookkeeping(start):
    """What the loop does after the step: FLOP count and the log line."""
    cfg = start.cfg
    flop_utils.num_floating_point_operations(cfg, cfg.train.global_batch_size)
    state = _state(cfg)
    state.train_state.step = 1
    state.timers = _Timers()
    with until_computing():
        train_utils.training_log({}, {}, 1e-4, None, 1.0, False, 0, 1.0, None, None, cfg, state, None, start.models[0])
