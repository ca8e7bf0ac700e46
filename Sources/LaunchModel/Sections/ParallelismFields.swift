public import ConfigDocument

/// How the model is spread over the GPUs.
public struct ParallelismFields: SectionFields {
  public static let fields = ParallelismFields()
  public static let schema = SectionSchema("parallelism", fields.declarations, "How the model is spread over the GPUs.")
  let declarations: [FieldDeclaration]

  public let tensorModelParallelSize: Field<Int>
  public let pipelineModelParallelSize: Field<Int>
  public let virtualPipelineModelParallelSize: Field<Int?>
  public let pipelineModelParallelLayout: Field<PipelineLayoutText>
  public let contextParallelSize: Field<Int>
  public let expertModelParallelSize: Field<Int>
  public let expertTensorParallelSize: Field<Int?>
  public let sequenceParallel: Field<Bool>
  public let accountForEmbeddingInPipelineSplit: Field<Bool>
  public let accountForLossInPipelineSplit: Field<Bool>
  public let numLayersInFirstPipelineStage: Field<Int?>
  public let numLayersInLastPipelineStage: Field<Int?>
  public let microbatchGroupSizePerVPStage: Field<Int?>
  public let hierarchicalContextParallelSizes: Field<[Int]?>
  public let contextParallelCommunication: Field<OneOrMany<String>?>
  public let pipelineDataType: Field<DataType?>
  public let pipelineCommunicationBackend: Field<String?>

  private init() {
    var list = FieldList()
    tensorModelParallelSize = list.add(
      "tensor_model_parallel_size", default: 1, in: .groupSize, aliases: ["tp", "tp_size", "tensor_parallel_size"],
      "Ranks that share each dense matrix.")
    pipelineModelParallelSize = list.add(
      "pipeline_model_parallel_size", default: 1, in: .groupSize, aliases: ["pp", "pp_size", "pipeline_parallel_size"],
      "Ranks that share the layers.")
    virtualPipelineModelParallelSize = list.add(
      "virtual_pipeline_model_parallel_size", default: nil, in: .groupSize, aliases: ["vp", "vpp", "vp_size"],
      "Chunks of layers on each pipeline rank; `null` for the plain schedule.")
    pipelineModelParallelLayout = list.add(
      "pipeline_model_parallel_layout", default: .none, aliases: ["layout", "pp_layout"],
      """
      Which layers each pipeline stage holds: Megatron's string (`Et*14|t*13L`), a list of lists, counts (`14+13`), \
      `auto` for the cost-balanced split, or `null` for Megatron's even split.
      """)
    contextParallelSize = list.add(
      "context_parallel_size", default: 1, in: .groupSize, aliases: ["cp", "cp_size"],
      "Ranks that share each sequence.")
    expertModelParallelSize = list.add(
      "expert_model_parallel_size", default: 1, in: .groupSize, aliases: ["ep", "ep_size", "expert_parallel_size"],
      "Ranks that share the routed experts.")
    expertTensorParallelSize = list.add(
      "expert_tensor_parallel_size", default: nil, in: .groupSize, aliases: ["etp", "etp_size"],
      "Ranks that share each routed expert; `null` takes `tensor_model_parallel_size`.")
    sequenceParallel = list.add(
      "sequence_parallel", default: false, aliases: ["sp"],
      "Splits norms and dropout along the sequence; needed for MoE with tensor parallelism.")
    accountForEmbeddingInPipelineSplit = list.add(
      "account_for_embedding_in_pipeline_split", default: false,
      "Counts the embedding as one layer of the first stage.")
    accountForLossInPipelineSplit = list.add(
      "account_for_loss_in_pipeline_split", default: false, "Counts the loss as one layer of the last stage.")
    numLayersInFirstPipelineStage = list.add(
      "num_layers_in_first_pipeline_stage", default: nil, in: .count,
      aliases: ["decoder_first_pipeline_num_layers"], "Decoder layers of the first stage, if not even.")
    numLayersInLastPipelineStage = list.add(
      "num_layers_in_last_pipeline_stage", default: nil, in: .count,
      aliases: ["decoder_last_pipeline_num_layers"], "Decoder layers of the last stage, if not even.")
    microbatchGroupSizePerVPStage = list.add(
      "microbatch_group_size_per_vp_stage", default: nil, in: .count,
      "Micro-batches a virtual stage runs in a row; `null` takes the pipeline size.")
    hierarchicalContextParallelSizes = list.add(
      "hierarchical_context_parallel_sizes", default: nil, in: .groupSize,
      "Levels of context parallelism; their product must be `context_parallel_size`.")
    contextParallelCommunication = list.add(
      "cp_comm_type", default: nil,
      "How context-parallel ranks exchange keys and values; one for all layers, or a list.")
    pipelineDataType = list.add(
      "pipeline_dtype", default: nil, "Format of activations between stages; `null` takes the parameters' format.")
    pipelineCommunicationBackend = list.add("pipeline_model_parallel_comm_backend", default: nil, "`nccl` or `ucc`.")
    declarations = list.declarations
  }
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
