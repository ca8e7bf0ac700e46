/// How the processes find each other.
public final class DistFields: SectionFields {
  public static let fields = DistFields()
  public static let schema = SectionSchema("dist", of: fields, "How the processes find each other.")

  public let distributedTimeoutMinutes = Field<Int>(
    "distributed_timeout_minutes", default: 10, in: .size, "How long a collective may take.")
  public let useTPPPDPMapping = Field<Bool>(
    "use_tp_pp_dp_mapping", default: false, "Ranks in the order tp-cp-ep-pp-dp instead of tp-cp-ep-dp-pp.")
  public let useGlooProcessGroups = Field<Bool>(
    "use_gloo_process_groups", default: true, "Makes gloo groups beside the NCCL ones.")
  public let useSharp = Field<Bool>("use_sharp", default: false, "Reduces in the network.")
  public let sharpEnabledGroup = Field<String?>("sharp_enabled_group", default: nil, "`dp` or `dp_replica`.")
  public let useTorchFSDP2 = Field<Bool>("use_torch_fsdp2", default: false, "Shards with PyTorch's FSDP2.")
  public let useDecentralizedPG = Field<Bool>(
    "use_decentralized_pg", default: false, "Passes process groups explicitly.")
  public let enableMegatronCoreExperimental = Field<Bool>(
    "enable_megatron_core_experimental", default: false, "Allows experimental features, such as MLA rope fusion.")
}
