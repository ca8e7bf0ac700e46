/// A size that is taken from others where it is null.
///
/// Source: `TransformerConfig.__post_init__` of megatron-core (0.16.1 to 0.19.2 `transformer/transformer_config.py`).
package struct UnsetSize: Sendable {
  package let field: FieldPath
  /// The fields that it follows.
  package let sources: [FieldPath]
  private let written: @Sendable (borrowing LaunchConfig) -> Int?
  private let following: @Sendable (borrowing LaunchConfig) -> Int

  /// Every such size, each behind those that it follows.
  package static let all = [
    ffnHiddenSize, moeFFNHiddenSize, kvChannels, numQueryGroups, expertTensorParallelSize,
  ]

  package static let ffnHiddenSize = UnsetSize(
    field: Path.model.ffnHiddenSize, sources: [Path.model.hiddenSize],
    written: { $0.model.ffnHiddenSize }, following: { 4 * $0.model.hiddenSize })

  package static let moeFFNHiddenSize = UnsetSize(
    field: Path.model.moeFFNHiddenSize, sources: [Path.model.ffnHiddenSize],
    written: { $0.model.moeFFNHiddenSize }, following: { ffnHiddenSize.size(in: $0) })

  /// 0 where there is no head.
  package static let kvChannels = UnsetSize(
    field: Path.model.kvChannels, sources: [Path.model.hiddenSize, Path.model.numAttentionHeads],
    written: { $0.model.kvChannels },
    following: { $0.model.numAttentionHeads > 0 ? $0.model.hiddenSize / $0.model.numAttentionHeads : 0 })

  package static let numQueryGroups = UnsetSize(
    field: Path.model.numQueryGroups, sources: [Path.model.numAttentionHeads],
    written: { $0.model.numQueryGroups }, following: { $0.model.numAttentionHeads })

  /// As the release has it.
  package static let expertTensorParallelSize = UnsetSize(
    field: Path.parallelism.expertTensorParallelSize,
    sources: [Path.parallelism.tensorModelParallelSize, Path.parallelism.expertModelParallelSize],
    written: { $0.parallelism.expertTensorParallelSize },
    following: {
      $0.release.unsetExpertTensor.size(
        tensor: $0.parallelism.tensorModelParallelSize, expert: $0.parallelism.expertModelParallelSize)
    })

  /// What is written, or what follows.
  package func size(in config: borrowing LaunchConfig) -> Int { written(config) ?? following(config) }
}
