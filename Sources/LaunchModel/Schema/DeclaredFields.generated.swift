// Written by `moonlight-dev generate` from the fields of the releases' classes. Do not edit.

extension DeclaredFields {
  /// By the version of Megatron-Bridge.
  static let texts = [
    "0.3.1": #"""
    optimizer	use_layer_wise_distributed_optimizer
    """#,
    "0.5.1": #"""
    model	moe_use_legacy_grouped_gemm
    validation	eval_interval	null
    dataset	num_workers	2
    """#,
    "0.6.2": #"""
    model	moe_use_legacy_grouped_gemm
    validation	eval_interval	null
    dataset	num_workers	2
    dataset	val_proportion	null
    """#,
  ]
}
