public import ConfigDocument

/// How the model is spread over the GPUs.
public final class ParallelismFields: SectionFields {
  public static let fields = ParallelismFields()
  public static let schema = SectionSchema("parallelism", of: fields, "How the model is spread over the GPUs.")

  public let tensorModelParallelSize = Field<Int>(
    "tensor_model_parallel_size", default: 1, in: .groupSize, aliases: ["tp", "tp_size", "tensor_parallel_size"],
    "Ranks that share each dense matrix.")
  public let pipelineModelParallelSize = Field<Int>(
    "pipeline_model_parallel_size", default: 1, in: .groupSize, aliases: ["pp", "pp_size", "pipeline_parallel_size"],
    "Ranks that share the layers.")
  public let virtualPipelineModelParallelSize = Field<Int?>(
    "virtual_pipeline_model_parallel_size", default: nil, in: .groupSize, aliases: ["vp", "vpp", "vp_size"],
    "Chunks of layers on each pipeline rank; `null` for the plain schedule.")
  public let pipelineModelParallelLayout = Field<PipelineLayoutText>(
    "pipeline_model_parallel_layout", default: .none, aliases: ["layout", "pp_layout"],
    """
    Which layers each pipeline stage holds: Megatron's string (`Et*14|t*13L`), a list of lists, counts (`14+13`), \
    `auto` for the cost-balanced split, or `null` for Megatron's even split.
    """)
  public let contextParallelSize = Field<Int>(
    "context_parallel_size", default: 1, in: .groupSize, aliases: ["cp", "cp_size"],
    "Ranks that share each sequence.")
  public let expertModelParallelSize = Field<Int>(
    "expert_model_parallel_size", default: 1, in: .groupSize, aliases: ["ep", "ep_size", "expert_parallel_size"],
    "Ranks that share the routed experts.")
  public let expertTensorParallelSize = Field<Int?>(
    "expert_tensor_parallel_size", default: nil, in: .groupSize, aliases: ["etp", "etp_size"],
    "Ranks that share each routed expert; `null` takes `tensor_model_parallel_size`.")
  public let sequenceParallel = Field<Bool>(
    "sequence_parallel", default: false, aliases: ["sp"],
    "Splits norms and dropout along the sequence; needed for MoE with tensor parallelism.")
  public let accountForEmbeddingInPipelineSplit = Field<Bool>(
    "account_for_embedding_in_pipeline_split", default: false,
    "Counts the embedding as one layer of the first stage.")
  public let accountForLossInPipelineSplit = Field<Bool>(
    "account_for_loss_in_pipeline_split", default: false, "Counts the loss as one layer of the last stage.")
  public let numLayersInFirstPipelineStage = Field<Int?>(
    "num_layers_in_first_pipeline_stage", default: nil, in: .count,
    aliases: ["decoder_first_pipeline_num_layers"], "Decoder layers of the first stage, if not even.")
  public let numLayersInLastPipelineStage = Field<Int?>(
    "num_layers_in_last_pipeline_stage", default: nil, in: .count,
    aliases: ["decoder_last_pipeline_num_layers"], "Decoder layers of the last stage, if not even.")
  public let microbatchGroupSizePerVPStage = Field<Int?>(
    "microbatch_group_size_per_vp_stage", default: nil, in: .count,
    "Micro-batches a virtual stage runs in a row; `null` takes the pipeline size.")
  public let hierarchicalContextParallelSizes = Field<[Int]?>(
    "hierarchical_context_parallel_sizes", default: nil, in: .groupSize,
    "Levels of context parallelism; their product must be `context_parallel_size`.")
  public let contextParallelCommunication = Field<OneOrMany<String>?>(
    "cp_comm_type", default: nil, "How context-parallel ranks exchange keys and values; one for all layers, or a list.")
  public let pipelineDataType = Field<DataType?>(
    "pipeline_dtype", default: nil, "Format of activations between stages; `null` takes the parameters' format.")
  public let pipelineCommunicationBackend = Field<String?>(
    "pipeline_model_parallel_comm_backend", default: nil, "`nccl` or `ucc`.")
}

/// A pipeline layout as written, before it is known how many layers and stages there are.
public enum PipelineLayoutText: FieldValue, Hashable {
  /// `null`: Megatron's even split.
  case none
  /// Any of the textual notations.
  case text(String)
  /// One list of element names a stage.
  case stages([[String]])

  /// The word that stands for the cost-balanced split.
  public static let automatic = PipelineLayoutText.text("auto")

  public static var fieldType: FieldType { .optional(.union([.string, .list(.list(.string))])) }

  public init?(_ value: ConfigValue) {
    switch value {
    case .null: self = .none
    case .string(let text): self = .text(text)
    default:
      guard let stages = [[String]](value) else { return nil }
      self = .stages(stages)
    }
  }

  public var configValue: ConfigValue {
    switch self {
    case .none: .null
    case .text(let text): .string(text)
    case .stages(let stages): stages.configValue
    }
  }
}
