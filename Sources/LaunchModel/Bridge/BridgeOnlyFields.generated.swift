// Written by `moonlight-dev generate` from Tests/Reference/megatron-fields.json. Do not edit.
// Section, then the fields of its classes that no launch config has: megatron-core 0.16.1, megatron-bridge 0.3.1.

let bridgeOnlyFieldTable = """
  model timers finalize_model_grads_func grad_scale_func no_sync_func grad_sync_func param_sync_func init_method output_layer_init_method embedding_init_method transformer_layer_spec
  train
  optimizer timers
  scheduler lr_warmup_steps lr_decay_steps wd_incr_steps wsd_decay_steps
  ddp
  mixed_precision
  comm_overlap
  peft params_to_save
  dataset split_matrix mock tokenizer token_dtype_code dataset_dict hf_filter_lambda
  tokenizer
  checkpoint
  logger
  rng
  dist
  profiling
  rerun_state_machine
  """
