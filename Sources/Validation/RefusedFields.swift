import ConfigDocument
import LaunchModel

extension Set<FieldPath> {
  /// With the unset fields that take their values from one of these: where reading has refused a value, nothing is known of
  /// what follows from it.
  func withFollowers(in config: LaunchConfig) -> Set<FieldPath> {
    guard !isEmpty else { return self }
    var result = self
    for (field, sources) in Self.sourcesOfUnset
    where (config.value(at: field)?.value ?? .null) == .null && !result.isDisjoint(with: sources) {
      result.insert(field)
    }
    return result
  }

  /// Where each of these fields has its value from if it is null: `TransformerConfig.__post_init__` of megatron-core. A
  /// field stands behind those that it follows.
  private static var sourcesOfUnset: [(field: FieldPath, sources: [FieldPath])] {
    [
      (Path.model.ffnHiddenSize, [Path.model.hiddenSize]),
      (Path.model.moeFFNHiddenSize, [Path.model.ffnHiddenSize]),
      (Path.model.kvChannels, [Path.model.hiddenSize, Path.model.numAttentionHeads]),
      (Path.model.numQueryGroups, [Path.model.numAttentionHeads]),
      (Path.parallelism.expertTensorParallelSize, [Path.parallelism.tensorModelParallelSize]),
    ]
  }
}
