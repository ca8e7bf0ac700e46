/// The machines the run asks for.
public final class ClusterFields: SectionFields {
  public static let fields = ClusterFields()
  public static let schema = SectionSchema("cluster", of: fields, "The machines the run asks for.")

  public let numNodes = Field<Int>(
    "num_nodes", default: 1, in: .groupSize, aliases: ["nodes", "nnodes"], "Machines.")
  public let gpusPerNode = Field<Int>(
    "gpus_per_node", default: 8, in: .groupSize, aliases: ["nproc_per_node", "num_gpus_per_node", "devices"],
    "GPUs of each machine; the world size is `num_nodes * gpus_per_node`.")
  public let gpuMemoryGiB = Field<Double>(
    "gpu_memory_gib", default: 80, in: .positive, "Memory of one GPU in GiB; estimates are held against it.")
}
