/// Data-parallel replicas: gradient reduction and sharding.
public struct DDPFields: SectionFields {
  public static let fields = DDPFields()
  public static let schema = SectionSchema(
    "ddp", fields.declarations, "Data-parallel replicas: gradient reduction and sharding.")
  let declarations: [FieldDeclaration]

  public let useDistributedOptimizer: Field<Bool>
  public let gradReduceInFP32: Field<Bool>
  public let overlapGradReduce: Field<Bool>
  public let overlapParamGather: Field<Bool>
  public let alignParamGather: Field<Bool>
  public let averageInCollective: Field<Bool>
  public let checkForNanInGrad: Field<Bool>
  public let bucketSize: Field<Int?>
  public let numDistributedOptimizerInstances: Field<Int>
  public let dataParallelShardingStrategy: Field<ShardingStrategy>
  public let useMegatronFSDP: Field<Bool>
  public let ncclUB: Field<Bool>
  public let reduceScatterWithFP32Accumulation: Field<Bool>

  private init() {
    var list = FieldList()
    useDistributedOptimizer = list.add(
      "use_distributed_optimizer", default: false,
      "Spreads optimizer states over replicas; kept equal to the optimizer's.")
    gradReduceInFP32 = list.add(
      "grad_reduce_in_fp32", default: false, "Reduces gradients in fp32; `mixed_precision` has the last word.")
    overlapGradReduce = list.add(
      "overlap_grad_reduce", default: false, "Reduces gradients while the backward pass goes on.")
    overlapParamGather = list.add(
      "overlap_param_gather", default: false, "Gathers weights while the forward pass goes on.")
    alignParamGather = list.add("align_param_gather", default: false, "Lets all pipeline stages gather at once.")
    averageInCollective = list.add(
      "average_in_collective", default: false, "Averages inside the collective rather than before it.")
    checkForNanInGrad = list.add("check_for_nan_in_grad", default: false, "Stops when a gradient is not a number.")
    bucketSize = list.add(
      "bucket_size", default: nil, in: .samples, "Parameters of one bucket; `null` for one bucket or Megatron's choice."
    )
    numDistributedOptimizerInstances = list.add(
      "num_distributed_optimizer_instances", default: 1, in: .groupSize,
      "Groups of replicas that each hold a whole optimizer.")
    dataParallelShardingStrategy = list.add(
      "data_parallel_sharding_strategy", default: .noShard, "What Megatron-FSDP shards.")
    useMegatronFSDP = list.add("use_megatron_fsdp", default: false, "Shards with Megatron-FSDP.")
    ncclUB = list.add("nccl_ub", default: false, "Registers NCCL user buffers.")
    reduceScatterWithFP32Accumulation = list.add(
      "reduce_scatter_with_fp32_accumulation", default: false, "Accumulates in fp32 while reducing in bf16.")
    declarations = list.declarations
  }
}
