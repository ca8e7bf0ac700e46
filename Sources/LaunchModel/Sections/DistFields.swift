/// How the processes find each other.
public struct DistFields: SectionFields {
  public static let fields = DistFields()
  public static let schema = SectionSchema("dist", fields.declarations, "How the processes find each other.")
  let declarations: [FieldDeclaration]

  public let distributedTimeoutMinutes: Field<Int>
  public let useTPPPDPMapping: Field<Bool>
  public let useGlooProcessGroups: Field<Bool>
  public let useSharp: Field<Bool>
  public let sharpEnabledGroup: Field<String?>
  public let useTorchFSDP2: Field<Bool>
  public let useDecentralizedPG: Field<Bool>
  public let enableMegatronCoreExperimental: Field<Bool>

  private init() {
    var list = FieldList()
    distributedTimeoutMinutes = list.add(
      "distributed_timeout_minutes", default: 10, in: .size, "How long a collective may take.")
    useTPPPDPMapping = list.add(
      "use_tp_pp_dp_mapping", default: false, "Ranks in the order tp-cp-ep-pp-dp instead of tp-cp-ep-dp-pp.")
    useGlooProcessGroups = list.add("use_gloo_process_groups", default: true, "Makes gloo groups beside the NCCL ones.")
    useSharp = list.add("use_sharp", default: false, "Reduces in the network.")
    sharpEnabledGroup = list.add("sharp_enabled_group", default: nil, "`dp` or `dp_replica`.")
    useTorchFSDP2 = list.add("use_torch_fsdp2", default: false, "Shards with PyTorch's FSDP2.")
    useDecentralizedPG = list.add("use_decentralized_pg", default: false, "Passes process groups explicitly.")
    enableMegatronCoreExperimental = list.add(
      "enable_megatron_core_experimental", default: false, "Allows experimental features, such as MLA rope fusion.")
    declarations = list.declarations
  }
}
