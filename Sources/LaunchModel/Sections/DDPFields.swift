/// Data-parallel replicas: gradient reduction and sharding.
public final class DDPFields: SectionFields {
  public static let fields = DDPFields()
  public static let schema = SectionSchema(
    "ddp", of: fields, "Data-parallel replicas: gradient reduction and sharding.")

  public let useDistributedOptimizer = Field<Bool>(
    "use_distributed_optimizer", default: false,
    "Spreads optimizer states over replicas; kept equal to the optimizer's.")
  public let gradReduceInFP32 = Field<Bool>(
    "grad_reduce_in_fp32", default: false, "Reduces gradients in fp32; `mixed_precision` has the last word.")
  public let overlapGradReduce = Field<Bool>(
    "overlap_grad_reduce", default: false, "Reduces gradients while the backward pass goes on.")
  public let overlapParamGather = Field<Bool>(
    "overlap_param_gather", default: false, "Gathers weights while the forward pass goes on.")
  public let alignParamGather = Field<Bool>(
    "align_param_gather", default: false, "Lets all pipeline stages gather at once.")
  public let averageInCollective = Field<Bool>(
    "average_in_collective", default: false, "Averages inside the collective rather than before it.")
  public let checkForNanInGrad = Field<Bool>(
    "check_for_nan_in_grad", default: false, "Stops when a gradient is not a number.")
  public let bucketSize = Field<Int?>(
    "bucket_size", default: nil, in: .samples, "Parameters of one bucket; `null` for one bucket or Megatron's choice.")
  public let numDistributedOptimizerInstances = Field<Int>(
    "num_distributed_optimizer_instances", default: 1, in: .groupSize,
    "Groups of replicas that each hold a whole optimizer.")
  public let dataParallelShardingStrategy = Field<ShardingStrategy>(
    "data_parallel_sharding_strategy", default: .noShard, "What Megatron-FSDP shards.")
  public let useMegatronFSDP = Field<Bool>("use_megatron_fsdp", default: false, "Shards with Megatron-FSDP.")
  public let ncclUB = Field<Bool>("nccl_ub", default: false, "Registers NCCL user buffers.")
  public let reduceScatterWithFP32Accumulation = Field<Bool>(
    "reduce_scatter_with_fp32_accumulation", default: false, "Accumulates in fp32 while reducing in bf16.")
}
