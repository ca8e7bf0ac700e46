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

  // MARK: What launch scripts need

  public let masterPort = Field<Int>(
    "master_port", default: 29_500, in: Bounds(lower: 1024, upper: 65_535), "Port on the first node at which ranks meet.")
  public let account = Field<String?>("account", default: nil, "Slurm account; `none` for a cluster without accounts.")
  public let partition = Field<String?>("partition", default: nil, "Slurm partition; `null` for the cluster's default.")
  public let qos = Field<String?>("qos", default: nil, "Slurm quality of service.")
  public let timeLimit = Field<String?>(
    "time_limit", default: nil, "As Slurm takes it: minutes, `4:00:00`, `2-12:00:00`; `null` for the cluster's default.")
  public let gpuRequest = Field<GPURequest>(
    "gpu_request", default: .gpusPerNode, "How Slurm is asked for GPUs; `none` where nodes are given whole.")
  public let gpuType = Field<String?>("gpu_type", default: nil, "Which GPUs to ask for, such as `h100`.")
  public let cpusPerTask = Field<Int?>(
    "cpus_per_task", default: nil, in: .groupSize, "CPU cores of each node; one task runs on a node.")
  public let exclusive = Field<Bool>("exclusive", default: true, "Nodes are shared with no other job.")
  public let sbatchOptions = Field<[String]>(
    "sbatch_options", default: [], "Further options of `sbatch`, each as `--name=value`.")
  public let requeue = Field<Bool>(
    "requeue", default: false, "At the time limit saves a checkpoint and queues the job again, which resumes from it.")
  public let requeueNoticeSeconds = Field<Int>(
    "requeue_notice_seconds", default: 600, in: Bounds(lower: 1, upper: 65_535),
    "How long before the time limit the run is told to save; must cover one step and one checkpoint.")
  public let containerImage = Field<String?>(
    "container_image", default: nil, "Image with Megatron-Bridge; `none` where the nodes have the packages themselves.")
  public let containerRuntime = Field<ContainerRuntime?>(
    "container_runtime", default: nil, "`null` for pyxis under Slurm and Docker elsewhere.")
  public let containerMounts = Field<[String]>(
    "container_mounts", default: [], "Folders that the container sees: `/data`, `/scratch:/data` or `/scratch:/data:ro`.")
  public let setupCommands = Field<[String]>(
    "setup_commands", default: [],
    "Lines of shell that run on every node before training, as they are: `module load`, `source venv/bin/activate`.")
}
