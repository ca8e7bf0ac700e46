import LaunchModel
import Releases

/// What is said of fields that none of a release's classes has.
enum BridgeOmission {
  static func reason(_ path: FieldPath, in release: Release, owner: String) -> Message {
    switch path {
    case Path.model.maxPositionEmbeddings:
      "Megatron-Bridge takes positions from seq_length; its provider has no such field"
    case Path.optimizer.muonCoefficientType:
      """
      OptimizerConfig of megatron-core \(release.megatronCore) has no such field; its Muon always takes the schedule \
      `quintic`
      """
    default: "\(owner) of megatron-bridge \(release.megatronBridge) has no such field"
    }
  }

  /// Fields that a process has to find out for itself.
  static let runtime: Set<FieldPath> = [
    FieldPath("dist", "local_rank"), FieldPath("comm_overlap", "data_parallel_size"),
  ]
}
