// Written by `moonlight-dev generate` from the doc comments of the rules. Do not edit.

let ruleReferenceTable: [(code: String, title: String, text: String)] = [
  (
    "GPU-01", #"the GPUs hold a whole number of model replicas"#,
    #"""
    ## What
    `num_nodes * gpus_per_node` must be a multiple of `tensor_model_parallel_size * pipeline_model_parallel_size *
    context_parallel_size`. What is left over is the data-parallel size.

    ## Why
    One replica of the dense layers takes TP x PP x CP GPUs, and every GPU belongs to exactly one replica.

    ## Example
    ```yaml
    cluster: {num_nodes: 2, gpus_per_node: 8}
    parallelism: {tensor_model_parallel_size: 3}   # 16 / 3 is no whole number
    ```

    ## Fix
    Change the number of nodes, or choose sizes whose product divides the GPUs.

    ## Source
    megatron-bridge 0.3.1 `training/config.py`, `get_data_parallel_size`; megatron-core 0.16.1 `parallel_state.py`.
    """#
  ),
  (
    "GPU-02", #"the GPUs hold a whole number of expert replicas"#,
    #"""
    ## What
    `num_nodes * gpus_per_node` must be a multiple of `expert_tensor_parallel_size * expert_model_parallel_size *
    pipeline_model_parallel_size`, with one expert as well. Where `expert_tensor_parallel_size` is null it is
    `tensor_model_parallel_size`.

    ## Why
    Experts are laid over the GPUs independently of the dense layers: neither TP nor CP appears. Megatron-Bridge does not
    check this before it makes its process groups.

    ## Example
    ```yaml
    cluster: {num_nodes: 3, gpus_per_node: 4}
    parallelism: {tensor_model_parallel_size: 2, expert_model_parallel_size: 8, expert_tensor_parallel_size: 1}
    ```

    ## Fix
    Change the number of nodes, or the expert sizes.

    ## Source
    megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    """#
  ),
  (
    "BATCH-01", #"the global batch is a whole number of micro-batches on every replica"#,
    #"""
    ## What
    `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size, and at least once it,
    unless `decrease_batch_size_if_needed` rounds it down or `rampup_batch_size` is in force.

    ## Why
    Every replica runs the same number of micro-batches in a step.

    ## Example
    ```yaml
    train: {global_batch_size: 100, micro_batch_size: 1}   # with 8 replicas: 12.5 micro-batches
    ```

    ## Fix
    Take the nearest multiple.

    ## Source
    megatron-core 0.16.1 `num_microbatches_calculator.py`, `ConstantNumMicroBatchesCalculator`.
    """#
  ),
]
