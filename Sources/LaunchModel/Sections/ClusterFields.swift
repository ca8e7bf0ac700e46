/// The machines the run asks for.
public struct ClusterFields: SectionFields {
  public static let fields = ClusterFields()
  public static let schema = SectionSchema("cluster", fields.declarations, "The machines the run asks for.")
  let declarations: [FieldDeclaration]

  public let numNodes: Field<Int>
  public let gpusPerNode: Field<Int>
  public let gpuMemoryGiB: Field<Double>
  public let nvlinkDomainGPUs: Field<Int?>

  // MARK: What launch scripts need

  public let masterPort: Field<Int>
  public let account: Field<String?>
  public let partition: Field<String?>
  public let qos: Field<String?>
  public let timeLimit: Field<String?>
  public let gpuRequest: Field<GPURequest>
  public let gpuType: Field<String?>
  public let cpusPerTask: Field<Int?>
  public let exclusive: Field<Bool>
  public let sbatchOptions: Field<[String]>
  public let requeue: Field<Bool>
  public let requeueNoticeSeconds: Field<Int>
  public let containerImage: Field<String?>
  public let containerRuntime: Field<ContainerRuntime?>
  public let containerMounts: Field<[String]>
  public let setupCommands: Field<[String]>

  private init() {
    var list = FieldList()
    numNodes = list.add("num_nodes", default: 1, in: .groupSize, aliases: ["nodes", "nnodes"], "Machines.")
    gpusPerNode = list.add(
      "gpus_per_node", default: 8, in: .groupSize, aliases: ["nproc_per_node", "num_gpus_per_node", "devices"],
      "GPUs of each machine; the world size is `num_nodes * gpus_per_node`.")
    gpuMemoryGiB = list.add(
      "gpu_memory_gib", default: 80, in: .positive, "Memory of one GPU in GiB; estimates are held against it.")

    nvlinkDomainGPUs = list.add(
      "nvlink_domain_gpus", default: nil, in: .groupSize,
      "GPUs that NVLink joins: 72 in a rack of GB200 NVL72; `null` for those of a node.")

    // What launch scripts need
    masterPort = list.add(
      "master_port", default: 29_500, in: Bounds(lower: 1024, upper: 65_535),
      "Port on the first node at which ranks meet.")
    account = list.add("account", default: nil, "Slurm account; `none` for a cluster without accounts.")
    partition = list.add("partition", default: nil, "Slurm partition; `null` for the cluster's default.")
    qos = list.add("qos", default: nil, "Slurm quality of service.")
    timeLimit = list.add(
      "time_limit", default: nil,
      "As Slurm takes it: minutes, `4:00:00`, `2-12:00:00`; `null` for the cluster's default.")
    gpuRequest = list.add(
      "gpu_request", default: .gpusPerNode, "How Slurm is asked for GPUs; `none` where nodes are given whole.")
    gpuType = list.add("gpu_type", default: nil, "Which GPUs to ask for, such as `h100`.")
    cpusPerTask = list.add(
      "cpus_per_task", default: nil, in: .groupSize, "CPU cores of each node; one task runs on a node.")
    exclusive = list.add("exclusive", default: true, "Nodes are shared with no other job.")
    sbatchOptions = list.add("sbatch_options", default: [], "Further options of `sbatch`, each as `--name=value`.")
    requeue = list.add(
      "requeue", default: false, "At the time limit saves a checkpoint and queues the job again, which resumes from it."
    )
    requeueNoticeSeconds = list.add(
      "requeue_notice_seconds", default: 600, in: Bounds(lower: 1, upper: 65_535),
      "How long before the time limit the run is told to save; must cover one step and one checkpoint.")
    containerImage = list.add(
      "container_image", default: nil,
      "Image with Megatron-Bridge; `none` where the nodes have the packages themselves.")
    containerRuntime = list.add("container_runtime", default: nil, "`null` for pyxis under Slurm and Docker elsewhere.")
    containerMounts = list.add(
      "container_mounts", default: [],
      "Folders that the container sees: `/data`, `/scratch:/data` or `/scratch:/data:ro`.")
    setupCommands = list.add(
      "setup_commands", default: [],
      "Lines of shell that run on every node before training, as they are: `module load`, `source venv/bin/activate`.")
    declarations = list.declarations
  }
}

extension Section<ClusterFields> {
  /// GPUs that NVLink joins, at least one.
  public var gpusPerNVLinkDomain: Int { max(self.nvlinkDomainGPUs ?? self.gpusPerNode, 1) }
}
