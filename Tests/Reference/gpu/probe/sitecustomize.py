"""Measures a launch from inside, for `run.py`: Python imports this file at its start where it lies on PYTHONPATH.

The launch stays as it was exported. When Megatron-Bridge's pretrain module is imported, its training loop is wrapped: after
it, every rank writes its process groups, the parameters it holds, and the memory that the caching allocator counted.
"""

import importlib.abc
import importlib.util
import json
import os
import sys

FOLDER = os.environ.get("MOONLIGHT_PROBE")
MODULE = "megatron.bridge.training.pretrain"


def groups():
    from megatron.core import parallel_state as state
    import torch.distributed as dist

    getters = {
        "tp": state.get_tensor_model_parallel_group, "pp": state.get_pipeline_model_parallel_group,
        "dp": state.get_data_parallel_group, "cp": state.get_context_parallel_group,
        "ep": state.get_expert_model_parallel_group, "etp": state.get_expert_tensor_parallel_group,
        "edp": state.get_expert_data_parallel_group,
    }
    return {name: dist.get_process_group_ranks(get()) for name, get in getters.items()}


def modules(model):
    """Parameters, and the global layers of every chunk (from one), that this rank holds."""
    parameters, trained, layers, names = 0, 0, [], {}
    for chunk in model:
        for name, parameter in chunk.named_parameters():
            parameters += parameter.numel()
            trained += parameter.numel() if parameter.requires_grad else 0
            names[name] = list(parameter.shape)
        layers.append(sorted({
            module.layer_number for module in chunk.modules()
            if type(module).__name__ in ("TransformerLayer", "MoETransformerLayer")
        }))
    return {"parameters": parameters, "trained": trained, "layers": layers, "names": names}


def wrap(module):
    import torch

    train = module.train

    def measured(forward_step_func, model, *arguments, **keywords):
        rank = torch.distributed.get_rank()
        result = {"rank": rank, "groups": groups(), **modules(model)}
        result["allocated_before"] = torch.cuda.memory_allocated()
        # What building the model and loading weights took is no part of a step.
        torch.cuda.reset_peak_memory_stats()
        try:
            return train(forward_step_func, model, *arguments, **keywords)
        finally:
            free, total = torch.cuda.mem_get_info()
            result.update(
                allocated=torch.cuda.memory_allocated(), peak=torch.cuda.max_memory_allocated(),
                reserved=torch.cuda.max_memory_reserved(), device_used=total - free)
            with open(os.path.join(FOLDER, f"rank{rank}.json"), "w") as file:
                json.dump(result, file)

    module.train = measured


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            wrap(module)

        spec.loader.exec_module = exec_module
        return spec


if FOLDER:
    sys.meta_path.insert(0, Finder())
