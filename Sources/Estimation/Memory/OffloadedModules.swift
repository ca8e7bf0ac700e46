import ConfigDocument
package import LaunchModel

/// Which saved activations wait in host memory for the backward pass: `fine_grained_activation_offloading` with its
/// `offload_modules`, each of which stands for the input of an operation (megatron-core 0.16.1,
/// `pipeline_parallel/fine_grained_activation_offload.py`).
package struct OffloadedModules: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The input of the norm in front of attention.
  package static let attentionNorm = OffloadedModules(rawValue: 1)
  /// The input of the projections of queries, keys and values.
  package static let queryKeyValueLinear = OffloadedModules(rawValue: 2)
  /// Queries, keys and values.
  package static let coreAttention = OffloadedModules(rawValue: 4)
  /// The input of attention's output projection.
  package static let attentionProjection = OffloadedModules(rawValue: 8)
  /// The input of the norm in front of the MLP.
  package static let mlpNorm = OffloadedModules(rawValue: 16)
  /// The input of the routed experts' first matrix.
  package static let expertFC1 = OffloadedModules(rawValue: 32)
  /// The input of the routed experts' activation.
  package static let moeActivation = OffloadedModules(rawValue: 64)

  private static let names: [String: OffloadedModules] = [
    "attn_norm": .attentionNorm, "qkv_linear": .queryKeyValueLinear, "core_attn": .coreAttention,
    "attn_proj": .attentionProjection, "mlp_norm": .mlpNorm, "expert_fc1": .expertFC1, "moe_act": .moeActivation,
  ]

  package init(_ config: borrowing LaunchConfig) {
    self = []
    guard config.model.fineGrainedActivationOffloading,
      case .list(let names)? = config.model.carried("offload_modules")
    else { return }
    for case .string(let name) in names { formUnion(Self.names[name] ?? []) }
  }
}
