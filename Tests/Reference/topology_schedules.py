"""The order of forward and backward passes in Megatron's pipeline schedules."""

import itertools
import types

import torch
from megatron.core.pipeline_parallel import schedules
from topology_common import write


class RecordingTensor:
    """Stands for an activation: remembers which chunk and micro-batch it came from."""

    def __init__(self, chunk, microbatch):
        self.chunk, self.microbatch = chunk, microbatch

    def __getitem__(self, index):
        return self


def run_schedule(pipeline, chunks, microbatches, group):
    """Per rank, the order in which Megatron's own function runs its steps: F or B, chunk, micro-batch."""
    log = []

    def forward_step(func, iterator, model, *args, current_microbatch=None, vp_stage=None, **kwargs):
        log.append(("F", vp_stage or 0, current_microbatch))
        return RecordingTensor(vp_stage or 0, current_microbatch), 0

    def backward_step(input_tensor, output_tensor, *args):
        log.append(("B", output_tensor.chunk, output_tensor.microbatch))
        return "gradient"

    class Group:
        def __init__(self, rank, size):
            self._rank, self._size = rank, size

        def rank(self):
            return self._rank

        def size(self):
            return self._size

    class Communicator:
        def __init__(self, rank, config):
            self.pp_group, self.config = Group(rank, pipeline), config
            self.virtual_pipeline_model_parallel_size = config.virtual_pipeline_model_parallel_size

        def __getattr__(self, name):
            pairs = name == "send_forward_backward_recv_forward_backward"
            return lambda *args, **kwargs: ("received", "received") if pairs else "received"

    config = types.SimpleNamespace(
        overlap_p2p_comm=False,
        batch_p2p_comm=True,
        overlap_p2p_comm_warmup_flush=False,
        finalize_model_grads_func=None,
        timers=None,
        no_sync_func=None,
        grad_sync_func=None,
        param_sync_func=None,
        deallocate_pipeline_outputs=False,
        microbatch_group_size_per_vp_stage=group,
        hidden_size=1,
        sequence_parallel=False,
        variable_seq_lengths=False,
        num_microbatches_with_partial_activation_checkpoints=None,
        overlap_moe_expert_parallel_comm=False,
        virtual_pipeline_model_parallel_size=chunks if chunks > 1 or group else None,
        calculate_per_token_loss=False,
        fine_grained_activation_offloading=False,
        cuda_graph_impl="none",
        barrier_with_L1_time=False,
    )
    orders = []
    saved = {
        name: getattr(schedules, name)
        for name in [
            "forward_step",
            "backward_step",
            "deallocate_output_tensor",
            "get_model_config",
            "get_model_type",
            "torch",
        ]
    }
    schedules.forward_step, schedules.backward_step = forward_step, backward_step
    schedules.deallocate_output_tensor = lambda *args: None
    schedules.get_model_config = lambda model: config
    schedules.get_model_type = lambda model: schedules.ModelType.encoder_or_decoder
    schedules.torch = types.SimpleNamespace(zeros=lambda *args, **kwargs: 0, int=torch.int, nn=torch.nn)
    try:
        for rank in range(pipeline):
            log.clear()
            one = Group(0, 1)
            groups = types.SimpleNamespace(
                tp=one, cp=one, embd=None, pos_embd=None, pp=Group(rank, pipeline), dp_cp=one
            )
            model = [torch.nn.Module() for _ in range(chunks)]
            common = dict(
                num_microbatches=microbatches,
                seq_length=1,
                micro_batch_size=1,
                forward_step_func=None,
                p2p_communicator=Communicator(rank, config),
                pg_collection=groups,
            )
            if config.virtual_pipeline_model_parallel_size is not None:
                schedules.forward_backward_pipelining_with_interleaving(
                    data_iterator=[None] * chunks, model=model, **common
                )
            else:
                schedules.forward_backward_pipelining_without_interleaving(
                    data_iterator=None, model=model[0], **common
                )
            orders.append(" ".join(f"{kind}{chunk}.{microbatch}" for kind, chunk, microbatch in log))
    except (ValueError, RuntimeError) as error:
        if "range in [PP=" in str(error) or "remainder" in str(error):
            return None
        raise
    finally:
        for name, value in saved.items():
            setattr(schedules, name, value)
    return orders


def pipeline_schedules():
    patched = (schedules.is_pp_first_stage, schedules.is_pp_last_stage)
    schedules.is_pp_first_stage = lambda group: group.rank() == 0
    schedules.is_pp_last_stage = lambda group: group.rank() == group.size() - 1
    rows = []
    for pipeline, microbatches in itertools.product([2, 3, 4, 5], [1, 2, 3, 4, 7, 8]):
        rows.append([pipeline, None, microbatches, None, run_schedule(pipeline, 1, microbatches, None)])
    for pipeline, chunks in itertools.product([2, 3, 4], [1, 2, 3]):
        for microbatches, group in itertools.product([1, 2, 3, 4, 5, 6, 8, 10], [2, 3, 4, 5, 6]):
            rows.append([pipeline, chunks, microbatches, group, run_schedule(pipeline, chunks, microbatches, group)])
    schedules.is_pp_first_stage, schedules.is_pp_last_stage = patched
    write("schedules", rows)
