"""The runs that are compared: which layouts, on how many GPUs, with which settings.

A case is a name, a number of GPUs and what its config sets beside `COMMON`: the switches of `moonlight generate`. Cases of a
family train the same model from the same weights on the same data, so their losses are the same; the first case of a
family is the one on a single GPU that the others are compared with.
"""

from dataclasses import dataclass, field

RELEASE = "0.6.2"


def sets(**values):
    """`--set section.field=value` for each; two underscores stand for the point."""
    return [word for name, value in values.items() for word in ("--set", f"{name.replace('__', '.')}={value}")]


@dataclass(frozen=True)
class Case:
    name: str
    gpus: int
    switches: list = field(default_factory=list)
    # Left out in formats that its kernels do not have.
    formats: tuple = ("fp32", "bf16")


def parallel(tp=1, pp=1, ep=1, cp=1, etp=1, vp=None, layout=None):
    words = [
        "--tensor-model-parallel-size", tp, "--pipeline-model-parallel-size", pp, "--expert-model-parallel-size", ep,
        "--context-parallel-size", cp, "--expert-tensor-parallel-size", etp,
        "--sequence-parallel" if tp > 1 else "--no-sequence-parallel",
    ]
    if vp:
        words += ["--virtual-pipeline-model-parallel-size", vp]
    if layout:
        words += ["--layout", layout]
    return [str(word) for word in words]


ALL_REDUCED = sets(
    ddp__use_distributed_optimizer="false", optimizer__use_distributed_optimizer="false",
    optimizer__use_precision_aware_optimizer="false", optimizer__exp_avg_dtype="fp32",
    optimizer__exp_avg_sq_dtype="fp32", optimizer__main_grads_dtype="fp32", ddp__overlap_param_gather="false",
)

TINY = [
    Case("one", 1, parallel()),
    Case("tp2", 2, parallel(tp=2)),
    Case("pp2-even", 2, parallel(pp=2, layout="even")),
    Case("ep2", 2, parallel(ep=2)),
    Case("pp2-balanced", 2, parallel(pp=2, layout="balanced")),
    Case("pp2-given", 2, parallel(pp=2, layout="3+1")),
    Case("pp2-vp2", 2, parallel(pp=2, vp=2, layout="even")),
    Case("etp2", 2, parallel(tp=2, etp=2)),
    Case("dp2", 2, parallel()),
    Case("dp2-all-reduced", 2, parallel() + ALL_REDUCED),
    # Transformer Engine has context parallelism with its fused kernels alone, which are for 16 bits.
    Case("cp2", 2, parallel(cp=2), formats=("bf16",)),
    Case("pp4-even", 4, parallel(pp=4, layout="even")),
    Case("ep4", 4, parallel(ep=4)),
    Case("tp2-ep2-pp2", 8, parallel(tp=2, ep=2, pp=2, layout="even")),
]

# Eight layers of Moonlight-16B-A3B, random weights and tokens: step times and memory.
LARGE = [
    Case("one", 1, parallel(), ("bf16",)),
    Case("ep2", 2, parallel(ep=2), ("bf16",)),
    Case("pp2", 2, parallel(pp=2, layout="balanced"), ("bf16",)),
    Case("tp2-ep2", 2, parallel(tp=2, ep=2), ("bf16",)),
    Case("tp2", 2, parallel(tp=2), ("bf16",)),
    Case("pp2-vp2", 2, parallel(pp=2, vp=2, layout="balanced"), ("bf16",)),
    Case("cp2-ep2", 2, parallel(cp=2, ep=2), ("bf16",)),
    Case("dp2", 2, parallel(), ("bf16",)),
]

COMMON = [
    "--megatron-bridge", RELEASE, "--num-nodes", "1", "--lr-warmup-iters", "0",
    # Apex, which the accumulation of Megatron's own layers is written in, is not among the packages of the machine.
    *sets(
        validation__eval_iters=0, logger__log_interval=1, checkpoint__save="null", checkpoint__load="null",
        model__gradient_accumulation_fusion="false", tokenizer__tokenizer_type="NullTokenizer",
        cluster__gpu_type="h200", cluster__gpu_memory_gib=140, dataset__num_workers=0,
    ),
]
FORMATS = {
    "fp32": ["--pipeline-dtype", "fp32", *sets(
        mixed_precision__fp32="true", mixed_precision__bf16="false", mixed_precision__params_dtype="fp32",
        mixed_precision__pipeline_dtype="fp32", mixed_precision__grad_reduce_in_fp32="true",
        ddp__grad_reduce_in_fp32="true", optimizer__use_precision_aware_optimizer="false",
        optimizer__main_grads_dtype="fp32", optimizer__exp_avg_dtype="fp32", optimizer__exp_avg_sq_dtype="fp32",
    )],
    "bf16": [],
}
