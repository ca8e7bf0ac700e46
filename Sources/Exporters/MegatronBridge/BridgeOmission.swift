import LaunchModel
import Releases

/// Fields that none of a release's classes has.
enum BridgeOmission {
  static func reason(_ path: FieldPath, in release: Release) -> Message? {
    switch path {
    case Path.model.maxPositionEmbeddings:
      "Megatron-Bridge takes positions from seq_length; its provider has no such field"
    case Path.optimizer.muonCoefficientType:
      """
      OptimizerConfig of megatron-core \(release.megatronCore) has no such field; its Muon always takes the schedule \
      `quintic`
      """
    default: nil
    }
  }

  /// Fields that a process has to find out for itself.
  static let runtime: Set<FieldPath> = [
    FieldPath("dist", "local_rank"), FieldPath("comm_overlap", "data_parallel_size"),
  ]

  /// What DoRA's class lacks of LoRA's.
  static let loraOnly: Set<String> = ["a2a_experimental", "lora_dtype"]
}
