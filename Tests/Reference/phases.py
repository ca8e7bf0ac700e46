"""Runs a launch config through the start-up of the installed megatron-bridge, phase by phase, on a machine without CUDA.

The phases are those of a real start: V runtime_config_update and ConfigContainer.validate, I initialize_megatron,
T tokenizer and vocabulary, B model build (with PEFT hook and DDP wrap), O optimizer and scheduler, D data loaders,
S the first step. Each calls the real functions; what is pretended is in stand_ins.py and fake_distributed.py, and
named here where a phase adds to it.
"""

import contextlib
import inspect
import io
import logging
import os
import types
import warnings

os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")

import stand_ins  # noqa: E402

stand_ins.install()

from stand_ins import CudaAs  # noqa: E402, F401  Others take it from here.

import fake_distributed  # noqa: E402

fake_distributed.install()

import torch  # noqa: E402

import bridge_mapping  # noqa: E402
from fake_distributed import World  # noqa: E402
from megatron.bridge.data import loaders, samplers  # noqa: E402
from megatron.bridge.data.utils import pretrain_train_valid_test_datasets_provider  # noqa: E402
from megatron.bridge.peft import utils as peft_utils  # noqa: E402
from megatron.bridge.training import finetune, initialize, optim, setup  # noqa: E402
from megatron.bridge.training.config import GPTDatasetConfig, runtime_config_update  # noqa: E402
from megatron.bridge.training.state import GlobalState  # noqa: E402
from megatron.bridge.training.tokenizers.tokenizer import build_tokenizer  # noqa: E402
from megatron.bridge.training.utils import checkpoint_utils  # noqa: E402
from megatron.bridge.utils.vocab_utils import calculate_padded_vocab_size  # noqa: E402
from megatron.core import nccl_allocator  # noqa: E402
from megatron.core import num_microbatches_calculator as microbatches  # noqa: E402
from megatron.core import parallel_state, tensor_parallel  # noqa: E402
from megatron.core.datasets.blended_dataset import BlendedDataset  # noqa: E402
from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder  # noqa: E402
from megatron.core.datasets.utils import Split  # noqa: E402
from megatron.core.models.common.embeddings.yarn_rotary_pos_embedding import YarnRotaryEmbedding  # noqa: E402
from megatron.core.process_groups_config import ProcessGroupCollection  # noqa: E402
from megatron.core.transformer.transformer_block import (  # noqa: E402
    TransformerBlockSubmodules,
    get_num_layers_to_build,
)
from megatron.core.transformer.transformer_layer import get_transformer_layer_offset  # noqa: E402

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


class ChecksPassed(Exception):
    """Raised by a stand-in once the real code has made all its checks and would begin to compute."""


class EndlessLoop(Exception):
    """The real code loops without progress."""


# --- what is pretended once, for all phases --------------------------------------------------------------------


def _choose_rng_tracker(_seed, te_rng_tracker=False, inference_rng_tracker=False, use_cudagraphable_rng=False, **_):
    """The tracker's class is chosen for real; only the seeding of a GPU's generator is left out."""
    tensor_parallel.random.initialize_rng_tracker(
        te_rng_tracker, inference_rng_tracker, use_cudagraphable_rng, force_reset=True
    )


initialize.compile_helpers = lambda: None
tensor_parallel.model_parallel_cuda_manual_seed = _choose_rng_tracker
finetune.pretrain = lambda *_, **__: None
tensor_parallel.random.CudaRNGStatesTracker.fork = lambda *_, **__: contextlib.nullcontext()
torch.nn.Module.cuda = lambda self, *_, **__: self
torch.Tensor.cuda = lambda self, *_, **__: self
_type = torch.Tensor.type


def _type_as_on_cuda(tensor, *args, **kwargs):
    """`Tensor.type()` names a meta tensor's type as if it were on a GPU."""
    result = _type(tensor, *args, **kwargs)
    return result.replace("torch.meta.", "torch.cuda.") if isinstance(result, str) else result


torch.Tensor.type = _type_as_on_cuda
nccl_allocator.init = nccl_allocator.create_nccl_mem_pool = lambda *_, **__: None  # they compile
# Parameters on meta devices have no values to share.
peft_utils.ParallelLinearAdapter._synchronize_shared_expert_parameters = lambda self: None
# The table of all positions is slow on meta tensors: it is made for one.
YarnRotaryEmbedding._set_cos_sin_cache = lambda self, _length, offset, *_, **__: self.get_emb(1, offset)
setup.checkpoint_exists = lambda path: path is not None
setup._load_checkpoint_from_path = lambda *_, **__: None
_file_exists, checkpoint_utils.file_exists = checkpoint_utils.file_exists, lambda _path: True
# Releases differ in the name of what sets up checkpointing.
checkpointing = getattr(setup, "create_checkpoint_manager", None) or setup.init_checkpointing_context


def look_for_files():
    """From now on a pretrained checkpoint must be there for validate(), as the newer releases ask."""
    checkpoint_utils.file_exists = _file_exists


class _Loader(samplers.DataLoader):
    """The real DataLoader, constructed and checked, but never iterated (that starts worker processes)."""

    def __iter__(self):
        raise ChecksPassed
        yield


samplers.DataLoader = _Loader


# --- the phases ------------------------------------------------------------------------------------------------


def ramps_up():
    """Whether the batch size grows; the newer releases take `rampup_batch_size` and ignore it."""
    kinds = getattr(microbatches, "RampupBatchsizeNumMicroBatchesCalculator", ())
    return isinstance(microbatches._GLOBAL_NUM_MICROBATCHES_CALCULATOR, kinds)


class Start:
    """One start-up. `phase` is the one running; `derived` fills as the phases pass."""

    def __init__(self, config, full_depth=False):
        self.config = config
        self.full_depth = full_depth
        self.phase = "V"
        self.derived = {}

    def run(self):
        environment = dict(os.environ)
        if "env_vars" not in bridge_mapping.ATTRIBUTES:  # the newer releases set them themselves
            os.environ.update({name: str(value) for name, value in (self.config.get("env_vars") or {}).items()})
        try:
            self.run_phases()
        finally:
            os.environ.clear()
            os.environ.update(environment)
            torch.use_deterministic_algorithms(False)

    def run_phases(self):
        for phase, step in (("V", self.validate), ("I", self.initialize), ("T", self.tokenizer), ("B", self.build),
                            ("D", self.data), ("S", self.first_step)):
            self.phase = phase
            with contextlib.redirect_stdout(io.StringIO()):
                step()

    # V
    def validate(self):
        cluster = self.config["cluster"]
        World.enter(cluster["num_nodes"] * cluster["gpus_per_node"])
        self.cfg = bridge_mapping.container(self.config)
        if self.config["recipe"]["mode"] != "pretrain":
            finetune.finetune(self.cfg, None)  # its own check; it then calls the pretended `pretrain`
        runtime_config_update(self.cfg)
        cfg = self.cfg
        self.derived["data_parallel_size"] = cfg.data_parallel_size
        self.derived["scheduler"] = [_number(cfg.scheduler.lr_decay_steps), _number(cfg.scheduler.lr_warmup_steps)]
        self.derived["changed"] = self.changed()

    # What validate() and what comes before it set without a word.
    SILENT = {
        "parallelism.virtual_pipeline_model_parallel_size": None,
        "parallelism.expert_tensor_parallel_size": None,
        "model.overlap_p2p_comm": False,
        "model.batch_p2p_comm": True,
        "model.tp_comm_overlap": False,
        "model.moe_flex_dispatcher_backend": None,
        "model.moe_router_group_topk": None,
        "model.bf16": False,
        "model.fp16": False,
        "optimizer.use_distributed_optimizer": False,
        "ddp.use_distributed_optimizer": False,
        "ddp.overlap_grad_reduce": False,
        "ddp.overlap_param_gather": False,
        "ddp.align_param_gather": False,
        "ddp.bucket_size": None,
        "ddp.grad_reduce_in_fp32": False,
        "train.train_iters": None,
        "dataset.split": None,
    }

    def changed(self):
        """The fields of SILENT (with the class's default) that now differ from the config: path to new value."""
        result = {}
        for path, default in self.SILENT.items():
            section, name = path.split(".")
            owner = getattr(self.cfg, {"parallelism": "model"}.get(section, section))
            was = (self.config[section] or {}).get(name, default)
            now = getattr(owner, name, was)
            if now != was:
                result[path] = now
        return result

    # I
    def initialize(self):
        initialize.destroy_global_state()
        initialize.initialize_megatron(self.cfg, allow_no_cuda=True)
        self.groups = ProcessGroupCollection.use_mpu_process_groups()
        state = GlobalState()
        state._cfg = self.cfg
        state.timers
        World.rank = World.size - 1  # the loggers are the last rank's
        state.wandb_logger, state.mlflow_logger
        World.rank = 0
        checkpointing(self.cfg.checkpoint)
        self.derived["expert_data_parallel_size"] = self.groups.expt_dp.size()
        count = microbatches.get_num_microbatches()
        if ramps_up():
            self.derived["first_num_microbatches"] = count
            microbatches.update_num_microbatches(int(self.cfg.train.rampup_batch_size[2]) + 1, consistency_check=False)
            count = microbatches.get_num_microbatches()
            microbatches.update_num_microbatches(0, consistency_check=False)
        self.derived["num_microbatches"] = count

    # T
    def tokenizer(self):
        cfg = self.cfg
        size = None
        if cfg.tokenizer.tokenizer_type in (None, "NullTokenizer") or cfg.tokenizer.tokenizer_model is None:
            size = build_tokenizer(cfg.tokenizer).vocab_size
        elif cfg.tokenizer.vocab_size is not None:
            size = cfg.tokenizer.vocab_size
        elif cfg.model.vocab_size is not None:
            size = cfg.model.vocab_size  # the tokenizer's files are not here: taken to fit the model
        else:
            size = 1  # nor does the model say: nothing to compare, and no padded size
        ignores_model = getattr(cfg.tokenizer, "use_tokenizer_vocab_size", False)
        cfg.model.vocab_size, cfg.model.should_pad_vocab = setup._validate_and_set_vocab_size(
            cfg.model.vocab_size, size, *([True] if ignores_model else [])
        )
        padded = cfg.model.vocab_size
        if cfg.model.should_pad_vocab:
            padded = calculate_padded_vocab_size(
                padded, cfg.model.make_vocab_size_divisible_by, cfg.model.tensor_model_parallel_size
            )
        self.derived["padded_vocab_size"] = None if size == 1 else padded
        if getattr(cfg.train, "num_epochs", None) is not None:
            loaders.build_train_valid_test_datasets_for_num_epochs(cfg, finetuning_data)

    # B
    def build(self):
        cfg = self.cfg
        cfg.model.init_model_with_meta_device = True
        self.derived["stages"] = self.stages()
        if cfg.peft is not None:  # its targets may name layers: then every layer is built
            state = types.SimpleNamespace(timers=stand_ins.StandIn())
            cfg.model.register_pre_wrap_hook(setup._create_peft_pre_wrap_hook(cfg, state))
        by_layer = cfg.peft is not None and any(c.isdigit() for target in cfg.peft.target_modules for c in target)
        spec = cfg.model.transformer_layer_spec
        stages = list(range(cfg.model.pipeline_model_parallel_size))
        if not self.full_depth and not by_layer and "vp_stage" in inspect.signature(spec).parameters:
            cfg.model.transformer_layer_spec = _one_of_each(spec)
            stages = self.distinct_stages(spec)
        self.models, self.optimizers, self.schedulers = [], [], []
        with CudaAs("meta"):
            for _ in self.places(stages):
                self.models.append(cfg.model.provide_distributed_model(
                    ddp_config=cfg.ddp,
                    use_megatron_fsdp=cfg.dist.use_megatron_fsdp,
                    use_torch_fsdp2=cfg.dist.use_torch_fsdp2,
                    overlap_param_gather_with_optimizer_step=cfg.optimizer.overlap_param_gather_with_optimizer_step,
                    data_parallel_random_init=cfg.rng.data_parallel_random_init,
                    init_model_with_meta_device=True,
                ))
            self.phase = "O"
            if len(stages) > 1:  # parameter groups are aligned over all ranks: every stage gathers before one is judged
                for i, _ in enumerate(self.places(stages)):
                    with contextlib.suppress(Exception):
                        self.set_up_optimizer(self.models[i])
            for i, _ in enumerate(self.places(stages)):
                optimizer, scheduler = self.set_up_optimizer(self.models[i])
                self.optimizers.append(optimizer)
                self.schedulers.append(scheduler)

    # O
    def set_up_optimizer(self, chunks):
        cfg = self.cfg
        name = cfg.optimizer.optimizer
        trainable = [(p, p.requires_grad) for chunk in chunks for p in chunk.parameters()]
        try:
            return optim.setup_optimizer(
                optimizer_config=cfg.optimizer,
                scheduler_config=cfg.scheduler,
                model=chunks,
                use_gloo_process_groups=cfg.dist.use_gloo_process_groups,
            )
        finally:
            cfg.optimizer.optimizer = name  # the Muon builder overwrites it
            for parameter, grad in trainable:
                parameter.requires_grad = grad

    def distinct_stages(self, spec):
        """The pipeline stages whose chunks differ in kinds of layers, or are first or last: the others repeat them."""
        model = self.cfg.model
        size, interleaved = model.pipeline_model_parallel_size, self.interleaved()
        seen = {}
        for place in self.places(range(size)):
            chunks = [_kinds(spec(model, vp_stage=chunk)) for chunk in (
                range(model.virtual_pipeline_model_parallel_size) if interleaved else [None])]
            key = (place == 0, place == size - 1, tuple(tuple(kinds) for kinds in chunks))
            seen.setdefault(key, place)
        return sorted(seen.values())

    def interleaved(self):
        model = self.cfg.model
        return model.pipeline_model_parallel_size > 1 and model.virtual_pipeline_model_parallel_size is not None

    def places(self, stages):
        """Runs as the first rank of each pipeline stage. Groups that are alike on all stages are kept."""
        ranks = list(self.groups.pp.ranks)
        for stage in stages:
            World.rank = ranks[stage]
            yield stage
        World.rank = 0

    def stages(self):
        """[pp, vp, first layer, layers] of each model chunk, by the real functions; vp 0 without interleaving."""
        model = self.cfg.model
        interleaved = self.interleaved()
        stages = []
        for place in self.places(range(model.pipeline_model_parallel_size)):
            for chunk in range(model.virtual_pipeline_model_parallel_size if interleaved else 1):
                vp = chunk if interleaved else None
                count = get_num_layers_to_build(model, vp_stage=vp, pp_rank=place)
                offset = get_transformer_layer_offset(model, vp_stage=vp, pp_rank=place)
                stages.append([place, chunk, offset, count])
        return stages

    # D
    def data(self):
        cfg = self.cfg

        is_gpt = isinstance(cfg.dataset, GPTDatasetConfig)
        provider = pretrain_train_valid_test_datasets_provider if is_gpt else finetuning_data
        chunks = len(self.models[0])
        state = types.SimpleNamespace(consumed_train_samples=0, consumed_valid_samples=0)
        with CudaAs("cpu"):
            self.iterator, *_ = loaders.setup_data_iterators(cfg, state, chunks, provider, self.groups.dp)

    # S
    def first_step(self):
        import first_step

        first_step.check(self)


class _Samples:
    """A dataset of so many samples."""

    index_split = Split.train
    unique_identifiers = {}

    def __init__(self, length):
        self.shape = (length,)

    def __len__(self):
        return self.shape[0]


PLENTY = 1 << 24


def finetuning_data(samples, dataset):
    """A dataset for each split that is asked for (its files are not here); epochs ask for none, and get all."""
    present = [True, dataset.do_validation, dataset.do_test]
    sizes = samples if any(samples) else [PLENTY] * 3
    return [_Samples(max(n, 1)) if there else None for n, there in zip(sizes, present)]


def _splits_of_a_file(_builder, _path, split, sizes, _synchronize=True):
    """What reading one data file would give: a dataset for each split that has a share of it. A file gives whole
    epochs, at least as many samples as are wanted."""
    for part in filter(None, split):
        int(round(part[0]))  # as the real one counts documents: shares of nothing are no numbers
    return [None if part is None else _Samples(max(size or 0, PLENTY)) for part, size in zip(split, sizes)]


BlendedMegatronDatasetBuilder._build_megatron_dataset_splits = _splits_of_a_file
BlendedDataset._build_indices = lambda self: (_Samples(sum(self.weights) if self.size is None else self.size), None)


def _number(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kinds(block):
    """The layer specs of a block that differ in their MLP, by a name."""
    return {repr(layer.submodules.mlp): layer for layer in block.layer_specs}


def _one_of_each(spec):
    """The real block spec, cut to one layer of each kind: every check of a layer's constructor, once."""

    def shortened(config, vp_stage=None):
        block = spec(config, vp_stage=vp_stage)
        return TransformerBlockSubmodules(layer_specs=list(_kinds(block).values()), layer_norm=block.layer_norm)

    return shortened
