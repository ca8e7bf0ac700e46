"""Stand-ins that let megatron-core and megatron-bridge be imported and run on a machine without CUDA.

Only what needs CUDA, or is distributed for CUDA alone, is replaced. Every check of megatron-core and
megatron-bridge that decides a verdict is the real one. Transformer Engine's layer constructors below repeat the
checks that Transformer Engine makes in its own constructors (read from the Python source of 2.11.0: `divide` of the
split dimension, the normalisation name, the number of query groups, FusedAdam's dtypes); nothing else of it is here.

`install()` must run before the first import of `megatron`.
"""

import abc
import contextlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import sys
import types

import releases
import torch
from torch.overrides import TorchFunctionMode

RELEASE = releases.installed()
# What a stand-in answers where it is asked for its version; each is new enough for every release here.
VERSIONS = {"transformer_engine": RELEASE.transformer_engine, "nvidia_resiliency_ext": "0.6.0"}

ROOTS = (
    "transformer_engine",
    "transformer_engine_torch",
    "apex",
    "amp_C",
    "fused_weight_gradient_mlp_cuda",
    "nvidia_resiliency_ext",
    "modelopt",
    "emerging_optimizers",
    "deep_ep",
    "mlflow",
    "mamba_ssm",
    "causal_conv1d",
    "qwen_vl_utils",
    "timm",
    "open_clip",
    "wandb",
    "webdataset",
)
# What megatron-core probes for with `try: import`, and takes another road when it is absent: keep these absent.
ABSENT = ("transformer_engine.pytorch.tensor.nvfp4_tensor", "flash_attn", "flash_mla", "flashinfer")


class _AnyAttribute(abc.ABCMeta):
    """A class of an absent package may in truth be a submodule: its attributes are stand-ins as well.
    ABCMeta, since some of Megatron's classes derive from such a class and from an abstract one."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _AnyAttribute(name, (StandIn,), {})


class StandIn(metaclass=_AnyAttribute):
    """Any class of an absent package: constructs from anything, has every attribute as another stand-in."""

    def __init__(self, *args, **kwargs):
        pass

    def __class_getitem__(cls, _parameters):
        return cls

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator
        return StandIn()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class StandInModule(types.ModuleType):
    """A module all of whose names exist, as classes."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if f"{self.__name__}.{name}" in ABSENT:
            raise AttributeError(name)
        value = _AnyAttribute(name, (StandIn,), {"__module__": self.__name__})
        setattr(self, name, value)
        return value


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        root = fullname.split(".")[0]
        listed = root in ROOTS and root not in RELEASE.real or fullname.startswith("megatron.energon")
        if not listed or fullname in ABSENT:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        spec.submodule_search_locations = []
        return spec

    def create_module(self, spec):
        module = StandInModule(spec.name)
        if spec.name in VERSIONS:
            module.__version__ = VERSIONS[spec.name]
        return module

    def exec_module(self, module):
        pass


# --- Transformer Engine: modules with the checks of its constructors --------------------------------------------


def _divide(numerator, denominator):
    assert numerator % denominator == 0, f"{numerator} is not divisible by {denominator}"
    return numerator // denominator


def _group_size(tp_group, tp_size):
    return tp_size if tp_group is None else tp_group.size()


class _TEModule(torch.nn.Module):
    def set_tensor_parallel_group(self, group):
        self.tp_group = group

    def reset_parameters(self, defer_init=False):
        pass

    def _parameter(self, *shape, dtype=None):
        return torch.nn.Parameter(torch.empty(*shape, dtype=dtype or torch.float32, device="meta"))


class Linear(_TEModule):
    save_original_input = False

    def __init__(self, in_features, out_features, sequence_parallel=False, tp_group=None, tp_size=1, bias=True,
                 return_bias=False, params_dtype=None, parallel_mode=None, **_):
        super().__init__()
        self.tp_size = _group_size(tp_group, tp_size)
        self.tp_group = tp_group
        assert parallel_mode in ("row", "column", None), f"parallel_mode {parallel_mode} not supported"
        self.parallel_mode = parallel_mode
        self.in_features, self.out_features = in_features, out_features
        if parallel_mode == "column":
            self.out_features = _divide(out_features, self.tp_size)
        elif parallel_mode == "row":
            self.in_features = _divide(in_features, self.tp_size)
        self.sequence_parallel = self.tp_size > 1 and sequence_parallel
        self.use_bias, self.return_bias, self.te_return_bias = bias, return_bias, return_bias and bias
        self.weight = self._parameter(self.out_features, self.in_features, dtype=params_dtype)
        self.weight_names, self.bias_names = ["weight"], ["bias"]
        if bias:
            self.bias = self._parameter(self.out_features, dtype=params_dtype)
        else:
            self.register_parameter("bias", None)


class LayerNormLinear(Linear):
    # Transformer Engine's own LayerNormLinear does not derive from its Linear; here it saves repeating the shapes.
    def __init__(self, in_features, out_features, eps=1e-5, normalization="LayerNorm", params_dtype=None, **kwargs):
        assert normalization in ("LayerNorm", "RMSNorm"), "Unsupported normalization type!"
        super().__init__(in_features, out_features, params_dtype=params_dtype, **kwargs)
        self.normalization = normalization
        self.layer_norm_weight = self._parameter(in_features, dtype=params_dtype)
        if normalization == "LayerNorm":
            self.layer_norm_bias = self._parameter(in_features, dtype=params_dtype)


class GroupedLinear(_TEModule):
    save_original_input = False

    def __init__(self, num_gemms, in_features, out_features, sequence_parallel=False, tp_group=None, tp_size=1,
                 bias=True, return_bias=False, params_dtype=None, parallel_mode=None, **_):
        super().__init__()
        self.num_gemms = num_gemms
        self.tp_size = _group_size(tp_group, tp_size)
        self.tp_group = tp_group
        assert parallel_mode in ("row", "column", None), f"parallel_mode {parallel_mode} not supported"
        self.in_features, self.out_features = in_features, out_features
        if parallel_mode == "column":
            self.out_features = _divide(out_features, self.tp_size)
        elif parallel_mode == "row":
            self.in_features = _divide(in_features, self.tp_size)
        self.use_bias, self.return_bias, self.te_return_bias = bias, return_bias, return_bias and bias
        for i in range(num_gemms):
            self.register_parameter(f"weight{i}", self._parameter(self.out_features, self.in_features,
                                                                  dtype=params_dtype))
            if bias:
                self.register_parameter(f"bias{i}", self._parameter(self.out_features, dtype=params_dtype))


class _Norm(_TEModule):
    def __init__(self, hidden_size=None, eps=1e-5, params_dtype=None, normalized_shape=None, **_):
        super().__init__()
        size = hidden_size if hidden_size is not None else normalized_shape
        self.weight = self._parameter(size, dtype=params_dtype)


class RMSNorm(_Norm):
    pass


class LayerNorm(_Norm):
    def __init__(self, hidden_size=None, params_dtype=None, **kwargs):
        super().__init__(hidden_size, params_dtype=params_dtype, **kwargs)
        self.bias = self._parameter(*self.weight.shape, dtype=params_dtype)


class DotProductAttention(_TEModule):
    def __init__(self, num_attention_heads, kv_channels, num_gqa_groups=None, tp_size=1, tp_group=None,
                 attention_type="self", cp_comm_type="p2p", **_):
        super().__init__()
        self.tp_size = _group_size(tp_group, tp_size)
        groups = num_attention_heads if num_gqa_groups is None else num_gqa_groups
        assert num_attention_heads % groups == 0, (
            "The number of attention heads must be divisible by the number of GQA groups!"
        )
        self.num_gqa_groups_per_partition = groups // self.tp_size


class Operation(_TEModule):
    """An operation of `transformer_engine.pytorch.ops`, which megatron-core puts between its linears."""

    def __init__(self, *_, **__):
        super().__init__()


class FusedAdam(torch.optim.AdamW):
    """FusedAdam's constructor: its parameters and its checks of the state dtypes."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, *,
                 bias_correction=True, adam_w_mode=True, capturable=False, master_weights=False,
                 master_weight_dtype=torch.float32, exp_avg_dtype=torch.float32, exp_avg_sq_dtype=torch.float32,
                 use_decoupled_grad=False, store_param_remainders=False, set_grad_none=None):
        if master_weights and master_weight_dtype not in (torch.float32, torch.float16):
            raise RuntimeError("FusedAdam only supports fp32/fp16 master weights.")
        if exp_avg_dtype not in (torch.float32, torch.float16, torch.bfloat16, torch.uint8):
            raise RuntimeError("FusedAdam only supports fp32/fp16/bf16/fp8 exp_avg.")
        if exp_avg_sq_dtype not in (torch.float32, torch.float16, torch.bfloat16, torch.uint8):
            raise RuntimeError("FusedAdam only supports fp32/fp16/bf16/fp8 exp_avg_sq.")
        # torch.optim.Optimizer alone: torch's AdamW refuses numbers (a negative lr, beta 1) that FusedAdam takes.
        torch.optim.Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps,
                                                      "weight_decay": weight_decay})
        self.capturable, self.master_weights = capturable, master_weights

    def initialize_state(self, *_):
        pass


class FusedSGD(torch.optim.Optimizer):
    """FusedSGD's constructor and its checks."""

    def __init__(self, params, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, **_):
        if lr is None or lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})


class OrthogonalizedOptimizer(torch.optim.Optimizer):
    """emerging_optimizers' base class of Muon: constructor only."""

    def __init__(self, params, lr, momentum_beta, use_nesterov=True, weight_decay=0.0, weight_decay_method="decoupled",
                 fp32_matmul_prec="medium", scaled_orthogonalize_fn=None, **_):
        self.scaled_orthogonalize_fn = scaled_orthogonalize_fn
        super().__init__(params, {"lr": lr, "momentum": momentum_beta, "weight_decay": weight_decay})


class Fp8Padding(_TEModule):
    def __init__(self, *_, **__):
        super().__init__()


class CudaRNGStatesTracker:
    def __init__(self, *_, **__):
        self.reset()

    def reset(self):
        self.states_, self.seeds_ = {}, set()

    def get_states(self):
        return self.states_

    def set_states(self, states):
        self.states_ = states

    def is_initialized(self):
        return False

    def fork(self, *_, **__):
        return contextlib.nullcontext()


def _te_checks():
    """Puts the classes above where megatron imports them from."""
    import transformer_engine as te
    import transformer_engine.common.recipe
    import transformer_engine.pytorch as pytorch
    import transformer_engine.pytorch.attention
    import transformer_engine.pytorch.distributed
    import transformer_engine.pytorch.fp8
    import transformer_engine.pytorch.ops as operations
    import transformer_engine.pytorch.optimizers as optimizers

    version = importlib.metadata.version
    importlib.metadata.version = lambda name: te.__version__ if name == "transformer-engine" else version(name)
    te.pytorch, te.common = pytorch, sys.modules["transformer_engine.common"]
    te.common.recipe = sys.modules["transformer_engine.common.recipe"]
    pytorch.distributed = sys.modules["transformer_engine.pytorch.distributed"]
    pytorch.attention = sys.modules["transformer_engine.pytorch.attention"]
    pytorch.fp8 = sys.modules["transformer_engine.pytorch.fp8"]
    for cls in (Linear, LayerNormLinear, GroupedLinear, RMSNorm, LayerNorm, DotProductAttention, Fp8Padding):
        setattr(pytorch, cls.__name__, cls)
    for name in ("BasicLinear", "Bias", "GEGLU", "GELU", "GroupedLinear", "LayerNorm", "RMSNorm", "ReGLU", "ReLU", "ScaledClampedQGeGLU",
                 "ScaledSReLU", "ScaledSwiGLU", "SiLU", "SwiGLU"):
        setattr(operations, name, type(name, (Operation,), {}))
    pytorch.Fp8Unpadding = Fp8Padding
    pytorch.distributed.CudaRNGStatesTracker = CudaRNGStatesTracker
    optimizers.FusedAdam, optimizers.FusedSGD = FusedAdam, FusedSGD
    import transformer_engine.pytorch.cpu_offload as cpu_offload

    cpu_offload.get_cpu_offload_context = lambda *_, **__: (contextlib.nullcontext(), lambda tensor: tensor)
    if "emerging_optimizers" not in RELEASE.real:
        import emerging_optimizers.orthogonalized_optimizers as orthogonalized

        orthogonalized.OrthogonalizedOptimizer = OrthogonalizedOptimizer


class CudaAs(TorchFunctionMode):
    """Tensor factories that name the device `cuda` get `device` instead."""

    def __init__(self, device):
        super().__init__()
        self.device = device

    def __torch_function__(self, function, _types, args=(), kwargs=None):
        kwargs = kwargs or {}
        device = kwargs.get("device")
        if device is not None and str(device).startswith("cuda"):
            kwargs["device"] = self.device
        if kwargs.get("pin_memory"):
            kwargs["pin_memory"] = False  # pinning needs a driver
        return function(*args, **kwargs)


def _cuda_without_cuda():
    """torch.cuda's questions, answered for a machine of one device that holds no memory (`meta`)."""
    import torch._dynamo  # noqa: F401  It tables torch's functions at import: before they are replaced here.

    cuda = torch.cuda
    cuda.current_device = lambda: torch.device("meta")
    cuda.device_count = lambda: 8
    cuda.is_available = lambda: False
    cuda.synchronize = cuda.empty_cache = cuda.set_device = cuda.set_stream = lambda *_, **__: None
    cuda.current_stream = cuda.default_stream = lambda *_, **__: StandIn()
    cuda.Stream = cuda.Event = StandIn
    cuda.stream = lambda *_: StandIn()
    cuda.get_device_capability = lambda *_: (9, 0)
    cuda.get_device_properties = lambda *_: types.SimpleNamespace(name="NVIDIA H100", major=9, minor=0)


_installed = False


def install():
    """Installs the stand-ins once; later calls do nothing."""
    global _installed
    if _installed:
        return
    _installed = True
    sys.meta_path.insert(0, StandInFinder())
    _te_checks()
    _cuda_without_cuda()


def hold_weights():
    """Transformer Engine's modules hold real parameters on the CPU, and process groups are gloo's: what builds, loads and
    saves a model runs in truth, nothing that computes. For a process of its own, behind `install()`."""

    def parameter(_self, *shape, dtype=None):
        return torch.nn.Parameter(torch.zeros(*shape, dtype=dtype or torch.float32))

    _TEModule._parameter = parameter
    # What the real modules keep of FP8: nothing.
    _TEModule.get_extra_state = lambda _: torch.empty(0, dtype=torch.uint8)
    _TEModule.set_extra_state = lambda *_: None
    _TEModule.init_fp8_metadata = lambda *_, **__: None
    _TEModule.fp8 = _TEModule.fp8_calibration = False
    _TEModule.fp8_meta = {"fp8_checkpoint": False}
    start = torch.distributed.init_process_group
    torch.distributed.init_process_group = lambda *_, **keywords: start(**{**keywords, "backend": "gloo"})
    torch.cuda.get_rng_state = lambda *_, **__: torch.get_rng_state()
    torch.cuda.manual_seed = torch.cuda.set_rng_state = lambda *_, **__: None
    torch.cuda.current_device = lambda: torch.device("cpu")
    torch.nn.Module.cuda = lambda self, *_: self
    torch.Tensor.cuda = lambda self, *_, **__: self
    CudaAs("cpu").__enter__()
