/// What distinguishes one release from another.
public struct ReleaseDescription: Sendable {
  /// The version of the package megatron-bridge, by which a release is called.
  public let megatronBridge: String
  /// The version of the package megatron-core that the release is made for.
  public let megatronCore: String
  /// The versions of Python that both packages run on: 3.x for each x.
  public let pythonMinors: ClosedRange<Int>
  /// The classes of a `ConfigContainer`.
  public let classes: ContainerClasses

  // What differs in value; a new fact needs its property here and its line in every release.

  /// What an unset `expert_tensor_parallel_size` becomes.
  public let unsetExpertTensor: UnsetExpertTensor
  /// What `rampup_batch_size` does.
  public let rampUp: RampUp

  /// Whether Megatron-LM's command line takes Transformer Engine's fused cross entropy, as Megatron-Bridge does.
  public let commandLineTakesTECrossEntropy: Bool

  let fieldTable: @Sendable () -> FieldTable
}

/// What an unset `expert_tensor_parallel_size` becomes in Megatron-Bridge.
public enum UnsetExpertTensor: Sendable {
  /// The tensor parallel size.
  case followsTensor
  /// One where experts are spread (`expert_model_parallel_size` > 1), the tensor parallel size where they are not.
  case one

  /// The size of an expert's tensor group, for sizes that may themselves be wrong.
  public func size(tensor: Int, expert: Int) -> Int {
    switch self {
    case .followsTensor: tensor
    case .one: expert > 1 ? 1 : tensor
    }
  }
}

/// What becomes of `rampup_batch_size`.
public enum RampUp: Sendable {
  /// The batch grows in steps, and start-up refuses what cannot.
  case applied
  /// Accepted and passed over with a warning: every step has the whole batch.
  case ignored
}
